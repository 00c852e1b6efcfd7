import { createHash, createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** What a token may be signed with: one way a kind of key, so that nobody chooses. */
export type Algorithm = 'ES256' | 'RS256' | 'HS256';

/** A key by which tokens are known to be good. */
export interface TrustedKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: KeyObject;
  /** When it ceases to count, in milliseconds since 1970; absent: never. */
  readonly until?: number;
}

/** Whether a key is there, and counts now. */
export function counts(key: TrustedKey | undefined): boolean {
  return key !== undefined && (key.until === undefined || Date.now() < key.until);
}

/** Why a file of keys cannot be used, for a sentence; holds nothing of a key. */
export class KeyFault extends Error {
  override readonly name = 'KeyFault';
}

/**
 * The keys in a text: PEM, or JSON Web Keys (RFC 7517).
 *
 * @throws KeyFault
 */
export function readKeys(text: string): readonly TrustedKey[] {
  return text.trimStart().startsWith('{') ? jwksIn(text) : pemIn(text);
}

const blocks = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/**
 * Public keys, one behind the other. `# until TIME` before one says when it ceases to count; other lines are empty or
 * begin with `#`, so that no such line is missed for a slip.
 */
function pemIn(text: string): readonly TrustedKey[] {
  const keys: TrustedKey[] = [];
  let at = 0;
  for (const block of text.matchAll(blocks)) {
    const [pem, label = ''] = block;
    const until = untilIn(text.slice(at, block.index));
    at = block.index + pem.length;
    if (label !== 'PUBLIC KEY') throw new KeyFault(`it holds a block \`${label}\`; ${insteadOf(label)}`);
    const key = madeOf(() => createPublicKey(pem));
    keys.push({ kid: thumbprint(key), alg: algorithmOf(key), key, ...(until !== undefined && { until }) });
  }
  if (untilIn(text.slice(at)) !== undefined) throw new KeyFault('its last `# until` stands before no key');
  if (keys.length === 0) throw new KeyFault('there is no key in it, neither PEM (`PUBLIC KEY`) nor JWKS');
  return keys;
}

function insteadOf(label: string): string {
  if (label.includes('PRIVATE'))
    return 'a private key belongs to who makes tokens: put the public one here (`openssl pkey -pubout`)';
  if (label.includes('CERTIFICATE')) return 'put its public key here (`openssl x509 -pubkey -noout`)';
  return 'a public key is a block `PUBLIC KEY`';
}

/** The time in the lines before a key. */
function untilIn(between: string): number | undefined {
  let until: number | undefined;
  for (const line of between.split('\n').map((line) => line.trim())) {
    if (line !== '' && !line.startsWith('#')) throw new KeyFault('there is text in it that is no key');
    if (!/^#\s*until/i.test(line)) continue;
    const time = line.replace(/^# until /, '');
    if (until !== undefined || !z.iso.datetime().safeParse(time).success)
      throw new KeyFault('a line `# until` is no single time as in `# until 2027-02-28T10:00:00Z`');
    until = Date.parse(time);
  }
  return until;
}

const jwks = z.object({
  keys: z.array(
    z.looseObject({
      kty: z.string(),
      kid: z.string().min(1).max(200),
      alg: z.string().optional(),
      use: z.string().optional(),
      k: z.string().optional(),
    }),
  ),
});

function jwksIn(text: string): readonly TrustedKey[] {
  const read = jwks.safeParse(jsonOf(text));
  if (!read.success)
    throw new KeyFault(
      'it is no JWKS: `{"keys": [...]}`, each with `kty` and a `kid` of 1 to 200 characters',
    );
  return read.data.keys.filter(({ use }) => use !== 'enc').map(keyOf);
}

type Jwk = z.infer<typeof jwks>['keys'][number];

function keyOf(jwk: Jwk): TrustedKey {
  const { kty, kid, alg, use, k } = jwk;
  if ('d' in jwk) throw new KeyFault('it holds a private key (`d`), which belongs to who makes tokens');
  const key =
    kty === 'oct'
      ? secretOf(k ?? '')
      : madeOf(() => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }));
  const wanted = algorithmOf(key);
  if (use !== undefined && use !== 'sig') throw new KeyFault('it holds a key with a `use` other than `sig`');
  if (alg !== wanted && (alg !== undefined || kty === 'oct'))
    throw new KeyFault(`it holds a key whose \`alg\` is not ${wanted}, as that of its kind is here`);
  return { kid, alg: wanted, key };
}

/** A shorter one can be guessed from a token (RFC 7518, 3.2). */
function secretOf(text: string): KeyObject {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < 32 || bytes.toString('base64url') !== text)
    throw new KeyFault('it holds a secret (`oct`) that is not base64url of 32 bytes or more');
  return createSecretKey(bytes);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the system says of a broken key may quote it. */
function madeOf(make: () => KeyObject): KeyObject {
  try {
    return make();
  } catch {
    throw new KeyFault('it holds a key that cannot be read');
  }
}

function algorithmOf({ type, asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm {
  if (type === 'secret') return 'HS256';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'rsa') {
    if ((asymmetricKeyDetails?.modulusLength ?? 0) >= 2048) return 'RS256';
    throw new KeyFault('it holds an RSA key of less than 2048 bits');
  }
  throw new KeyFault(
    `it holds a key of a kind that has no algorithm here (${asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType}); take P-256 (ES256) or RSA (RS256)`,
  );
}

/** RFC 7638: the same for the same key, wherever it came from. */
export function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y, e, n } = key.export({ format: 'jwk' });
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
