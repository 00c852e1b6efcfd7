import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ecPair,
  es256,
  forge,
  goodClaims,
  hs256,
  makeTrust,
  pairOf,
  part,
  rs256,
  rsaPair,
  seconds,
} from '../../test/tokensOf.ts';
import { issueAdminToken, verifyAdminToken } from '../admin/token.ts';
import type { Code } from '../model/codes.ts';

const own = ecPair();
const old = ecPair();
const rsa = rsaPair();
const stranger = ecPair();
const secret = Buffer.alloc(32, 7);
const shared = { kty: 'oct', kid: 'shared', alg: 'HS256', k: secret.toString('base64url') };
const set = { keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'ci' }, shared] };
const trust = makeTrust({
  'token.pub.pem': `${own.pem}# until 2020-01-01T00:00:00Z\n${old.pem}`,
  'rsa.pem': rsa.pem,
  'ci.json': JSON.stringify(set),
});
trust.revoke('taken-back');

afterAll(() => trust.remove());

/** Whose words must not be seen before the signature was found good. */
const claims = (more: object = {}) => ({ ...goodClaims(), sub: 'mallory-of-the-attack', ...more });
const header = { alg: 'ES256', kid: own.kid };

/** A token that the host's own key has signed: what attackers cannot do, but a careless maker can. */
const signed = (more: object) => forge(header, claims(more), es256(own));
/** The same with JSON as it is written here. */
const written = (json: string) => forge(header, json, es256(own));
const json = (more = '') => `${JSON.stringify(claims()).slice(0, -1)}${more}}`;
/** A token with another header, well signed over it. */
const headed = (more: object | string) =>
  forge(typeof more === 'string' ? more : { ...header, ...more }, claims(), es256(own));
const good = () => signed({});
const parts = () => good().split('.') as [string, string, string];
const far = 253_402_300_800;

/** The bytes of DER, as OpenSSL signs, where a JWT has r and s. */
const der = (text: string) => sign('sha256', Buffer.from(text), own.privateKey);
const nothing = () => Buffer.alloc(0);

/** By a stranger's key, which the token brings along. */
const strange = (more: object) => forge({ ...header, ...more }, claims(), es256(stranger));
const jwk = stranger.publicKey.export({ format: 'jwk' });

type Row = [name: string, code: Code, make: () => string];

