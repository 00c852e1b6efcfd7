import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thumbprint } from '../src/identity/keys.ts';
import { revokedFile } from '../src/identity/revoked.ts';
import { type TokenOptions, Tokens } from '../src/identity/tokens.ts';

/** A pair of keys, with what files and tokens have of it. */
export function pairOf({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) {
  return {
    privateKey,
    publicKey,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    secretPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    kid: thumbprint(publicKey),
  };
}

export type Pair = ReturnType<typeof pairOf>;

export const ecPair = (namedCurve = 'P-256') => pairOf(generateKeyPairSync('ec', { namedCurve }));
export const rsaPair = (modulusLength = 2048) => pairOf(generateKeyPairSync('rsa', { modulusLength }));

/** Base64url of JSON, of a text, or of bytes. */
export function part(value: object | string): string {
  const bytes = value instanceof Uint8Array || typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(bytes).toString('base64url');
}

type Sign = (text: string) => Buffer;

export const es256 =
  ({ privateKey }: Pair): Sign =>
  (text) =>
    sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });

export const rs256 =
  ({ privateKey }: Pair): Sign =>
  (text) =>
    sign('sha256', Buffer.from(text), privateKey);

export const hs256 =
  (secret: string | Buffer): Sign =>
  (text) =>
    createHmac('sha256', secret).update(text).digest();

/** A token, whatever is in it: objects become JSON, texts and bytes stay. */
export function forge(header: object | string, payload: object | string, signWith: Sign): string {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${signWith(text).toString('base64url')}`;
}

export const seconds = () => Math.floor(Date.now() / 1000);

/** What a good token of alice claims. */
export function goodClaims() {
  return {
    iss: 'bulwark',
    aud: 'host1',
    sub: 'alice',
    groups: ['web', 'db'],
    iat: seconds(),
    exp: seconds() + 3600,
    jti: '01JAAAAAAAAAAAAAAAAAAAAAAA',
  };
}

/** A folder of keys, and who is held against them. */
export function makeTrust(files: Readonly<Record<string, string>>, options: Partial<TokenOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-tokens-'));
  const revoked = join(folder, 'revoked');
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  for (const [name, text] of Object.entries(files)) write(name, text);
  const tokens = new Tokens({
    keys: Object.keys(files).map((name) => join(folder, name)),
    revoked,
    issuer: 'bulwark',
    audience: 'host1',
    maxLife: 90 * 24 * 60 * 60_000,
    leeway: 30_000,
    ...options,
  });
  return {
    folder,
    tokens,
    write,
    revoke(id: string) {
      mkdirSync(revoked, { recursive: true });
      writeFileSync(revokedFile(revoked, id), '{}');
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
