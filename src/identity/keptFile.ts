import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/**
 * What a file says, read anew when it is another one: each call looks, so that a change counts with the next request. A
 * file that is changed in place twice within a tick of the kernel's clock, with as many bytes, is not told apart: write
 * a new one and rename it.
 */
export class KeptFile<T> {
  readonly path: string;
  readonly #parse: (bytes: Buffer, stats: BigIntStats) => T;
  #kept: { readonly state: string; readonly value: T } | undefined;

  constructor(path: string, parse: (bytes: Buffer, stats: BigIntStats) => T) {
    this.path = path;
    this.#parse = parse;
  }

  /** Rejects with what the system says (a missing file too), with what `parse` throws, or where it is no file. */
  async read(): Promise<T> {
    const stats = await stat(this.path, { bigint: true });
    // A pipe would be waited for until somebody writes, by one of the process's few threads.
    if (!stats.isFile()) throw new Error('it is no file');
    const state = stateOf(stats);
    if (this.#kept?.state === state) return this.#kept.value;
    const value = this.#parse(await readFile(this.path), stats);
    this.#kept = { state, value };
    return value;
  }
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
