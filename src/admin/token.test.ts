import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminKeyFiles, adminSecretKey, publicKeyOf } from './keys.ts';
import { issueAdminToken, longestLife, verifyAdminToken } from './token.ts';

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    open: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const { secret, open } = keyPair();
const hour = 3_600_000;

describe('verifyAdminToken()', () => {
  it('takes a token that was issued, until it is over', () => {
    const { token, id, expires } = issueAdminToken(secret, hour);
    expect(verifyAdminToken(token, open)).toEqual({ id, expires });
    expect(Math.abs(expires.getTime() - Date.now() - hour)).toBeLessThan(5000);
  });

  const now = () => Math.floor(Date.now() / 1000);
  /** A good token but for what a row changes. */
  function token(claims: object = {}, header: object = {}, key = secret) {
    const payload = {
      jti: '1',
      sub: 'admin',
      iss: 'bulwark',
      aud: 'bulwark-admin',
      iat: now(),
      exp: now() + 60,
    };
    return jwt.sign(JSON.parse(JSON.stringify({ ...payload, ...claims })), key, {
      algorithm: 'ES256',
      noTimestamp: 'iat' in claims,
      header: { alg: 'ES256', typ: 'bulwark-admin+jwt', ...header },
    });
  }

  it('takes the one that the rows below change', () => {
    expect(verifyAdminToken(token(), open)).toMatchObject({ id: '1' });
  });

  const none = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  it.each<[string, () => string]>([
    ['one that is over', () => token({ exp: now() - 1 })],
    ['one without an end', () => token({ exp: undefined })],
    ['one without a beginning', () => token({ iat: undefined, exp: now() + 60 })],
    ['one that does not hold yet', () => token({ nbf: now() + 60 })],
    ['one of a longer life than any', () => token({ exp: now() + longestLife / 1000 + 60 })],
    ["a subject's: another audience", () => token({ aud: 'this-host' })],
    ['one without an audience', () => token({ aud: undefined })],
    ['one of another issuer', () => token({ iss: 'else' })],
    ['one of another type', () => token({}, { typ: 'JWT' })],
    ['one without a type', () => token({}, { typ: undefined })],
    ['one of another key', () => token({}, {}, keyPair().secret)],
    [
      'one that is not signed',
      () => `${none({ alg: 'none', typ: 'bulwark-admin+jwt' })}.${none({ jti: '1', exp: now() + 60 })}.`,
    ],
    // The public key is no secret, and must not do as one.
    [
      'one that is signed by the public key as a password',
      () => {
        const head = `${none({ alg: 'HS256', typ: 'bulwark-admin+jwt' })}.${none({
          jti: '1',
          iss: 'bulwark',
          aud: 'bulwark-admin',
          iat: now(),
          exp: now() + 60,
        })}`;
        return `${head}.${createHmac('sha256', open).update(head).digest('base64url')}`;
      },
    ],
    ['one whose signature was changed', () => token().replace(/.{4}$/, 'AAAA')],
    ['no token', () => 'x.y.z'],
    ['nothing', () => ''],
  ])('refuses %s', (_, make) => {
    expect(verifyAdminToken(make(), open)).toBeUndefined();
  });

  it('refuses any where the key is none', () => {
    expect(verifyAdminToken(token(), 'no key')).toBeUndefined();
  });
});

describe('the keys of a data folder', () => {
  let data: string;

  beforeEach(() => {
    data = join(mkdtempSync(join(tmpdir(), 'bulwark-keys-')), 'data');
  });

  afterEach(() => rmSync(join(data, '..'), { recursive: true }));

  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it('are made once, the private one for its owner alone, and leave nothing else behind', () => {
    const first = adminSecretKey(data);
    expect(adminSecretKey(data)).toBe(first);
    const files = adminKeyFiles(data);
    expect([mode(data), mode(join(data, 'keys')), mode(files.secret)]).toEqual(['700', '700', '600']);
    expect(readdirSync(join(data, 'keys')).sort()).toEqual(['admin.key.pem', 'admin.pub.pem']);
    const { token } = issueAdminToken(first, hour);
    expect(verifyAdminToken(token, readFileSync(files.open, 'utf8'))).toBeDefined();
  });

  it('have the public one made anew where it is missing or of another', () => {
    const key = adminSecretKey(data);
    const { open: path } = adminKeyFiles(data);
    writeFileSync(path, open);
    adminSecretKey(data);
    expect(verifyAdminToken(issueAdminToken(key, hour).token, readFileSync(path, 'utf8'))).toBeDefined();
  });

  it('are a refusal where they cannot be used, and not made anew', () => {
    adminSecretKey(data);
    const { secret: path } = adminKeyFiles(data);
    writeFileSync(path, 'broken');
    expect(() => adminSecretKey(data)).toThrow(expect.objectContaining({ code: 'key-unusable' }));
    expect(readFileSync(path, 'utf8')).toBe('broken');
  });

  it('are read at each call: the first token works at once, a removed key ends all', async () => {
    const read = publicKeyOf(data);
    expect(await read()).toBeUndefined();
    adminSecretKey(data);
    expect(await read()).toMatch(/^-----BEGIN PUBLIC KEY/);
    rmSync(adminKeyFiles(data).open);
    expect(await read()).toBeUndefined();
  });
});
