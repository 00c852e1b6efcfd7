import type { FileError } from './fileerror.ts';
import type { LoadResult } from './load.ts';

/** Policies that were read whole. */
export type Loaded = Extract<LoadResult, { ok: true }>;

/** The policies that decide at present. */
export interface InForce extends Loaded {
  readonly since: Date;
  /** Why the last reload changed nothing: what is on the disk now is broken. Empty: it is what is in force. */
  readonly problems: readonly FileError[];
}
