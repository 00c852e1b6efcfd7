import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcher, run, type Started, start } from './process.ts';

let folder: string;
let running: Started[];
const seen: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  running = [];
  mkdirSync(join(folder, 'policies'));
  const policy = 'kind: Policy\nmetadata: { name: house }\nspec: { profile: baseline }';
  const access =
    'kind: Access\nmetadata: { name: web }\nspec: { subjects: ["group:web"], allow: [{ actions: ["*"] }] }';
  const documents = [policy, access].map((document) => `apiVersion: bulwark/v1\n${document}\n`);
  writeFileSync(join(folder, 'policies', 'house.yaml'), documents.join('---\n'));
});

afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true });
});

async function serve(): Promise<Started> {
  const flags = ['--policies', join(folder, 'policies'), '--authz-socket', join(folder, 'bulwark.sock')];
  const started = start(launcher, [
    'serve',
    '--data',
    join(folder, 'data'),
    ...flags,
    '--docker-host',
    'off',
  ]);
  running.push(started);
  await started.until(/^ready: .*\n/m);
  return started;
}

async function token(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(launcher, ['token', ...args, '--data', join(folder, 'data')]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

/** As dockerd asks about `docker ps` of who has a token. */
function ask(header: string): Promise<{ readonly Allow: boolean; readonly Msg?: string }> {
  const message = {
    RequestMethod: 'GET',
    RequestUri: '/v1.41/containers/json',
    RequestHeaders: { 'X-Bulwark-Token': header },
  };
  return new Promise((resolve, reject) => {
    const target = {
      socketPath: join(folder, 'bulwark.sock'),
      path: '/AuthZPlugin.AuthZReq',
      method: 'POST',
    };
    request(target, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        seen.push(text);
        resolve(JSON.parse(text));
      });
    })
      .on('error', reject)
      .end(JSON.stringify(message));
  });
}

/** The events of tokens in the ledger, with the ids. */
function events(): readonly string[] {
  const ledger = new DatabaseSync(join(folder, 'data', 'ledger.db'), { readOnly: true });
  const rows = ledger.prepare('SELECT json FROM records ORDER BY seq').all();
  ledger.close();
  return rows
    .map(({ json }) => JSON.parse(String(json)))
    .filter(({ type, event }) => type === 'system' && event.startsWith('token-'))
    .map(({ event, token }) => `${event} ${token?.subject ?? ''} ${token?.id ?? ''}`);
}

describe('tokens beside a running serve', { timeout: 60_000 }, () => {
  it('count and end at once, across a restart, are in the ledger, and are nowhere seen', async () => {
    const first = await serve();
    // The folder of keys is made now.
    const alice = await token('issue', '--subject', 'alice', '--groups', 'web');
    expect(await ask(alice)).toEqual({ Allow: true });
    const bob = JSON.parse(await token('issue', '--subject', 'bob', '--output', 'json'));
    expect((await ask(bob.token)).Msg).toMatch(/^access\/not-granted.*asked by bob/s);
    const [{ id }] = JSON.parse(await token('list', '--subject', 'alice', '--output', 'json')).items;
    await token('revoke', id);
    expect(await ask(alice)).toMatchObject({
      Allow: false,
      Msg: expect.stringMatching(
        new RegExp(`^token-revoked: the token \`${id}\` of \`alice\` was revoked\\.`),
      ),
    });
    await expect
      .poll(events)
      .toEqual([`token-issued alice ${id}`, `token-issued bob ${bob.id}`, `token-revoked alice ${id}`]);

    first.child.kill('SIGTERM');
    await first.ended;
    const second = await serve();
    expect((await ask(alice)).Msg).toMatch(/^token-revoked: /);
    const carl = await token('issue', '--subject', 'carl', '--groups', 'web');
    await token('rotate');
    expect(await ask(carl)).toEqual({ Allow: true });
    await token('rotate', '--now');
    expect((await ask(carl)).Msg).toMatch(/^token-untrusted: /);
    const eve = `${carl.slice(0, -10)}AAAAAAAAAA`;
    expect((await ask(eve)).Msg).toMatch(/^token-(?:untrusted|malformed): /);
    await expect.poll(() => events().at(-1)).toBe('token-keys-rotated  ');
    second.child.kill('SIGTERM');
    await second.ended;

    const data = join(folder, 'data');
    const kept = readdirSync(data, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
    const all = [...seen, ...kept, first.stderr(), second.stderr()].join('\n');
    for (const secret of [alice, bob.token, carl, eve].flatMap((text) => text.split('.').slice(1)))
      expect(all).not.toContain(secret);
  });
});
