import { readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { listeners } from '../../daemon.ts';
import { listeningAt } from '../../listening.ts';
import type { PluginFacts, PluginFile } from '../host.ts';
import { ifThere, type Looks } from './looks.ts';

/** Where dockerd looks for sockets, and then for files that name one (20.10 to 29). */
const socketFolder = '/run/docker/plugins';
const fileFolders = ['/etc/docker/plugins', '/usr/lib/docker/plugins'];

/** The folders of files of a daemon that runs as a user. */
function userFolders(): readonly string[] {
  return ['.config', '.local/lib'].map((folder) => join(homedir(), folder, 'docker/plugins'));
}

/** What there is by which dockerd finds plugins, and who listens for it at Bulwark's socket. */
export async function gatherPlugins(
  looks: Looks,
  { authzSocket, rootless }: { readonly authzSocket: string; readonly rootless: boolean },
): Promise<PluginFacts> {
  const folders = rootless ? userFolders() : fileFolders;
  const found = await Promise.all([
    looks.at(`the plugins in ${socketFolder}`, () => socketsIn(looks, socketFolder)),
    ...folders.map((folder) => looks.at(`the plugins in ${folder}`, () => filesIn(folder))),
  ]);
  const listening = await looks.at(`the socket ${authzSocket}`, () => listeningAt(authzSocket));
  const server =
    listening === 'listens' && process.getuid?.() === 0
      ? await looks.at('who listens for the daemon', () => serverOf(authzSocket))
      : undefined;
  return {
    found: found.flatMap((files) => files ?? []),
    ...(listening && { authzSocket: listening }),
    ...(server && { server }),
  };
}

/** `NAME.sock`, and `NAME/NAME.sock` of those that have a folder of their own. */
async function socketsIn(looks: Looks, folder: string): Promise<readonly PluginFile[]> {
  const entries = (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];
  const paths = entries.flatMap((entry) => {
    if (entry.isDirectory()) return [join(folder, entry.name, `${entry.name}.sock`)];
    return entry.name.endsWith('.sock') ? [join(folder, entry.name)] : [];
  });
  const found = await Promise.all(
    paths.map(async (path) => {
      const listening = await looks.at(`the socket ${path}`, () => listeningAt(path));
      return { name: basename(path, '.sock'), path, ...(listening && { listening }) };
    }),
  );
  return found.filter(({ listening }) => listening !== 'absent');
}

async function filesIn(folder: string): Promise<readonly PluginFile[]> {
  const names = (await ifThere(readdir(folder))) ?? [];
  return names
    .filter((name) => /\.(?:spec|json)$/.test(name))
    .toSorted((a, b) => Number(a.endsWith('.json')) - Number(b.endsWith('.json')))
    .map((name) => ({ name: name.replace(/\.\w+$/, ''), path: join(folder, name) }));
}

/** `serve` binds its socket beside its place and links it in, so that the kernel has it by another name. */
async function serverOf(socket: string): Promise<PluginFacts['server']> {
  const folder = await realpath(dirname(socket));
  const name = basename(socket);
  const isOurs = (path: string) =>
    dirname(path) === folder && (basename(path) === name || /^\.[0-9a-f]{8}$/.test(basename(path)));
  const pids = listeners(isOurs);
  // systemd keeps a socket that it hands over, and may have it before anybody else.
  const pid = pids.find((found) => found !== 1);
  if (pid === undefined) return pids.length === 0 ? 'elsewhere' : undefined;
  return { pid, uid: (await stat(`/proc/${pid}`)).uid };
}
