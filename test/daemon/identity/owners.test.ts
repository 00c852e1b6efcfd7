/** Who made what, on a real daemon: of what did not exist before, and as long as it is there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordsIn } from '../ledger/book.ts';
import { describeReleases } from '../releases.ts';
import { type NamedHost, startNamedHost } from './namedHost.ts';
import { bulwarkSays, issueToken } from './token.ts';

/** Bulwark looks some seconds later what is still there. */
const soon = { timeout: 40_000, interval: 500 };

describeReleases('who made it', (release) => {
  let host: NamedHost;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    host = await startNamedHost(release, async (data) => {
      for (const user of ['alice', 'bob']) tokens.set(user, await issueToken(data, user, '--groups', 'web'));
    });
  });
  afterAll(() => host?.stop());

  const docker = (user: string, ...args: readonly string[]) =>
    host.byToken(tokens.get(user) ?? '', args, { DOCKER_BUILDKIT: '0' });
  /** What an administrator asks. */
  const says = (...args: readonly string[]) => bulwarkSays(...args, '--data', host.data);

  /** What a command of the docker CLI answers somebody, which must work. */
  async function as(user: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await docker(user, ...args);
    expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout.trim();
  }

  /** `KIND NAME: SUBJECT`, and whether it is gone, in the order of words. */
  async function owned(...more: readonly string[]): Promise<readonly string[]> {
    const { items } = JSON.parse(await says('owner', 'ls', '--output', 'json', ...more));
    return items
      .map(({ kind, id, name, subject, gone }: Readonly<Record<string, string | null>>) =>
        [kind, `${name ?? id}:`, subject, ...(gone === null ? [] : ['(gone)'])].join(' '),
      )
      .sort();
  }

  test('is whoever was allowed to make what was not there before', async () => {
    await as('alice', 'volume', 'create', 'data');
    // It answers as if it were new.
    await as('bob', 'volume', 'create', 'data');
    await as(
      'alice',
      'create',
      '--name',
      'web',
      '-v',
      'data:/d',
      '-v',
      'logs:/l',
      'busybox',
      'sleep',
      '1000',
    );
    await as('bob', 'create', '--name', 'db', '-v', 'logs:/l', 'busybox', 'sleep', '1000');
    await expect
      .poll(() => owned(), soon)
      .toEqual(['container db: bob', 'container web: alice', 'volume data: alice', 'volume logs: alice']);
    const unnamed = await as('bob', 'volume', 'create');
    await expect.poll(() => owned('--kind', 'volume'), soon).toContain(`volume ${unnamed}: bob`);
  });

  test('is whoever made the image', async () => {
    const folder = join(host.d.dir, 'context');
    mkdirSync(folder);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM busybox\nLABEL a=b\n');
    await as('bob', 'build', '-q', '-t', 'shop:1', folder);
    const show = () => says('owner', 'show', 'image', 'shop:1').catch(String);
    await expect.poll(show, soon).toMatch(/docker\.io\/library\/shop:1[\s\S]*bob[\s\S]*build/);
  });

  test('made it as long as it is there', async () => {
    const { Id: id } = JSON.parse(await as('alice', 'inspect', 'web'))[0];
    await as('bob', 'rm', '-f', 'web');
    await as('alice', 'run', '--rm', '--name', 'short', 'busybox', 'true');
    const gone = () => owned('--kind', 'container', '--all');
    await expect
      .poll(gone, soon)
      .toEqual(['container db: bob', 'container short: alice (gone)', 'container web: alice (gone)']);
    expect(await owned('--kind', 'container')).toEqual(['container db: bob']);
    // By its name it is another one by now.
    await as('bob', 'create', '--name', 'web', 'busybox', 'true');
    await expect.poll(() => says('owner', 'show', 'container', 'web'), soon).toMatch(/bob/);
    expect(await says('owner', 'show', 'container', id)).toMatch(/alice[\s\S]*gone/);
  });

  test('and all else about somebody stands on one page', async () => {
    const denied = await docker('alice', 'run', '--privileged', 'busybox', 'true');
    expect(denied.code).toBe(125);
    const page = async () => JSON.parse(await says('usage', 'alice', '--output', 'json'));
    await expect.poll(async () => (await page()).denied, soon).toBe(1);
    expect(await page()).toMatchObject({
      subject: 'alice',
      made: { containers: 2, volumes: 2 },
      rules: [{ key: 'baseline/privileged', denied: 1 }],
      groups: expect.arrayContaining([expect.objectContaining({ value: 'web' })]),
      methods: [expect.objectContaining({ value: 'token' })],
      clients: [expect.objectContaining({ value: expect.stringMatching(/^Docker-Client/) })],
    });
    const text = await says('usage', 'alice');
    expect(text).toMatch(/baseline\/privileged/);
    const [line] = JSON.parse(await says('usage', '--by', 'group', '--output', 'json')).items;
    expect(line.key).toMatch(/^(?:web|system:authenticated)$/);
  });

  test('made an exec too', async () => {
    await as('alice', 'start', 'db');
    await as('alice', 'exec', 'db', 'true');
    await expect.poll(() => owned('--kind', 'exec'), soon).toEqual(['exec db: alice']);
  });

  // The last of all.
  test('and all of it can be taken elsewhere, as it is recorded', async () => {
    const lines = (await says('export')).trim().split('\n');
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.map((line) => JSON.parse(line))).toEqual(recordsIn(host.data).slice(0, lines.length));
  });
});
