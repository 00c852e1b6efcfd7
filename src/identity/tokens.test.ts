import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ecPair,
  es256,
  forge,
  goodClaims,
  hs256,
  makeTrust,
  type Pair,
  rs256,
  rsaPair,
  seconds,
} from '../../test/tokensOf.ts';

const own = ecPair();
const rsa = rsaPair();
const secret = Buffer.alloc(32, 7);
const jwk = (pair: Pair, more: object) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...more });
const jwks = (...keys: readonly object[]) => JSON.stringify({ keys });
const oct = { kty: 'oct', kid: 'shared', alg: 'HS256', k: secret.toString('base64url') };

/** A token of alice by the host's own key, but for what a row changes. */
const token = (claims: object = {}, header: object = {}, pair = own) =>
  forge({ alg: 'ES256', kid: pair.kid, ...header }, { ...goodClaims(), ...claims }, es256(pair));

let trust: ReturnType<typeof makeTrust>;
const alice = {
  name: 'alice',
  groups: ['web', 'db'],
  id: goodClaims().jti,
  expires: expect.any(Date),
};

afterEach(() => {
  vi.useRealTimers();
  trust.remove();
});

describe('a good token', () => {
  it.each<[string, () => string]>([
    ["of the host's own key", () => token()],
    ['that does not say whose key it is', () => token({}, { kid: undefined })],
    ['of the type JWT', () => token({}, { typ: 'JWT' })],
    ['of the type of our own, in other letters', () => token({}, { typ: 'Bulwark+JWT' })],
    ['with a digest of a certificate, as those of GitHub', () => token({}, { x5t: 'abc' })],
    ['for several, this host among them', () => token({ aud: ['other', 'host1'] })],
    ['of an RSA key', () => forge({ alg: 'RS256', kid: rsa.kid }, goodClaims(), rs256(rsa))],
    ['of a set of keys', () => forge({ alg: 'RS256', kid: 'ci' }, goodClaims(), rs256(rsa))],
    ['of a shared secret', () => forge({ alg: 'HS256', kid: 'shared' }, goodClaims(), hs256(secret))],
  ])('%s names alice', async (_, make) => {
    trust = makeTrust({
      'token.pub.pem': own.pem,
      'rsa.pem': rsa.pem,
      'ci.json': jwks(jwk(rsa, { kid: 'ci', alg: 'RS256', use: 'sig' }), oct),
    });
    expect(await trust.tokens.verify(make())).toEqual(alice);
  });

  it('is held against a key once', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    const verify = vi.spyOn(jwt, 'verify');
    const text = token();
    for (let count = 0; count < 3; count += 1) expect(await trust.tokens.verify(text)).toEqual(alice);
    expect(verify).toHaveBeenCalledTimes(1);
    trust.write('token.pub.pem', `${own.pem}${ecPair().pem}`);
    expect(await trust.tokens.verify(text)).toEqual(alice);
    expect(verify).toHaveBeenCalledTimes(2);
    verify.mockRestore();
  });

  it('has what else it says as groups', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    const claims = {
      team: 'web',
      env: ['prod', 'stage'],
      project_id: 17,
      protected: true,
      base_ref: '',
      nested: { a: 1 },
      mixed: ['a', {}],
      nothing: null,
      'https://example.com/role': 'dev',
    };
    expect(await trust.tokens.verify(token(claims))).toEqual({
      ...alice,
      groups: [
        ...['web', 'db', 'claim:team=web', 'claim:env=prod', 'claim:env=stage', 'claim:project_id=17'],
        ...['claim:protected=true', 'claim:base_ref=', 'claim:https://example.com/role=dev'],
      ],
    });
  });

  // The claims that their documentation names, in the forms that it shows.
  it.each<[string, object, object, string, readonly string[]]>([
    [
      'GitLab',
      { typ: 'JWT' },
      {
        ...{ iss: 'https://gitlab.example.com', sub: 'project_path:web/shop:ref_type:branch:ref:main' },
        ...{ namespace_id: '72', namespace_path: 'web', project_id: '20', project_path: 'web/shop' },
        ...{ user_id: '1', user_login: 'alice', user_email: 'alice@example.com' },
        ...{ user_identities: [{ provider: 'github', extern_uid: '2' }], pipeline_id: '574' },
        ...{ pipeline_source: 'push', job_id: '302', ref: 'main', ref_type: 'branch' },
        ...{ ref_path: 'refs/heads/main', ref_protected: 'true', groups_direct: ['web', 'web/ops'] },
        ...{ runner_id: 1, runner_environment: 'self-hosted', project_visibility: 'private' },
        ci_config_ref_uri: 'gitlab.example.com/web/shop//.gitlab-ci.yml@refs/heads/main',
      },
      'project_path:web/shop:ref_type:branch:ref:main',
      ['claim:project_path=web/shop', 'claim:ref_protected=true', 'claim:groups_direct=web/ops'],
    ],
    [
      'GitHub',
      { typ: 'JWT', x5t: 'HyQ6c4zUrBPxG9xnTSPFDmbzWKs' },
      {
        ...{ iss: 'https://token.actions.githubusercontent.com', sub: 'repo:web/shop:ref:refs/heads/main' },
        ...{ actor: 'alice', base_ref: '', event_name: 'push', ref: 'refs/heads/main' },
        ...{ repository: 'web/shop', repository_owner: 'web', run_id: '22259804324', run_attempt: '1' },
        workflow_ref: 'web/shop/.github/workflows/ci.yml@refs/heads/main',
      },
      'repo:web/shop:ref:refs/heads/main',
      ['claim:repository=web/shop', 'claim:ref=refs/heads/main', 'claim:base_ref='],
    ],
  ])('of %s names its job', async (_, header, said, name, groups) => {
    const issuer = Object.entries(said).find(([key]) => key === 'iss')?.[1];
    const keys = jwks(jwk(rsa, { kid: 'ci', alg: 'RS256', use: 'sig' }));
    trust = makeTrust({ 'token.pub.pem': own.pem, 'ci.json': keys }, { issuer });
    const times = { iat: seconds(), nbf: seconds() - 5, exp: seconds() + 300 };
    const payload = { aud: 'host1', jti: 'e2f1a3b0-0b1c', ...times, ...said };
    const claimed = await trust.tokens.verify(
      forge({ alg: 'RS256', kid: 'ci', ...header }, payload, rs256(rsa)),
    );
    expect(claimed).toMatchObject({ name, groups: expect.arrayContaining([...groups]) });
    expect(claimed.groups.filter((group) => !group.startsWith('claim:'))).toEqual([]);
  });

  it('may have no groups', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    expect(await trust.tokens.verify(token({ groups: undefined }))).toEqual({ ...alice, groups: [] });
  });

  it('holds for as long as it says, and what a clock may be off', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    vi.useFakeTimers({ toFake: ['Date'] });
    const text = token();
    vi.setSystemTime((goodClaims().exp + 29) * 1000);
    expect(await trust.tokens.verify(text)).toEqual(alice);
    vi.setSystemTime((seconds() + 1) * 1000);
    await expect(trust.tokens.verify(text)).rejects.toMatchObject({
      code: 'token-expired',
      message: expect.stringMatching(/^the token of `alice` has expired at 20.*Z\.$/),
    });
  });

  it('may be of a clock that is ahead by the leeway, and no more', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    expect(await trust.tokens.verify(token({ iat: seconds() + 25 }))).toEqual(alice);
    await expect(trust.tokens.verify(token({ iat: seconds() + 60 }))).rejects.toMatchObject({
      code: 'token-expired',
    });
  });
});

