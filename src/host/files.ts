import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../model/error.ts';
import { quote } from '../model/printable.ts';

/** The text of a file; undefined where there is none. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Gives a file a text, all at once, through a link where it is one; mode and owner stay, a new file has `mode`. The way
 * back restores what was there, and removes folders that were made.
 */
export function writeText(path: string, text: string, mode = 0o644): (() => void) | undefined {
  const before = textOf(path);
  if (before === text) return undefined;
  const removeFolders = makeFolder(dirname(path));
  try {
    replace(path, text, mode);
  } catch (error) {
    removeFolders();
    throw error;
  }
  return () => {
    if (before === undefined) rmSync(path);
    else replace(path, before, mode);
    removeFolders();
  };
}

/** Gives all of some files their texts, or none; with its mode where one is new. */
export function writeAll(
  files: readonly (readonly [path: string, text: string, mode?: number])[],
): (() => void) | undefined {
  const undos: (() => void)[] = [];
  const putBack = () => {
    for (const undo of undos.toReversed()) undo();
  };
  try {
    for (const file of files) {
      const undo = writeText(...file);
      if (undo !== undefined) undos.push(undo);
    }
  } catch (error) {
    putBack();
    throw error;
  }
  return undos.length === 0 ? undefined : putBack;
}

function replace(link: string, text: string, mode: number): void {
  const path = realPath(link);
  const stat = statSync(path, { throwIfNoEntry: false });
  const nearby = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(nearby, text, { flag: 'wx', mode: 0o600, flush: true });
    if (stat !== undefined) chownSync(nearby, stat.uid, stat.gid);
    chmodSync(nearby, stat === undefined ? mode : stat.mode & 0o7777);
    renameSync(nearby, path);
    flushFolder(dirname(path));
  } finally {
    rmSync(nearby, { force: true });
  }
}

function realPath(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? realpathSync(path) : path;
}

/** So that a rename outlives a loss of power. */
export function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes a symbolic link, or turns one round. What is no link stays, and is a `Refusal` `path-taken`. */
export function writeLink(path: string, target: string): (() => void) | undefined {
  const before = linkTarget(path);
  if (before === target) return undefined;
  const removeFolders = makeFolder(dirname(path));
  point(path, target);
  return () => {
    if (before === undefined) rmSync(path);
    else point(path, before);
    removeFolders();
  };
}

function linkTarget(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isSymbolicLink())
    throw new Refusal('path-taken', `${quote(path, 4096)} is there and is no link of Bulwark's.`);
  return readlinkSync(path);
}

function point(path: string, target: string): void {
  const nearby = `${path}.${randomBytes(4).toString('hex')}`;
  symlinkSync(target, nearby);
  renameSync(nearby, path);
  flushFolder(dirname(path));
}

/** Makes a folder and those above it that are missing; the way back removes them again, where nothing else came into them. */
export function makeFolder(path: string, mode = 0o755): () => void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
  const made: string[] = [];
  const remove = () => {
    for (const folder of made.toReversed()) removeEmpty(folder);
  };
  try {
    // One by one: of a read-only file system Node's `recursive` says ENOENT (24).
    for (const folder of missing) {
      mkdirSync(folder);
      made.push(folder);
      chmodSync(folder, mode);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody has put something there meanwhile: it is theirs now.
  }
}

/**
 * Makes sure that nobody but root can change what is at a path, or put something else in its place.
 *
 * @throws Refusal `path-open`
 */
export function mustBeRoots(path: string): void {
  for (let at = path; ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat !== undefined && !isRoots(stat))
      throw new Refusal('path-open', `${quote(at, 4096)} can be changed by others than root.`);
    if (at === '/') return;
  }
}

function isRoots({ uid, gid, mode }: Stats): boolean {
  const others = gid === 0 ? 0o002 : 0o022;
  return uid === 0 && (mode & others) === 0;
}