/** Nobody needs a key for these. */
const forged: readonly Row[] = [
  // The signature is left away.
  ...['none', 'None', 'NONE', 'nOnE'].map(
    (alg): Row => [
      `alg ${alg}, a signature of nothing`,
      'token-malformed',
      () => forge({ alg }, claims(), nothing),
    ],
  ),
  [
    'alg none, any signature',
    'token-untrusted',
    () => forge({ alg: 'none' }, claims(), () => Buffer.alloc(64)),
  ],
  [
    'alg none with the id of a key',
    'token-untrusted',
    () => forge({ ...header, alg: 'none' }, claims(), der),
  ],
  ['no alg', 'token-malformed', () => forge({ kid: own.kid }, claims(), der)],
  ['an alg that is a list', 'token-malformed', () => forge({ ...header, alg: ['ES256'] }, claims(), der)],
  [
    "an alg of an object's own names",
    'token-untrusted',
    () => forge({ ...header, alg: 'constructor' }, claims(), der),
  ],
  [
    'an alg in small letters',
    'token-untrusted',
    () => forge({ ...header, alg: 'es256' }, claims(), es256(own)),
  ],
  // The public key is no secret, and must not do as one.
  ['HS256 with the RSA key, PEM', 'token-untrusted', () => forge({ alg: 'HS256' }, claims(), hs256(rsa.pem))],
  [
    'HS256 with the RSA key and its id',
    'token-untrusted',
    () => forge({ alg: 'HS256', kid: rsa.kid }, claims(), hs256(rsa.pem)),
  ],
  [
    'HS256 with the EC key, PEM',
    'token-untrusted',
    () => forge({ alg: 'HS256', kid: own.kid }, claims(), hs256(own.pem)),
  ],
  [
    'HS256 with the EC key, PEM without its last line feed',
    'token-untrusted',
    () => forge({ alg: 'HS256' }, claims(), hs256(own.pem.trim())),
  ],
  [
    'HS256 with the key of a JWKS, as JSON',
    'token-untrusted',
    () => forge({ alg: 'HS256', kid: 'ci' }, claims(), hs256(JSON.stringify(set.keys[0]))),
  ],
  [
    'HS256 with nothing',
    'token-untrusted',
    () => forge({ alg: 'HS256', kid: 'shared' }, claims(), hs256('')),
  ],
  [
    'HS512 with the secret of HS256',
    'token-untrusted',
    () => forge({ alg: 'HS512', kid: 'shared' }, claims(), hs256(secret)),
  ],
  [
    'RS256 with the id of an EC key',
    'token-untrusted',
    () => forge({ alg: 'RS256', kid: own.kid }, claims(), rs256(rsa)),
  ],
  [
    'PS256 by the RSA key',
    'token-untrusted',
    () => forge({ alg: 'PS256', kid: rsa.kid }, claims(), rs256(rsa)),
  ],
  [
    'RS512 by the RSA key',
    'token-untrusted',
    () => forge({ alg: 'RS512', kid: rsa.kid }, claims(), rs256(rsa)),
  ],
  // Keys of the attacker.
  ['the key of a stranger', 'token-untrusted', () => strange({})],
  ['the key of a stranger, without an id', 'token-untrusted', () => strange({ kid: undefined })],
  ['the key of another curve', 'token-untrusted', () => forge(header, claims(), es256(ecPair('P-384')))],
  [
    'a short RSA key',
    'token-untrusted',
    () => forge({ alg: 'RS256', kid: 'ci' }, claims(), rs256(rsaPair(1024))),
  ],
  [
    'an Ed25519 key',
    'token-untrusted',
    () => {
      const { privateKey } = pairOf(generateKeyPairSync('ed25519'));
      return forge({ alg: 'EdDSA' }, claims(), (text) => sign(null, Buffer.from(text), privateKey));
    },
  ],
  ['an embedded jwk', 'token-malformed', () => strange({ jwk })],
  ['an embedded x5c', 'token-malformed', () => strange({ x5c: ['MIIB'] })],
  ['a jku', 'token-malformed', () => strange({ jku: 'https://evil.example/jwks.json' })],
  ['an x5u', 'token-malformed', () => strange({ x5u: 'https://evil.example/cert.pem' })],
  // The id of a key is looked up and not opened, asked for, or run.
  ...[
    '../../../../dev/null',
    '/etc/passwd',
    '/dev/stdin',
    "' UNION SELECT 'secret' -- ",
    '| sleep 5',
    '$(id)',
    'https://evil.example/key',
    '__proto__',
    'constructor',
    'size',
    '',
    'ci\0',
    stranger.kid,
  ].map((kid): Row => [`the kid \`${kid}\``, 'token-untrusted', () => strange({ kid })]),
  ['a kid that is a number', 'token-malformed', () => strange({ kid: 0 })],
  ['a kid that is a list', 'token-malformed', () => strange({ kid: [own.kid] })],
  ['a kid that is null', 'token-malformed', () => strange({ kid: null })],
  [
    'the kid of another key',
    'token-untrusted',
    () => forge({ ...header, kid: old.kid }, claims(), es256(own)),
  ],
  // Signatures.
  ['no signature', 'token-malformed', () => parts().slice(0, 2).join('.')],
  ['an empty signature', 'token-malformed', () => `${parts().slice(0, 2).join('.')}.`],
  ['half a signature', 'token-untrusted', () => good().slice(0, -42)],
  ['a longer signature', 'token-untrusted', () => `${good()}AAAA`],
  [
    'the signature of another token',
    'token-untrusted',
    () => `${parts().slice(0, 2).join('.')}.${signed({ sub: 'bob' }).split('.')[2]}`,
  ],
  ['a signature in DER', 'token-untrusted', () => forge(header, claims(), der)],
  [
    'a signature of zeros (CVE-2022-21449)',
    'token-untrusted',
    () => forge(header, claims(), () => Buffer.alloc(64)),
  ],
  ['a signature of ones', 'token-untrusted', () => forge(header, claims(), () => Buffer.alloc(64, 0xff))],
  [
    'a payload that was changed',
    'token-untrusted',
    () => {
      const [head, , signature] = parts();
      return `${head}.${part(claims({ sub: 'mallory-of-the-attack-too' }))}.${signature}`;
    },
  ],
  [
    "header and payload in each other's place",
    'token-malformed',
    () => {
      const [head, payload, signature] = parts();
      return `${payload}.${head}.${signature}`;
    },
  ],
  // A key that was rotated away.
  [
    'a key whose time has passed',
    'token-untrusted',
    () => forge({ ...header, kid: old.kid }, claims(), es256(old)),
  ],
  ['such a key, unnamed', 'token-untrusted', () => forge({ alg: 'ES256' }, claims(), es256(old))],
  // Form.
  ['nothing', 'token-malformed', () => ''],
  ['two dots', 'token-malformed', () => '..'],
  ['no dots', 'token-malformed', () => part(claims())],
  ['four parts', 'token-malformed', () => `${good()}.AAAA`],
  ['five parts, as a JWE has', 'token-malformed', () => `${good()}.AAAA.AAAA`],
  [
    'the JSON form of a JWS',
    'token-malformed',
    () => {
      const [head, payload, signature] = parts();
      return JSON.stringify({ protected: head, payload, signature });
    },
  ],
  ['more than 8 KiB', 'token-malformed', () => signed({ pad: 'a'.repeat(8192) })],
  ['a megabyte', 'token-malformed', () => signed({ pad: 'a'.repeat(1024 * 1024) })],
  ['padding', 'token-malformed', () => `${good()}==`],
  ['padding of the payload', 'token-malformed', () => parts().join('=.')],
  [
    'the other alphabet of base64',
    'token-malformed',
    () => good().replaceAll('-', '+').replaceAll('_', '/').replace(/$/, '+'),
  ],
  [
    'bits that no byte has',
    'token-malformed',
    () => {
      // The last character of 64 bytes has four bits to spare.
      const text = good();
      return `${text.slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[text.slice(-1)]}`;
    },
  ],
  ['a character that is left over', 'token-malformed', () => `${good()}AAA`],
  ['`Bearer ` before it', 'token-malformed', () => `Bearer ${good()}`],
  ['a blank before it', 'token-malformed', () => ` ${good()}`],
  ['a line feed behind it', 'token-malformed', () => `${good()}\n`],
  ['a line feed in it', 'token-malformed', () => parts().join('\n.')],
  ['NUL behind it', 'token-malformed', () => `${good()}\0`],
  ['a byte order mark before it', 'token-malformed', () => `\ufeff${good()}`],
  ['words behind it', 'token-malformed', () => `${good()} and more`],
  ['the header sent twice', 'token-malformed', () => `${good()}, ${good()}`],
  ['the header sent twice, a bad one first', 'token-malformed', () => `${strange({})},${good()}`],
];