describe('a revocation', () => {
  it('ends a token at once, also one that was just verified', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    const text = token();
    await trust.tokens.verify(text);
    trust.revoke(alice.id);
    await expect(trust.tokens.verify(text)).rejects.toMatchObject({
      code: 'token-revoked',
      message: `the token \`${alice.id}\` of \`alice\` was revoked.`,
    });
    expect(await trust.tokens.verify(token({ jti: 'another' }))).toMatchObject({ id: 'another' });
  });

  it('that cannot be seen is taken for one', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    writeFileSync(join(trust.folder, 'revoked'), 'no folder');
    await expect(trust.tokens.verify(token())).rejects.toMatchObject({ code: 'keys-unreadable' });
  });
});

describe('the keys', () => {
  it('count as soon as they are there, and no longer than they are', async () => {
    trust = makeTrust({ 'token.pub.pem': own.pem });
    const path = join(trust.folder, 'token.pub.pem');
    const text = token();
    rmSync(path);
    await expect(trust.tokens.verify(text)).rejects.toMatchObject({
      code: 'token-untrusted',
      message: 'this host trusts no key for tokens yet.',
    });
    writeFileSync(path, own.pem);
    expect(await trust.tokens.verify(text)).toEqual(alice);
    const other = ecPair();
    writeFileSync(path, other.pem);
    await expect(trust.tokens.verify(text)).rejects.toMatchObject({ code: 'token-untrusted' });
    expect(await trust.tokens.verify(token({}, {}, other))).toEqual(alice);
  });

  it('count until the time before them, also for a token that is remembered', async () => {
    const old = ecPair();
    vi.useFakeTimers({ toFake: ['Date'] });
    const until = new Date((seconds() + 60) * 1000).toISOString();
    trust = makeTrust({ 'token.pub.pem': `# keys\n\n${own.pem}# until ${until}\n${old.pem}` });
    const text = token({}, {}, old);
    expect(await trust.tokens.verify(text)).toEqual(alice);
    vi.setSystemTime(until);
    await expect(trust.tokens.verify(text)).rejects.toMatchObject({ code: 'token-untrusted' });
    expect(await trust.tokens.verify(token())).toEqual(alice);
  });

  const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
  it.each<[string, string, RegExp]>([
    ['empty', '', /no key in it/],
    ['a private key', own.secretPem, /private key belongs to/],
    ['a certificate', pem('CERTIFICATE'), /openssl x509 -pubkey/],
    ['a key of another form', pem('RSA PUBLIC KEY'), /is a block `PUBLIC KEY`/],
    ['a broken key', pem('PUBLIC KEY'), /cannot be read/],
    ['half a key', own.pem.slice(0, 100), /text in it that is no key/],
    ['a key and half of another', own.pem + own.pem.slice(0, 100), /text in it that is no key/],
    ['other text', `some words\n${own.pem}`, /text in it that is no key/],
    ['a time that is none', `# until tomorrow\n${own.pem}`, /`# until`/],
    ['a time in a wrong spelling', `#Until: 2020-01-01T00:00:00Z\n${own.pem}`, /`# until`/],
    ['two times', `# until 2020-01-01T00:00:00Z\n# until 2030-01-01T00:00:00Z\n${own.pem}`, /`# until`/],
    ['a time of no key', `${own.pem}# until 2020-01-01T00:00:00Z\n`, /before no key/],
    ['a key twice', own.pem + own.pem, /`kid`/],
    ['an Ed25519 key', pemOf('ed25519'), /ed25519.*P-256/],
    ['a key of another curve', ecPair('P-384').pem, /secp384r1.*P-256/],
    ['a short RSA key', rsaPair(1024).pem, /2048/],
    ['JSON that is none', '{', /no JWKS/],
    ['JSON of another kind', '{"key": []}', /no JWKS/],
    ['a JWKS without ids', jwks(jwk(own, {})), /no JWKS/],
    ['a JWKS with one id twice', jwks(jwk(own, { kid: 'a' }), jwk(rsa, { kid: 'a' })), /`kid`/],
    ['a JWKS with a private key', jwks({ ...own.privateKey.export({ format: 'jwk' }), kid: 'a' }), /\(`d`\)/],
    ['a JWKS with another algorithm', jwks(jwk(rsa, { kid: 'a', alg: 'PS256' })), /`alg` is not RS256/],
    ['a JWKS with another use', jwks(jwk(rsa, { kid: 'a', use: 'tls' })), /`use`/],
    ['a JWKS with a short secret', jwks({ ...oct, k: 'AAAA' }), /32 bytes/],
    ['a JWKS with a secret of unknown use', jwks({ ...oct, alg: undefined }), /`alg` is not HS256/],
    [
      'a JWKS with a broken key',
      jwks({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'a' }),
      /cannot be read/,
    ],
  ])('that are %s deny every token, and say where', async (_, text, why) => {
    trust = makeTrust({ 'keys.pem': own.pem, 'more.pem': text });
    const refusal = await trust.tokens.verify(token()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'keys-unreadable', message: expect.stringMatching(why) });
    expect(refusal).toMatchObject({ message: expect.stringContaining(join(trust.folder, 'more.pem')) });
    expect(String(refusal)).not.toContain(text.split('\n')[1] || 'MFkw');
  });

  it('of a set that are for encryption are passed over', async () => {
    trust = makeTrust({
      'keys.pem': own.pem,
      'ci.json': jwks(jwk(rsa, { kid: 'enc', alg: 'RSA-OAEP', use: 'enc' })),
    });
    expect(await trust.tokens.verify(token())).toEqual(alice);
    const text = forge({ alg: 'RS256', kid: 'enc' }, goodClaims(), rs256(rsa));
    await expect(trust.tokens.verify(text)).rejects.toMatchObject({ code: 'token-untrusted' });
  });

  it('with a secret must be closed to others, also later on', async () => {
    trust = makeTrust({ 'keys.pem': own.pem, 'ci.json': jwks(oct) });
    expect(await trust.tokens.verify(token())).toEqual(alice);
    chmodSync(join(trust.folder, 'ci.json'), 0o640);
    await expect(trust.tokens.verify(token())).rejects.toMatchObject({
      code: 'keys-unreadable',
      message: expect.stringContaining('chmod 600'),
    });
  });

  it('in what is no file deny every token', async () => {
    trust = makeTrust({ 'keys.pem': own.pem }, { keys: ['/dev/null'] });
    await expect(trust.tokens.verify(token())).rejects.toMatchObject({ code: 'keys-unreadable' });
  });
});

describe('a token with one character changed', () => {
  it('is refused, or names the same', async () => {
    trust = makeTrust({ 'keys.pem': own.pem });
    const text = token();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n\0é';
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...alphabet, ''), async (at, char) => {
        const mutant = text.slice(0, at) + char + text.slice(at + 1);
        const answer = await trust.tokens.verify(mutant).catch((error: { code?: string }) => error.code);
        if (mutant === text) expect(answer).toEqual(alice);
        else expect(answer).toMatch(/^token-(?:malformed|untrusted)$/);
      }),
      { numRuns: 1000 },
    );
  });
});

/** The public key of a new pair of a kind that has no algorithm here. */
function pemOf(kind: 'ed25519'): string {
  return generateKeyPairSync(kind).publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
