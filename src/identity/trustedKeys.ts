import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { KeyFault, readKeys, type TrustedKey } from './keys.ts';

/** Keys of one state of the files, by id. */
export type KeySet = ReadonlyMap<string, TrustedKey>;

const largest = 1024n * 1024n;

/**
 * The keys in some files. The files are looked at with each call, so that a key that is made or taken away counts at
 * once, and read where one has changed.
 */
export class TrustedKeys {
  readonly #paths: readonly string[];
  #state: string | undefined;
  #keys: KeySet = new Map();

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /**
   * The same set as long as the files are the same. A file that is not there has no keys.
   *
   * @throws Refusal `keys-unreadable`
   */
  async current(): Promise<KeySet> {
    const state = (await Promise.all(this.#paths.map(stateOf))).join();
    if (state === this.#state) return this.#keys;
    const read = await Promise.all(this.#paths.map(keysIn));
    const keys = new Map<string, TrustedKey>();
    for (const [at, path] of this.#paths.entries()) {
      for (const key of read[at]?.keys ?? []) {
        if (keys.has(key.kid)) throw unreadable(path, 'it holds a key whose id (`kid`) another one has');
        keys.set(key.kid, key);
      }
    }
    this.#keys = keys;
    // Of what was read: a file that has changed since the first look is read again with the next call.
    this.#state = read.map(({ state }) => state).join();
    return keys;
  }
}

async function stateOf(path: string): Promise<string> {
  try {
    return stamp(await stat(path, { bigint: true }));
  } catch (error) {
    return absent(error, path);
  }
}

async function keysIn(path: string) {
  try {
    // A pipe would not be opened before somebody writes.
    const { size } = mustBeFile(await stat(path, { bigint: true }));
    if (size > largest) throw new KeyFault('it is larger than 1 MiB');
    await using file = await open(path);
    const found = mustBeFile(await file.stat({ bigint: true }));
    const keys = readKeys(await file.readFile('utf8'));
    if (keys.some(({ alg }) => alg === 'HS256') && (found.mode & 0o077n) !== 0n)
      throw new KeyFault('it holds a secret (`oct`) and is open to others: `chmod 600`');
    return { state: stamp(found), keys };
  } catch (error) {
    return { state: absent(error, path), keys: [] };
  }
}

function mustBeFile(found: BigIntStats): BigIntStats {
  if (found.isFile()) return found;
  throw new KeyFault('it is no file');
}

/** The time of change is there for the mode. */
function stamp({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

/** A key of one's own is made with the first token; any other error could hide one. */
function absent(error: unknown, path: string): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'absent';
  throw unreadable(path, error instanceof Error ? printable(error.message) : 'for an unknown reason');
}

function unreadable(path: string, why: string): Refusal {
  return new Refusal('keys-unreadable', `the keys of tokens in ${quote(path, 4096)} cannot be used: ${why}.`);
}
