import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Code } from '../model/codes.ts';
import { printable } from '../model/printable.ts';
import type { FileError } from './fileerror.ts';

/** A path as it was given, and the policy files that it stands for. */
export interface Found {
  readonly path: string;
  readonly folder: boolean;
  /** Absolute; a folder's are sorted by name. */
  readonly files: readonly string[];
  readonly errors: readonly FileError[];
}

/**
 * The policy files of a path. A folder has those named `*.yaml` directly in it, but for hidden ones, as with
 * a shell's `*`, and `*.test.yaml`, which are tests; a name that was likely meant to be read is an error.
 * A file is taken under any name that a folder would not refuse.
 */
export async function findPolicyFiles(path: string): Promise<Found> {
  const absolute = resolve(path);
  const stats = await statOf(absolute);
  if (stats instanceof Error) return broken(path, absolute, reasonOf(stats));
  if (stats.isDirectory()) return filesIn(path, isPolicyFile);
  const error = nameError(absolute);
  return { path, folder: false, files: error ? [] : [absolute], errors: error ? [error] : [] };
}

/**
 * The tests of policies of a path: a folder has those named `*.test.yaml` directly in it; beside a file `house.yaml` it is
 * `house.test.yaml`, if there is one; and such a file is one itself.
 */
export async function findTestFiles(path: string): Promise<Found> {
  const absolute = resolve(path);
  const stats = await statOf(absolute);
  if (stats instanceof Error) return broken(path, absolute, reasonOf(stats));
  if (stats.isDirectory()) return filesIn(path, isTestFile);
  const file = isTestFile(absolute) ? absolute : absolute.replace(/\.yaml$/, '.test.yaml');
  const isThere = isTestFile(file) && !((await statOf(file)) instanceof Error);
  return { path, folder: false, files: isThere ? [file] : [], errors: [] };
}

/** Whether a file is a test of policies, by its name. */
export function isTestFile(name: string): boolean {
  return name.endsWith('.test.yaml');
}

async function filesIn(path: string, isWanted: (name: string) => boolean): Promise<Found> {
  const absolute = resolve(path);
  const names = await readdir(absolute).catch((error: Error) => error);
  if (names instanceof Error) return broken(path, absolute, reasonOf(names));
  const candidates = names.filter((name) => !name.startsWith('.')).sort();
  const errors: FileError[] = [];
  const files: string[] = [];
  const looked = await Promise.all(
    candidates.map(async (name) => {
      const file = join(absolute, name);
      const wanted = isWanted(name);
      return { file, wanted, error: nameError(file) ?? (wanted ? await kindError(file) : undefined) };
    }),
  );
  for (const { file, wanted, error } of looked) {
    if (error !== undefined) errors.push(error);
    else if (wanted) files.push(file);
  }
  return { path, folder: true, files, errors };
}

/** The name under which a file is shown: relative to the working directory if below it, unless that is the root; printable. */
export function shownName(path: string): string {
  const below = relative(process.cwd(), path);
  const outside =
    process.cwd() === '/' || below === '' || below === '..' || below.startsWith('../') || isAbsolute(below);
  return printable(outside ? path : below, 4096);
}

/** The file itself behind links, so that one file is read once; the path where that cannot be told. */
export async function identityOf(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}

function isPolicyFile(name: string): boolean {
  return name.endsWith('.yaml') && !isTestFile(name);
}

function nameError(file: string): FileError | undefined {
  if (!/\.ya?ml$/i.test(file) || file.endsWith('.yaml')) return undefined;
  const better = shownName(file.replace(/\.ya?ml$/i, '.yaml'));
  return fileError('file-name', file, 'policy files end in .yaml', `rename it to ${better}`);
}

/** What is named as a policy file and is none, such as a pipe, which would be waited for. */
async function kindError(file: string): Promise<FileError | undefined> {
  const stats = await statOf(file);
  if (stats instanceof Error) return fileError('file-unreadable', file, reasonOf(stats));
  if (stats.isFile()) return undefined;
  return fileError(
    'file-unreadable',
    file,
    stats.isDirectory() ? 'a folder, and not a file' : 'not a regular file',
  );
}

function statOf(path: string): Promise<Stats | Error> {
  return stat(path).catch((error: Error) => error);
}

function broken(path: string, absolute: string, reason: string): Found {
  return { path, folder: false, files: [], errors: [fileError('file-unreadable', absolute, reason)] };
}

/** An error about a file as a whole. */
export function fileError(code: Code, path: string, message: string, hint?: string): FileError {
  return { code, file: shownName(path), message, ...(hint !== undefined && { hint }) };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'a folder, and not a file',
  ELOOP: 'its links run in a circle',
  ENOTDIR: 'a part of its path is no folder',
};

/** The system's error in plain words. */
export function reasonOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  return reasons[code] ?? printable(error.message);
}
