/** Who asks by token, in the header that the docker CLI sends from its config.json, on a real daemon. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunResult } from '../dockerd.ts';
import { recordsIn } from '../ledger/book.ts';
import { describeReleases } from '../releases.ts';
import { type NamedHost, startNamedHost } from './namedHost.ts';
import { bulwarkSays, issueToken } from './token.ts';

describeReleases('who asks by token', (release) => {
  let host: NamedHost;
  let data: string;
  /** Every token that was ever sent. */
  const sent: string[] = [];

  beforeAll(async () => {
    host = await startNamedHost(release);
    data = host.data;
  });
  afterAll(() => host?.stop());

  function as(
    token: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<RunResult> {
    if (token !== '') sent.push(token);
    return host.byToken(token, args, env);
  }
  const volume = (token: string) => as(token, ['volume', 'create', 'some']);

  test('is its subject, in the groups that it and policies say, from the first token on', async () => {
    const alice = await issueToken(data, 'alice', '--groups', 'web,db');
    expect(await volume(alice)).toMatchObject({ code: 0 });
    expect(host.lastSubject()).toEqual({
      name: 'alice',
      groups: ['db', 'system:authenticated', 'web'],
      method: 'token',
    });
    expect(await as(alice, ['run', '--rm', '-v', '/srv/alice/x:/x', 'busybox', 'true'])).toMatchObject({
      code: 0,
    });
    const denied = await as(alice, ['run', '-v', '/srv/bob/x:/x', 'busybox', 'true']);
    expect(denied.stderr).toMatch(
      /people\/binds: .*\ndecision \w{26}, asked by alice, in db, web \(known by token\)/,
    );

    const bob = await issueToken(data, 'bob');
    expect((await volume(bob)).stderr).toMatch(
      /access\/not-granted: .*\ndecision \w{26}, asked by bob \(known by token\)/,
    );
    const carol = await issueToken(data, 'carol', '--claim', 'team=web');
    expect(await volume(carol)).toMatchObject({ code: 0 });
    expect(host.lastSubject()?.groups).toEqual(['claim:team=web', 'system:authenticated', 'web']);
  });

  test('with a bad one is nobody, and does nothing', async () => {
    const good = await issueToken(data, 'alice');
    const [header = '', payload = '', signature = ''] = good.split('.');
    const bad: readonly (readonly [string, string])[] = [
      [
        `${header}.${payload}.${signature.replace(/^./, (char) => (char === 'A' ? 'B' : 'A'))}`,
        'token-untrusted',
      ],
      [`${header}.${payload}.`, 'token-malformed'],
      [`${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`, 'token-malformed'],
      ['alice', 'token-malformed'],
      [`Bearer ${good}`, 'token-malformed'],
      ['x'.repeat(20_000), 'token-malformed'],
      [await issueToken(data, 'alice', '--audience', 'another-host'), 'token-untrusted'],
    ];
    for (const [token, code] of bad) {
      const { code: exit, stderr } = await as(token, ['ps']);
      expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining(`bulwark: ${code}: `) });
      expect(host.lastSubject()).toMatchObject({ name: 'system:anonymous', method: 'none' });
    }
    // dockerd shows the last of a header that comes twice, and does nothing with either.
    const twice = (first: string, last: string) =>
      host.d.api('GET', '/containers/json', {
        headers: [
          ['X-Bulwark-Token', first],
          ['x-bulwark-token', last],
        ],
      });
    expect((await twice(good, 'alice')).status).toBe(403);
    expect((await twice('alice', good)).status).toBe(200);
    await expect.poll(() => host.lastSubject()?.name).toBe('alice');
    sent.push(good);
  });

  test('that is taken back holds from that moment on no more, nor after a restart', async () => {
    const token = await issueToken(data, 'alice', '--groups', 'web');
    expect(await volume(token)).toMatchObject({ code: 0 });
    const id = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti;
    await bulwarkSays('token', 'revoke', id, '--data', data);
    const denied = await volume(token);
    expect(denied.stderr).toContain(`bulwark: token-revoked: the token \`${id}\` of \`alice\` was revoked.`);
    await host.bulwark.restart();
    expect((await volume(token)).stderr).toContain('token-revoked');
    const notes = () =>
      recordsIn(data).filter((record) => record.type === 'system' && record.event === 'token-revoked');
    await expect.poll(notes).toMatchObject([{ token: { id, subject: 'alice' } }]);
  });

  test('goes on with a token of the old key while there is a new one, until that is taken away', async () => {
    const old = await issueToken(data, 'alice', '--groups', 'web');
    await bulwarkSays('token', 'rotate', '--data', data);
    const young = await issueToken(data, 'alice', '--groups', 'web');
    expect(await volume(old)).toMatchObject({ code: 0 });
    expect(await volume(young)).toMatchObject({ code: 0 });
    await bulwarkSays('token', 'rotate', '--now', '--data', data);
    for (const token of [old, young]) expect((await volume(token)).stderr).toContain('token-untrusted');
    expect(await volume(await issueToken(data, 'alice', '--groups', 'web'))).toMatchObject({ code: 0 });
  });

  test('and by certificate is one and the same', async () => {
    const { args, env } = host.tls(
      host.openssl.issue(
        { subject: '/OU=Db/CN=alice', extensions: ['extendedKeyUsage = clientAuth'] },
        host.authority,
      ),
    );
    const byBoth = (token: string) => as(token, [...args, 'volume', 'create', 'some'], env);
    expect(await byBoth(await issueToken(data, 'alice', '--groups', 'web'))).toMatchObject({ code: 0 });
    expect(host.lastSubject()).toEqual({
      name: 'alice',
      groups: ['ou:Db', 'system:authenticated', 'web'],
      method: 'tls',
    });
    const other = await byBoth(await issueToken(data, 'bob', '--groups', 'web'));
    expect(other.stderr).toContain(
      'identities-differ: your client certificate names `alice`, and your token `bob`.',
    );
  });

  // The last of all: whatever was said and kept so far.
  test('leaves nothing of a token behind', () => {
    const pieces = new Set(
      sent.flatMap((token) => token.split('.').filter((part) => part.length >= 40 && !/^x+$/.test(part))),
    );
    expect(pieces.size).toBeGreaterThan(20);
    const kept = [
      host.bulwark.logs(),
      ...readdirSync(data, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')),
    ].join('\n');
    expect(Array.from(pieces).filter((piece) => kept.includes(piece))).toEqual([]);
  });
});
