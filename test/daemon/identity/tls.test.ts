/** Who asks by TLS: real certificates, a real daemon that verifies them, and what policies, denials and the ledger make of it. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, chained, Openssl } from '../../openssl.ts';
import { type Bulwark, startBulwark } from '../bulwark.ts';
import { type Dockerd, type RunResult, startDockerd } from '../dockerd.ts';
import { decisions, recordsIn } from '../ledger/book.ts';
import { describeReleases } from '../releases.ts';
import { writePolicies } from './policies.ts';

describeReleases('who asks by certificate', (release) => {
  let d: Dockerd;
  let bulwark: Bulwark;
  let data: string;
  let folder: string;
  let openssl: Openssl;
  let authority: Certificate;

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      args: [
        '--host=tcp://127.0.0.1:2376',
        '--tlsverify',
        ...['ca', 'cert', 'key'].map(
          (name) => `--tls${name === 'ca' ? 'cacert' : name}=/etc/docker/${name}.pem`,
        ),
      ],
      before: async (place) => {
        folder = join(place.dir, 'certificates');
        mkdirSync(folder);
        openssl = new Openssl(folder);
        authority = openssl.authority('/CN=the authority of the test');
        const server = openssl.issue(
          { subject: '/CN=dockerd', extensions: ['subjectAltName = IP:127.0.0.1'] },
          authority,
        );
        copyFileSync(authority.cert, join(place.etcDocker, 'ca.pem'));
        copyFileSync(server.cert, join(place.etcDocker, 'cert.pem'));
        copyFileSync(server.key, join(place.etcDocker, 'key.pem'));
        const policies = join(place.dir, 'policies');
        writePolicies(policies);
        data = join(place.dir, 'bulwark-data');
        bulwark = await startBulwark({
          ...{ socket: join(place.pluginDir, 'bulwark.sock'), data },
          policies: [policies],
        });
      },
    });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
  });

  const client = (subject: string, by = authority, days = 2, extensions: readonly string[] = []) =>
    openssl.issue({ subject, days, extensions: ['extendedKeyUsage = clientAuth', ...extensions] }, by);

  /** The docker CLI with a certificate. */
  function as({ cert, key }: Certificate, ...args: readonly string[]): Promise<RunResult> {
    const tls = ['--tlsverify', '--tlscacert', authority.cert, '--tlscert', cert, '--tlskey', key];
    return d.dockerWith({ env: { DOCKER_HOST: 'tcp://127.0.0.1:2376' } }, ...tls, ...args);
  }

  /** That of the last decision. */
  const lastSubject = () => decisions(recordsIn(data)).at(-1)?.subject;

  test('is the owner of it, in the groups of units, organisations and alternative names', async () => {
    const alice = client('/O=Acme/OU=Web/CN=alice', authority, 2, [
      'subjectAltName = email:alice@example.com',
    ]);
    expect(await as(alice, 'volume', 'create', 'of-alice')).toMatchObject({ code: 0 });
    expect(lastSubject()).toEqual({
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
    const between = openssl.authority('/O=Acme/OU=Web/CN=between', authority);
    const carol = chained(folder, client('/CN=carol', between), between);
    expect((await as(carol, 'ps')).code).toBe(0);
    expect((await as(carol, 'volume', 'create', 'of-carol')).stderr).toMatch(
      /asked by carol \(known by tls\)/,
    );
    expect(lastSubject()).toEqual({ name: 'carol', groups: ['system:authenticated'], method: 'tls' });
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
    expect(lastSubject()).toEqual({ name, groups: ['system:authenticated'], method: 'tls' });
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
    expect(lastSubject()).toMatchObject({ name: 'system:anonymous', method: 'none' });
    // The CLI can ask what the daemon is, and so show the reason.
    expect(stderr).not.toMatch(/Is the docker daemon running|version/i);
  });

  test('is not asked about by the daemon where a certificate has expired or nobody vouches for it', async () => {
    const before = recordsIn(data).length;
    const gone = client('/CN=alice', authority, -1);
    const foreign = client('/CN=alice', openssl.authority('/CN=another authority'));
    for (const certificate of [gone, foreign])
      expect((await as(certificate, 'ps')).stderr).toMatch(/tls: |certificate/);
    const since = decisions(recordsIn(data).slice(before));
    expect(since.filter(({ subject }) => subject.name === 'alice')).toEqual([]);
  });

  test('is nobody on the socket beside it, who learns how to be somebody', async () => {
    const { stderr } = await d.docker('volume', 'create', 'of-nobody');
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
        const records = recordsIn(data);
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
