import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { readIfThere, replaceFile, underLock } from './keptFiles.ts';
import { readKeys, type TrustedKey } from './keys.ts';

/** The key that a host's own tokens are signed with. */
export interface OwnKey extends Pick<TrustedKey, 'kid' | 'alg'> {
  readonly secret: KeyObject;
}

/** What became of the keys. */
export interface Rotated {
  readonly kid: string;
  /** Those that go on to count for a while. */
  readonly kept: readonly TrustedKey[];
  /** Ids of those that count no more. */
  readonly dropped: readonly string[];
}

/** Where a data folder keeps what the tokens of users are signed with, and held against. */
export function ownKeyFiles(data: string): { readonly secret: string; readonly open: string } {
  return { secret: join(data, 'keys', 'token.key.pem'), open: join(data, 'keys', 'token.pub.pem') };
}

/** A new private key (P-256), PEM. */
export function newSecret(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * The key of a data folder; the first call makes it, and each sees to it that tokens are held against it.
 *
 * @throws Refusal `key-unusable`
 */
export function ownKey(data: string): OwnKey {
  return withFiles(data, ({ secret: path, open }) => {
    let pem = readIfThere(path);
    if (pem === undefined) {
      pem = newSecret();
      replaceFile(path, pem, 0o600);
    }
    const secret = createPrivateKey(pem);
    const own = openHalf(secret);
    const trusted = keysIn(open);
    const found = trusted.find(({ kid }) => kid === own.kid);
    if (found === undefined || found.until !== undefined)
      replaceFile(open, textOf([own, ...trusted.filter((key) => key !== found)]), 0o644);
    return { secret, kid: own.kid, alg: own.alg };
  });
}

/**
 * Makes a new key. The ones before it count until `until` (milliseconds since 1970) or until the time that was set
 * before; those whose time is not after `now` are dropped.
 *
 * @throws Refusal `key-unusable`
 */
export function rotateOwnKey(data: string, until: number, now: number): Rotated {
  return withFiles(data, ({ secret: path, open }) => {
    const before = keysIn(open).map((key) => ({ ...key, until: Math.min(key.until ?? until, until) }));
    const kept = before.filter((key) => key.until > now);
    const pem = newSecret();
    const own = openHalf(createPrivateKey(pem));
    // In this order: where it ends between the two, the next token mends it, and no key is trusted that nobody has.
    replaceFile(path, pem, 0o600);
    replaceFile(open, textOf([own, ...kept]), 0o644);
    const dropped = before.filter((key) => key.until <= now).map(({ kid }) => kid);
    return { kid: own.kid, kept, dropped };
  });
}

function withFiles<T>(data: string, work: (files: ReturnType<typeof ownKeyFiles>) => T): T {
  const files = ownKeyFiles(data);
  try {
    return underLock(join(data, 'keys'), () => work(files));
  } catch (error) {
    const reason = error instanceof Error ? printable(error.message) : 'an unknown error';
    throw new Refusal('key-unusable', `the key ${quote(files.secret, 4096)} cannot be used: ${reason}.`);
  }
}

function openHalf(secret: KeyObject): TrustedKey {
  const [own] = readKeys(pemOf(createPublicKey(secret)));
  if (own === undefined) throw new Error('it has no public half');
  return own;
}

function keysIn(path: string): readonly TrustedKey[] {
  const text = readIfThere(path);
  return text === undefined ? [] : readKeys(text);
}

function textOf(keys: readonly TrustedKey[]): string {
  return keys
    .map(({ key, until }) =>
      until === undefined ? pemOf(key) : `# until ${new Date(until).toISOString()}\n${pemOf(key)}`,
    )
    .join('');
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
