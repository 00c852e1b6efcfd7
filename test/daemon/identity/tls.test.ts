/** Who asks by TLS: real certificates, a real daemon that verifies them, and what policies, denials and the ledger make of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, chained } from '../../openssl.ts';
import type { RunResult } from '../dockerd.ts';
import { decisions, recordsIn } from '../ledger/book.ts';
import { describeReleases } from '../releases.ts';
import { type NamedHost, startNamedHost } from './namedHost.ts';

describeReleases('who asks by certificate', (release) => {
  let host: NamedHost;

  beforeAll(async () => {
    host = await startNamedHost(release);
  });
  afterAll(() => host?.stop());

  const client = (subject: string, by = host.authority, days = 2, extensions: readonly string[] = []) =>
    host.openssl.issue({ subject, days, extensions: ['extendedKeyUsage = clientAuth', ...extensions] }, by);

  /** The docker CLI with a certificate. */
  function as(certificate: Certificate, ...command: readonly string[]): Promise<RunResult> {
    const { args, env } = host.tls(certificate);
    return host.d.dockerWith({ env }, ...args, ...command);
  }

  test('is the owner of it, in the groups of units, organisations and alternative names', async () => {
    const alice = client('/O=Acme/OU=Web/CN=alice', host.authority, 2, [
      'subjectAltName = email:alice@example.com',
    ]);
    expect(await as(alice, 'volume', 'create', 'of-alice')).toMatchObject({ code: 0 });
    expect(host.lastSubject()).toEqual({
      name: 'alice',
      groups: ['email:alice@example.com', 'o:Acme', 'ou:Web', 'system:authenticated', 'web'],
      method: 'tls',
    });
    expect(await as(alice, 'run', '--rm', '-v', '/srv/alice/x:/x', 'busybox', 'true')).toMatchObject({
      code: 0,
    });
    const denied = await as(alice, 'run', '-v', '/srv/bob/x:/x', 'busybox', 'true');
    expect(denied.stderr).toMatch(
      /people\/binds: .*\ndecision \w{26}, asked by alice, in .*web.* \(known by tls\)/,
    );
  });

  test('is judged by their own groups alone', async () => {
    const bob = client('/O=Acme/OU=Web Design/CN=bob');
    const denied = await as(bob, 'volume', 'create', 'of-bob');
    expect(denied).toMatchObject({ code: 1 });
    expect(denied.stderr).toMatch(
      /access\/not-granted: .*\ndecision \w{26}, asked by bob, in o:Acme, ou:Web Design \(known by tls\)/,
    );
    expect((await as(bob, 'ps')).code).toBe(0);
  });

  test('is the owner of the first of a chain', async () => {
    const between = host.openssl.authority('/O=Acme/OU=Web/CN=between', host.authority);
    const carol = chained(host.d.dir, client('/CN=carol', between), between);
    expect((await as(carol, 'ps')).code).toBe(0);
    expect((await as(carol, 'volume', 'create', 'of-carol')).stderr).toMatch(
      /asked by carol \(known by tls\)/,
    );
    expect(host.lastSubject()).toEqual({ name: 'carol', groups: ['system:authenticated'], method: 'tls' });
  });

  test.each([
    ['/CN=root', 'root'],
    ['/CN=Jürgen "J" O’Neil, 🐳', 'Jürgen "J" O’Neil, 🐳'],
    ["/CN=$(id); DROP TABLE records' --", "$(id); DROP TABLE records' --"],
    ['/CN=..\\/..\\/etc', '../../etc'],
    ['/CN=*', '*'],
    ['/CN=group:web', 'group:web'],
    ['/CN=alice/CN=dave', 'dave'],
  ])('may be called %s, and is nothing but that', async (subject, name) => {
    const odd = client(subject);
    expect((await as(odd, 'ps')).code).toBe(0);
    expect((await as(odd, 'volume', 'create', 'odd')).stderr).toContain(`asked by ${name} (known by tls)`);
    // A name with a slash or dots stands for no folder, and a star for no other name.
    const bind = await as(odd, 'run', '-v', '/srv/alice/x:/x', 'busybox', 'true');
    expect(bind.stderr).toContain('people/binds');
    expect(host.lastSubject()).toEqual({ name, groups: ['system:authenticated'], method: 'tls' });
  });

  test.each([
    ['/O=Acme', 'is empty'],
    ['/CN=system:anonymous', 'begins with `system:`'],
    ['/CN=System:bulwark', 'begins with `system:`'],
    ['/CN=alice\u202e', 'has characters that do not print'],
    ['/CN=alice\n', 'has characters that do not print'],
    ['/CN= alice', 'begins or ends with white space'],
  ])('may do nothing as %j', async (subject, says) => {
    const nobody = client(subject);
    const { code, stderr } = await as(nobody, 'ps');
    expect(code).toBe(1);
    expect(stderr).toContain(`certificate-name: the common name of your client certificate ${says}`);
    expect(host.lastSubject()).toMatchObject({ name: 'system:anonymous', method: 'none' });
    // The CLI can ask what the daemon is, and so show the reason.
    expect(stderr).not.toMatch(/Is the docker daemon running|version/i);
  });

  test('is not asked about by the daemon where a certificate has expired or nobody vouches for it', async () => {
    const before = recordsIn(host.data).length;
    const gone = client('/CN=alice', host.authority, -1);
    const foreign = client('/CN=alice', host.openssl.authority('/CN=another authority'));
    const refusals = () => host.d.logs().match(/TLS handshake error/g)?.length ?? 0;
    // In TLS 1.3 the client may have begun to write by then, and hears of a broken pipe alone.
    for (const certificate of [gone, foreign]) {
      const earlier = refusals();
      expect((await as(certificate, 'ps')).code).toBe(1);
      await expect.poll(refusals).toBeGreaterThan(earlier);
    }
    const since = decisions(recordsIn(host.data).slice(before));
    expect(since.filter(({ subject }) => subject.name === 'alice')).toEqual([]);
  });

  test('is nobody on the socket beside it, who learns how to be somebody', async () => {
    const { stderr } = await host.d.docker('volume', 'create', 'of-nobody');
    expect(stderr).toMatch(
      /access\/not-granted: .*\ndecision \w{26}, asked by system:anonymous \(no certificate, no token: .*token issue/,
    );
  });

  describe('several at once', () => {
    test('are not taken for each other, nor what they make', async () => {
      const people = ['erin', 'frank', 'grace', 'heidi'].map((name) => ({
        name,
        certificate: client(`/OU=Web/CN=${name}`),
      }));
      // Of all but the name of who asks these requests are the same.
      const made = await Promise.all(
        people.flatMap(({ name, certificate }) =>
          Array.from({ length: 5 }, async () => {
            const { code, stdout, stderr } = await as(certificate, 'create', 'busybox', 'true');
            expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
            return [stdout.trim(), name] as const;
          }),
        ),
      );
      const owners = () => {
        const records = recordsIn(host.data);
        const asked = new Map(decisions(records).map(({ id, subject }) => [id, subject.name]));
        return new Map(
          records.flatMap((record) =>
            record.type === 'settled' && record.newId !== undefined
              ? [[record.newId, asked.get(record.of)]]
              : [],
          ),
        );
      };
      await expect.poll(() => made.filter(([id, name]) => owners().get(id) !== name)).toEqual([]);
    });
  });
});
