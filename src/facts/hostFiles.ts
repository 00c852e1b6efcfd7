import { readlink, statfs } from 'node:fs/promises';
import { Refusal } from '../model/error.ts';
import { cleanPath } from '../model/paths.ts';
import { quote } from '../model/printable.ts';

/** MAXSYMLINKS: the kernel follows no more on one way. */
const mostLinks = 40;

/** PATH_MAX: the kernel opens nothing longer. */
const longestPath = 4096;

/** NAME_MAX, in bytes: nothing has a longer name. */
const longestName = 255;

/** One look waits for one of the process's few threads, which a dead file system keeps: some stay for the others. */
const atOnce = 2;

/** PROC_SUPER_MAGIC of statfs(2). */
const procfs = 0x9fa0;

/**
 * What the host has at a path: a link with its target, a `place` which is no link, `nothing` where the way ends; `magic`
 * is a link of procfs, whose text is no path.
 */
export type Found = { readonly target: string } | 'place' | 'nothing' | 'magic';

/** Folders that are links on ostree systems and none elsewhere, where another's data lies in their place. */
const keptElsewhere: readonly (readonly [string, string])[] = [
  ['/opt', '/var/opt'],
  ['/media', '/run/media'],
];

/** The files of the host as far as it must be known where links lead. */
export class HostFiles {
  readonly #root: string;
  readonly #read: typeof readLink;
  #free = atOnce;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param root the folder in which Bulwark sees the root of the host, absolute
   * @param read one look at the file system, for tests
   */
  constructor(root = '/', read = readLink) {
    this.#root = root === '/' ? '' : root;
    this.#read = read;
  }

  /**
   * Where paths lead once links are followed, as the daemon would find them now; those that lead elsewhere alone. Of a path
   * that does not exist, whole or in part, the daemon makes the rest, so that stays as it is.
   *
   * @param paths absolute and clean
   * @param until by when, on `performance.now()`
   * @throws Refusal `host-files-...`
   */
  async leads(paths: readonly string[], until: number): Promise<ReadonlyMap<string, string>> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(tooLate()), Math.max(0, until - performance.now()));
    try {
      return await Promise.race([this.#leads(paths, until), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #leads(paths: readonly string[], until: number): Promise<ReadonlyMap<string, string>> {
    const seen = new Map<string, Found>();
    const look = async (path: string): Promise<Found> => {
      const found = seen.get(path) ?? (await this.#look(path, until));
      seen.set(path, found);
      return found;
    };
    const leads = new Map<string, string>();
    for (const path of paths) {
      const place = await usualName(await follow(path, look), look);
      if (place !== path) leads.set(path, place);
    }
    return leads;
  }

  async #look(path: string, until: number): Promise<Found> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      if (performance.now() >= until) throw tooLate();
      return await this.#read(`${this.#root}${path}`, path);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

function tooLate(): Refusal {
  return new Refusal(
    'host-files-slow',
    'the file system of the host did not tell in time where a path leads.',
  );
}

function unreadable(path: string, why: string): Refusal {
  return new Refusal('host-files-unreadable', `nobody can tell where ${quote(path)} leads: ${why}.`);
}

/**
 * Where a path leads, link by link, as the kernel walks: `..` in a link's target goes up from the place reached.
 *
 * @param path absolute and clean
 * @param look what the host has at a path of which all but the last part is known to be no link
 */
export async function follow(path: string, look: (path: string) => Promise<Found>): Promise<string> {
  if (path.length > longestPath || path.includes('\0')) return path;
  const ahead = partsAhead(path);
  let at = '';
  let links = 0;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = `${at}/${part}`;
    const found = await look(next);
    if (found === 'nothing') return cleanPath([next, ...ahead.reverse()].join('/'));
    // A link of procfs names a process's own root, folder or file, which may be nowhere in the tree; its text is no path.
    if (found === 'magic')
      return cleanPath(`${next.startsWith('/proc/') ? '' : '/proc'}${[next, ...ahead.reverse()].join('/')}`);
    if (found === 'place') {
      at = next;
      continue;
    }
    links += 1;
    if (links > mostLinks) throw unreadable(path, `there are more than ${mostLinks} links on the way`);
    ahead.push(...partsAhead(found.target));
    if (found.target.startsWith('/')) at = '';
  }
  return at === '' ? '/' : at;
}

/** The parts of a path, the next one last. */
function partsAhead(path: string): string[] {
  return path.split('/').reverse();
}

/** A place by the name that policies know it by, where this host keeps the folder of that name elsewhere. */
async function usualName(place: string, look: (path: string) => Promise<Found>): Promise<string> {
  for (const [usual, kept] of keptElsewhere) {
    if (place !== kept && !place.startsWith(`${kept}/`)) continue;
    if ((await follow(usual, look)) === kept) return `${usual}${place.slice(kept.length)}`;
  }
  return place;
}

/** What is at `seenAt`, which the host knows as `path`. */
async function readLink(seenAt: string, path: string): Promise<Found> {
  try {
    const bytes = await readlink(seenAt, { encoding: 'buffer' });
    const { type } = await statfs(seenAt.slice(0, seenAt.lastIndexOf('/')) || '/');
    if (type === procfs) return 'magic';
    return { target: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    switch (errorCode(error)) {
      // Not a link, says readlink(2).
      case 'EINVAL':
        return 'place';
      case 'ENOENT':
      case 'ENOTDIR':
        return 'nothing';
      case 'ENAMETOOLONG':
        if (Buffer.byteLength(path.slice(path.lastIndexOf('/') + 1)) > longestName) return 'nothing';
        // The kernel, which goes step by step, may well get there.
        throw unreadable(path, 'it is too deep');
      case 'ERR_ENCODING_INVALID_ENCODED_DATA':
        throw unreadable(path, "the link's target is not UTF-8");
      case 'ELOOP':
        throw unreadable(path, 'links there change just now');
      default:
        throw unreadable(path, errorCode(error));
    }
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
}
