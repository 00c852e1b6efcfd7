/**
 * `npm run plugin:build [-- FOLDER]`: the managed plugin as a folder for `docker plugin create`, from what `npm ci` and
 * `npm run build` have left here. It asks no network and no image. The same sources give the same bytes, whoever builds
 * where and when; only the C libraries are the machine's.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  utimes,
} from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { filesIn, moduleParts, type Part } from '../src/host/modules.ts';

/** What was built. */
export interface Built {
  /** SHA-256 over the path, mode and content of each file and folder. */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
}

const root = join(import.meta.dirname, '..');
const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node');

/** Where the program is, inside. */
const home = 'rootfs/usr/lib/bulwark';

/** Leaves `config.json` and `rootfs/` in `folder`, in the place of an earlier build. */
export async function buildPlugin(folder: string): Promise<Built> {
  await mustBeOurs(folder);
  const making = `${folder}.making`;
  await rm(making, { recursive: true, force: true });
  for (const { from, to } of await parts()) await copy(from, join(making, to));
  const built = await settle(making);
  await rm(folder, { recursive: true, force: true });
  await rename(making, folder);
  return built;
}

/** Nothing is replaced but an earlier build: the folder may be a word typed in haste. */
async function mustBeOurs(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (found.some((name) => name !== 'config.json' && name !== 'rootfs'))
    throw new Error(`\`${folder}\` holds other files; name a folder that is empty or not there`);
}

/** Files and folders, and where they go. */
async function parts(): Promise<readonly Part[]> {
  const program = ['dist', 'policies', 'schema', 'package.json', 'LICENSE'];
  return [
    { from: join(import.meta.dirname, 'config.json'), to: 'config.json' },
    { from: node, to: 'rootfs/usr/bin/node' },
    { from: join(dirname(node), '../LICENSE'), to: 'rootfs/usr/lib/node/LICENSE' },
    ...(await libraries()),
    ...program.map((name) => ({ from: join(root, name), to: `${home}/${name}` })),
    ...moduleParts(root).map(({ from, to }) => ({ from, to: `${home}/${to}` })),
  ];
}

/** Node's shared libraries and the loader, as the loader itself tells them, at the places where it looks for them. */
async function libraries(): Promise<readonly Part[]> {
  const { stdout } = await promisify(execFile)(node, [], { env: { LD_TRACE_LOADED_OBJECTS: '1' } });
  const paths = [...stdout.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path);
  return Promise.all(paths.map(async (path) => ({ from: await realpath(path), to: `rootfs${path}` })));
}

async function copy(from: string, to: string): Promise<void> {
  for (const file of filesIn(from)) {
    const target = join(to, relative(from, file));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file, target);
  }
}

/** Gives all in a folder the modes and times that do not depend on who built it when, and measures it. */
async function settle(folder: string): Promise<Built> {
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0);
  const hash = createHash('sha256');
  const entries = (await readdir(folder, { recursive: true })).sort();
  let files = 0;
  let bytes = 0;
  for (const entry of entries) {
    const path = join(folder, entry);
    const found = await lstat(path);
    const mode = found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644;
    await chmod(path, mode);
    hash.update(`${mode.toString(8)} ${entry}\0`);
    if (found.isDirectory()) continue;
    const content = await readFile(path);
    hash.update(`${content.length}\0`).update(content);
    files += 1;
    bytes += content.length;
  }
  // Last, and from below: what is made in a folder changes its time.
  for (const entry of ['', ...entries].reverse()) await utimes(join(folder, entry), epoch, epoch);
  await chmod(folder, 0o755);
  return { digest: `sha256:${hash.digest('hex')}`, files, bytes };
}

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? join(import.meta.dirname, 'build'));
  const { digest, files, bytes } = await buildPlugin(folder);
  process.stdout.write(`${folder}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB, ${digest}\n`);
}
