import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Openssl, type Wanted } from '../../test/openssl.ts';
import { Refusal } from '../model/error.ts';
import { Certificates } from './certificate.ts';

let folder: string;
let openssl: Openssl;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  openssl = new Openssl(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As dockerd shows it. */
function shown(wanted: Wanted): string {
  return readFileSync(openssl.issue(wanted).cert).toString('base64');
}

const certificates = new Certificates(['ou', 'o']);
const read = (text: string, user?: string, now = Date.now()) => certificates.read(text, user, now);

/** The code of the refusal. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('a certificate', () => {
  it('names its owner by the common name, and groups by units, organisations and alternative names', () => {
    const text = shown({
      subject: '/O=Acme, Inc/OU=Web/OU=Döner \\+ "x"/CN=alice',
      extensions: [
        'subjectAltName = @names',
        '[names]',
        'DNS.1 = build.example',
        'DNS.2 = "a,b DNS:other"',
        'email = alice@example.com',
        'URI = spiffe://lab/alice',
        'IP = 10.0.0.1',
      ],
    });
    expect(read(text, 'alice')).toMatchObject({
      name: 'alice',
      groups: [
        ...['ou:Web', 'ou:Döner + "x"', 'o:Acme, Inc'],
        ...['dns:build.example', 'dns:a,b DNS:other', 'email:alice@example.com', 'uri:spiffe://lab/alice'],
      ],
    });
    expect(new Certificates([]).read(text, 'alice', Date.now()).groups).toHaveLength(4);
  });

  it.each([
    ['/CN=root', 'root'],
    ['/CN=Jürgen "J" O’Neil, 🐳', 'Jürgen "J" O’Neil, 🐳'],
    ['/CN=a\\/b\\\\c', 'a/b\\c'],
    ['/CN=*', '*'],
    // As Go's, the last of several.
    ['/CN=alice/CN=bob', 'bob'],
    ['/CN=systemd', 'systemd'],
    ['/O=/UID=7+CN=alice', 'alice'],
  ])('may be %s', (subject, name) => {
    expect(read(shown({ subject }), name)).toMatchObject({ name, groups: [] });
  });

  it.each([
    ['/O=Acme', undefined, 'certificate-name: the common name of your client certificate is empty.'],
    ['/CN=system:anonymous', 'system:anonymous', 'certificate-name: '],
    ['/CN=SYSTEM:bulwark', 'SYSTEM:bulwark', 'certificate-name: '],
    ['/CN=a\nb', 'a\nb', 'certificate-name: '],
    ['/CN=a\u202eb', 'a\u202eb', 'certificate-name: '],
    ['/CN= alice', ' alice', 'certificate-name: '],
    ['/OU=a\tb/CN=alice', 'alice', 'certificate-unreadable: '],
    // What the daemon makes of it must be what is in it.
    ['/CN=alice', 'bob', 'certificate-unreadable: '],
    ['/CN=alice', undefined, 'certificate-unreadable: '],
    ['/CN=alice/CN=bob', 'alice', 'certificate-unreadable: '],
  ])('is refused: %j with the name %j', (subject, user, says) => {
    const said = refusal(() => read(shown({ subject }), user));
    expect(said).toContain(says);
    expect(said).not.toMatch(/[\n\t\u202e]/);
  });

  it('holds from its first to its last second', () => {
    const text = shown({ subject: '/CN=alice', days: 1 });
    const now = Date.now();
    expect(read(text, 'alice', now + 86_000_000).name).toBe('alice');
    for (const time of [now + 86_500_000, now - 86_400_000])
      expect(refusal(() => read(text, 'alice', time))).toMatch(
        /^certificate-expired: .* of alice holds from 2/,
      );
    // What was read of it is remembered, and the clock asked each time.
    expect(read(text, 'alice', now + 86_000_000).name).toBe('alice');
    expect(refusal(() => read(shown({ subject: '/CN=alice', days: -1 }), 'alice'))).toContain('expired');
  });

  it('with more groups than anybody has is refused', () => {
    const names = Array.from({ length: 101 }, (_, at) => `DNS:h${at}`).join(',');
    const text = shown({ subject: '/CN=alice', extensions: [`subjectAltName = ${names}`] });
    expect(refusal(() => read(text, 'alice'))).toContain('more than 100');
  });

  it.each(['', 'AAAA', Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n').toString('base64')])(
    'is refused where it is none: %j',
    (text) => {
      expect(refusal(() => read(text, 'alice'))).toContain('certificate-unreadable');
    },
  );

  it('is told apart from any other, however many come', () => {
    const [alice, bob] = [shown({ subject: '/CN=alice' }), shown({ subject: '/CN=bob' })];
    for (let turn = 0; turn < 3; turn++) {
      expect(read(alice, 'alice').name).toBe('alice');
      expect(read(bob, 'bob').name).toBe('bob');
    }
  });
});
