import type { BigIntStats } from 'node:fs';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { KeptFile } from './keptFile.ts';
import { KeyFault, readKeys, type TrustedKey } from './keys.ts';

/** Keys of one state of the files, by id. */
export type KeySet = ReadonlyMap<string, TrustedKey>;

type Keys = readonly TrustedKey[];

const none: Keys = [];

/** The keys in some files, as they are with each call: one that is made or taken away counts at once. */
export class TrustedKeys {
  readonly #files: readonly KeptFile<Keys>[];
  #read: readonly Keys[] = [];
  #keys: KeySet = new Map();

  constructor(paths: readonly string[]) {
    this.#files = paths.map((path) => new KeptFile(path, keysIn));
  }

  /**
   * The same set as long as the files are the same. A file that is not there has no keys.
   *
   * @throws Refusal `keys-unreadable`
   */
  async current(): Promise<KeySet> {
    const read = await Promise.all(this.#files.map(keysOf));
    if (read.length === this.#read.length && read.every((keys, at) => keys === this.#read[at]))
      return this.#keys;
    const keys = new Map<string, TrustedKey>();
    for (const [at, { path }] of this.#files.entries()) {
      for (const key of read[at] ?? none) {
        if (keys.has(key.kid)) throw unreadable(path, 'it holds a key whose id (`kid`) another one has');
        keys.set(key.kid, key);
      }
    }
    this.#keys = keys;
    this.#read = read;
    return keys;
  }
}

function keysIn(bytes: Buffer, { mode }: BigIntStats): Keys {
  const keys = readKeys(bytes.toString());
  if (keys.some(({ alg }) => alg === 'HS256') && (mode & 0o077n) !== 0n)
    throw new KeyFault('it holds a secret (`oct`) and is open to others: `chmod 600`');
  return keys;
}

/** The host's own key is made with the first token; any other error could hide one. */
async function keysOf(file: KeptFile<Keys>): Promise<Keys> {
  try {
    return await file.read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return none;
    throw unreadable(file.path, error instanceof Error ? printable(error.message) : 'for an unknown reason');
  }
}

function unreadable(path: string, why: string): Refusal {
  return new Refusal('keys-unreadable', `the keys of tokens in ${quote(path, 4096)} cannot be used: ${why}.`);
}