/** Well signed: what a careless or foreign maker can bring about, and whoever can talk to it. */
const careless: readonly Row[] = [
  // The header.
  ['crit', 'token-malformed', () => headed({ crit: ['exp'], exp: far })],
  ['b64: false', 'token-malformed', () => headed({ b64: false, crit: ['b64'] })],
  ['zip', 'token-malformed', () => headed({ zip: 'DEF' })],
  ['enc', 'token-malformed', () => headed({ enc: 'A256GCM' })],
  ['cty: JWT', 'token-malformed', () => headed({ cty: 'JWT' })],
  ['an unknown key', 'token-malformed', () => headed({ x: 1 })],
  ['the key `__proto__`', 'token-malformed', () => headed('{"alg":"ES256","__proto__":{"kid":"x"}}')],
  ['alg given twice', 'token-malformed', () => headed('{"alg":"none","alg":"ES256"}')],
  ['alg given twice, once escaped', 'token-malformed', () => headed('{"alg":"ES256","\\u0061lg":"none"}')],
  ['a type for something else', 'token-malformed', () => headed({ typ: 'secevent+jwt' })],
  ['the type of admin tokens', 'token-malformed', () => headed({ typ: 'bulwark-admin+jwt' })],
  ['a type that is a number', 'token-malformed', () => headed({ typ: 1 })],
  ['a header that is a list', 'token-malformed', () => headed('["ES256"]')],
  ['a header that is null', 'token-malformed', () => headed('null')],
  ['a header that is no JSON', 'token-malformed', () => headed("{alg:'ES256'}")],
  ['a header with more behind it', 'token-malformed', () => headed('{"alg":"ES256"}{}')],
  [
    'a header in UTF-16',
    'token-malformed',
    () => forge(Buffer.from('{"alg":"ES256"}', 'utf16le'), claims(), es256(own)),
  ],
  // The payload.
  ['sub given twice', 'token-malformed', () => written(json(',"sub":"alice"'))],
  ['sub given twice, once escaped', 'token-malformed', () => written(json(',"s\\u0075b":"alice"'))],
  ['exp given twice', 'token-malformed', () => written(json(`,"exp":${far}`))],
  ['groups given twice', 'token-malformed', () => written(json(',"groups":["admins"]'))],
  ['another claim given twice', 'token-malformed', () => written(json(',"team":"a","team":"b"'))],
  ['the payload a text', 'token-malformed', () => written('"alice"')],
  ['the payload a list', 'token-malformed', () => written('[{"sub":"alice"}]')],
  ['the payload null', 'token-malformed', () => written('null')],
  ['the payload another token', 'token-malformed', () => written(good())],
  ['more behind the payload', 'token-malformed', () => written(`${json()}{}`)],
  ['a byte order mark in the payload', 'token-malformed', () => written(`\ufeff${json()}`)],
  [
    'bytes that are not UTF-8',
    'token-malformed',
    () => forge(header, Buffer.from(json(',"x":"\u00ff"'), 'latin1'), es256(own)),
  ],
  ['half a character', 'token-malformed', () => written(json(',"x":"\\ud800"'))],
  ['NUL in the payload', 'token-malformed', () => written(`${json()}\0`)],
  [
    'more levels than anybody needs',
    'token-malformed',
    () => written(json(`,"x":${'['.repeat(2000)}${']'.repeat(2000)}`)),
  ],
  // For whom and by whom.
  ['no aud', 'token-untrusted', () => signed({ aud: undefined })],
  ['another aud', 'token-untrusted', () => signed({ aud: 'host2' })],
  ['the aud of the admin API', 'token-untrusted', () => signed({ aud: 'bulwark-admin' })],
  ['an aud that begins with ours', 'token-untrusted', () => signed({ aud: 'host1.evil.example' })],
  ['an aud that ours begins with', 'token-untrusted', () => signed({ aud: 'host' })],
  ['an aud in capitals', 'token-untrusted', () => signed({ aud: 'HOST1' })],
  ['an aud that is empty', 'token-untrusted', () => signed({ aud: '' })],
  ['an aud of nobody', 'token-untrusted', () => signed({ aud: [] })],
  ['an aud of others', 'token-untrusted', () => signed({ aud: ['host2', 'host3'] })],
  ['an aud in a list in a list', 'token-untrusted', () => signed({ aud: [['host1']] })],
  ['an aud that is an object', 'token-untrusted', () => signed({ aud: { 0: 'host1', includes: true } })],
  ['no iss', 'token-untrusted', () => signed({ iss: undefined })],
  ['another iss', 'token-untrusted', () => signed({ iss: 'https://evil.example' })],
  ['an iss that begins with ours', 'token-untrusted', () => signed({ iss: 'bulwark.evil.example' })],
  ['an iss in a list', 'token-untrusted', () => signed({ iss: ['bulwark'] })],
  ['an iss with a blank', 'token-untrusted', () => signed({ iss: 'bulwark ' })],
  // Times.
  ['an exp that has passed', 'token-expired', () => signed({ exp: seconds() - 60 })],
  ['an exp of 0', 'token-expired', () => signed({ exp: 0 })],
  ['no exp', 'token-claims', () => signed({ exp: undefined })],
  ['an exp that is a text', 'token-claims', () => signed({ exp: `${seconds() + 60}` })],
  ['an exp that is null', 'token-claims', () => signed({ exp: null })],
  ['an exp that is a list', 'token-claims', () => signed({ exp: [seconds() + 60] })],
  ['an exp that is true', 'token-claims', () => signed({ exp: true })],
  ['an exp below 0', 'token-claims', () => signed({ exp: -1 })],
  ['an exp beyond all numbers', 'token-claims', () => written(json().replace(/"exp":\d+/, '"exp":1e400'))],
  ['an exp beyond the year 9999', 'token-claims', () => signed({ exp: far })],
  ['an exp in milliseconds', 'token-claims', () => signed({ exp: Date.now() + 60_000 })],
  ['NaN', 'token-malformed', () => written(json().replace(/"exp":\d+/, '"exp":NaN'))],
  ['a longer life than is accepted', 'token-expired', () => signed({ exp: seconds() + 90 * 86_400 + 60 })],
  [
    'an iat that makes a long life short',
    'token-expired',
    () => signed({ iat: seconds() + 86_400, exp: seconds() + 91 * 86_400 }),
  ],
  ['no iat', 'token-claims', () => signed({ iat: undefined })],
  ['an iat that is a text', 'token-claims', () => signed({ iat: `${seconds()}` })],
  ['an iat far in the future', 'token-expired', () => signed({ iat: far - 10, exp: far - 1 })],
  ['an nbf in the future', 'token-expired', () => signed({ nbf: seconds() + 3600 })],
  ['an nbf that is a text', 'token-claims', () => signed({ nbf: '0' })],
  ['an nbf that is null', 'token-claims', () => signed({ nbf: null })],
  // Ids.
  ['no jti', 'token-claims', () => signed({ jti: undefined })],
  ['an empty jti', 'token-claims', () => signed({ jti: '' })],
  ['a jti that is a number', 'token-claims', () => signed({ jti: 7 })],
  ['a jti that is long', 'token-claims', () => signed({ jti: 'a'.repeat(201) })],
  ['a jti that does not print', 'token-claims', () => signed({ jti: 'a\u001b[2J' })],
  ['a jti that was revoked', 'token-revoked', () => signed({ jti: 'taken-back' })],
  // Names.
  ['no sub', 'token-claims', () => signed({ sub: undefined })],
  ['a sub that is a number', 'token-claims', () => signed({ sub: 0 })],
  ['a sub that is a list', 'token-claims', () => signed({ sub: ['alice'] })],
  ...[
    '',
    ' ',
    'alice ',
    'alice\n',
    'alice\0',
    'alice\u001b[31m',
    'alice\u202e',
    'system:anonymous',
    'system:bulwark',
    'System:x',
    'ｓystem:x',
    'a'.repeat(201),
  ].map((sub): Row => [`the sub ${JSON.stringify(sub).slice(0, 30)}`, 'token-claims', () => signed({ sub })]),
  // Groups.
  ['groups that are a text', 'token-claims', () => signed({ groups: 'admins' })],
  ['groups that are an object', 'token-claims', () => signed({ groups: { 0: 'admins', length: 1 } })],
  ['groups in groups', 'token-claims', () => signed({ groups: [['admins']] })],
  ['groups with a number', 'token-claims', () => signed({ groups: ['web', 0] })],
  ['groups with null', 'token-claims', () => signed({ groups: [null] })],
  ['500 groups', 'token-claims', () => signed({ groups: Array.from({ length: 500 }, (_, at) => `${at}`) })],
  ['101 groups and claims', 'token-claims', () => signed({ x: Array.from({ length: 99 }, (_, at) => at) })],
  ...['system:authenticated', 'ou:Web', 'claim:team=web', '', ' web', 'web\n', 'a'.repeat(201)].map(
    (group): Row => [
      `the group ${JSON.stringify(group).slice(0, 30)}`,
      'token-claims',
      () => signed({ groups: ['web', group] }),
    ],
  ),
  // Claims that become groups.
  ['a claim that is long', 'token-claims', () => signed({ team: 'a'.repeat(200) })],
  ['a claim that does not print', 'token-claims', () => signed({ team: 'web\n' })],
  ['a claim whose name would be part of its value', 'token-claims', () => signed({ 'team=web': 'x' })],
  ['a number that reads as another', 'token-claims', () => written(json(',"id":9007199254740993'))],
  ['a number beyond all numbers', 'token-claims', () => written(json(',"id":1e400'))],
  // Tokens for something else.
  ['a token of the admin API', 'token-malformed', () => issueAdminToken(own.secretPem, 60_000).token],
  [
    'a token of the admin API by its own key',
    'token-malformed',
    () => issueAdminToken(stranger.secretPem, 60_000).token,
  ],
];

