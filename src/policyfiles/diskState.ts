import { lstat, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * What the disk has under these paths, in a text that is another one once anything was changed there that could be read:
 * names, what is behind them through all links, sizes and times. Looks and reads nothing. One call after the other, so
 * that a dead server's mount takes one thread of four and no more. Never rejects: what cannot be looked at is a state too.
 */
export async function diskState(paths: readonly string[]): Promise<string> {
  const states: string[] = [];
  for (const path of paths) states.push(...(await stateOf(resolve(path))));
  return states.join('\n');
}

/** A file's state, or that of a folder and of the policy files directly in it. */
async function stateOf(path: string): Promise<readonly string[]> {
  // A link that was swapped there and back again is a newer one, and a folder has its time from the links in it.
  const states = [path, await stateBy(lstat, path), await stateBy(stat, path)];
  const names = await readdir(path).catch(() => []);
  for (const name of names.filter(couldBeRead).sort())
    states.push(name, await stateBy(stat, join(path, name)));
  return states;
}

/** What a folder is asked for: policy files, and what is refused for being named nearly as one. */
function couldBeRead(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !name.startsWith('.');
}

/** The time of the last change (ctime) is the one that nobody can set back. */
async function stateBy(look: typeof stat, path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await look(path, { bigint: true });
    return `${dev}:${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return String(error instanceof Error && 'code' in error ? error.code : error);
  }
}
