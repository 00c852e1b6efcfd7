import type { Code } from '../model/codes.ts';
import { printable, quote } from '../model/printable.ts';

/** Why the ledger could not be written: crosses from the worker to the main process. */
export interface Failure {
  readonly code: Code;
  /** What is wrong, with the path; printable. */
  readonly detail: string;
}

/** The error of a file that is no ledger, or not one for this version. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

/** SQLite's primary result codes, https://sqlite.org/rescode.html. */
const sqliteCodes: ReadonlyMap<number, readonly [Code, string]> = new Map([
  [5, ['ledger-locked', 'another process keeps it locked']],
  [6, ['ledger-locked', 'another process keeps it locked']],
  [8, ['ledger-read-only', 'it, or its folder, cannot be written']],
  [11, ['ledger-corrupt', 'it is damaged']],
  [13, ['ledger-full', 'the disk is full']],
  [26, ['ledger-corrupt', 'it is no SQLite file']],
]);

const systemCodes: ReadonlyMap<string, readonly [Code, string]> = new Map([
  ['EROFS', ['ledger-read-only', 'its file system is mounted read-only']],
  ['EACCES', ['ledger-read-only', 'the system does not let Bulwark write it']],
  ['EPERM', ['ledger-read-only', 'the system does not let Bulwark write it']],
  ['ENOSPC', ['ledger-full', 'the disk is full']],
  ['EDQUOT', ['ledger-full', 'the quota of the disk is used up']],
]);

/** What an error of opening or writing the ledger at `path` means. */
export function failureOf(error: unknown, path: string): Failure {
  if (error instanceof LedgerError) return { code: error.code, detail: `${quote(path)}: ${error.message}.` };
  const [code, reason] = known(error) ?? ['ledger-unwritable', describe(error)];
  return { code, detail: `${quote(path)} cannot be written: ${reason}.` };
}

/** Whether room on the disk would help. */
export function isFull(error: unknown): boolean {
  return known(error)?.[0] === 'ledger-full';
}

function known(error: unknown): readonly [Code, string] | undefined {
  if (!(error instanceof Error)) return undefined;
  // An extended code has the primary one in its lowest byte. 14 and 10 (CANTOPEN, IOERR) say nothing of the cause.
  if ('errcode' in error && typeof error.errcode === 'number') return sqliteCodes.get(error.errcode & 0xff);
  return 'code' in error && typeof error.code === 'string' ? systemCodes.get(error.code) : undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? printable(error.message) : 'an unknown error';
}