/** Every 12 characters that stand together. */
const pieces = (text: string) =>
  Array.from({ length: Math.max(0, Math.min(text.length, 20_000) - 11) }, (_, at) => text.slice(at, at + 12));

describe('every attack is refused, and nothing of the token is told', () => {
  let written = '';

  beforeEach(() => {
    written = '';
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        written += String(text);
        return true;
      });
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  const refused = async (token: string) => {
    const refusal = await trust.tokens.verify(token).then(
      () => {
        throw new Error('it was accepted');
      },
      (error: Error) => error,
    );
    const text = `${refusal.stack} ${JSON.stringify(refusal)} ${written}`;
    expect(pieces(token).filter((piece) => text.includes(piece))).toEqual([]);
    return { refusal, text };
  };

  it.each(forged)('%s: %s', async (_, code, make) => {
    const { refusal, text } = await refused(make());
    expect(refusal).toMatchObject({ name: 'Refusal', code });
    expect(text).not.toContain('mallory');
  });

  it.each(careless)('%s: %s', async (_, code, make) => {
    const { refusal } = await refused(make());
    expect(refusal).toMatchObject({ name: 'Refusal', code });
  });
});

describe('what the rows change', () => {
  it('is a token that holds', async () => {
    expect(await trust.tokens.verify(good())).toMatchObject({ name: 'mallory-of-the-attack' });
    expect(await trust.tokens.verify(headed({}))).toMatchObject({ name: 'mallory-of-the-attack' });
    expect(await trust.tokens.verify(written(json()))).toMatchObject({ name: 'mallory-of-the-attack' });
  });

  it('opens no admin API, even with the same key', () => {
    expect(verifyAdminToken(good(), own.pem)).toBeUndefined();
    expect(verifyAdminToken(signed({ aud: 'bulwark-admin' }), own.pem)).toBeUndefined();
  });
});
