import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchownSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The text of a file; undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  return ifThere(() => readFileSync(path, 'utf8'));
}

/** The texts of the files in a folder that have been written whole; none where there is no folder. */
export function readAll(folder: string): readonly string[] {
  const names = ifThere(() => readdirSync(folder)) ?? [];
  return names
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => readIfThere(join(folder, name)) ?? []);
}

/** Writes a new file, which appears whole and durable; false: there is one. */
export function writeOnce(path: string, text: string, mode = 0o600): boolean {
  return written(path, text, mode, (nearby) => {
    try {
      linkSync(nearby, path);
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false;
      throw error;
    }
  });
}

/** Gives a file another text, all at once and durable. */
export function replaceFile(path: string, text: string, mode: number): void {
  written(path, text, mode, (nearby) => renameSync(nearby, path));
}

/** Makes a folder that only its owner can look into. */
export function makePrivateFolder(path: string): void {
  if (ifThere(() => statSync(path)) !== undefined) return;
  makePrivateFolder(dirname(path));
  mkdirSync(path, { recursive: true, mode: 0o700 });
  giveToOwnerOfFolder(path);
}

/** Does something while no other process does something under the lock of the same folder; a process that ends lets go. */
export function underLock<T>(folder: string, work: () => T): T {
  makePrivateFolder(folder);
  const path = join(folder, 'lock');
  // Node has no locks of the system but these.
  const lock = new DatabaseSync(path, { timeout: 10_000 });
  try {
    giveToOwnerOfFolder(path);
    lock.exec('BEGIN EXCLUSIVE');
    return work();
  } finally {
    lock.close();
  }
}

function written<T>(path: string, text: string, mode: number, place: (nearby: string) => T): T {
  const folder = dirname(path);
  makePrivateFolder(folder);
  const nearby = join(folder, `.${randomBytes(8).toString('hex')}`);
  try {
    writeFileSync(nearby, text, { mode, flag: 'wx', flush: true });
    giveToOwnerOfFolder(nearby);
    const placed = place(nearby);
    flushFolder(folder);
    return placed;
  } finally {
    rmSync(nearby, { force: true });
  }
}

/**
 * What root makes in the folder of a `serve` that is not root would be closed to it. Whoever owns the folder could put a
 * link in its place meanwhile: what that leads to is not given away.
 */
function giveToOwnerOfFolder(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  const made = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    fchownSync(made, uid, gid);
  } finally {
    closeSync(made);
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
