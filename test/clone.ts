import { execFile } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './process.ts';

/** What a build reads. */
const sources = ['src', 'plugin', 'policies', 'schema', 'package.json', 'package-lock.json', 'LICENSE'];
const settings = ['Dockerfile', '.dockerignore', 'tsconfig.json', 'tsconfig.build.json'];

/** Makes a clone of this project in `folder`, with the modules of this one, and nothing that was built here. */
export async function clone(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const built = join(root, 'plugin/build');
  for (const name of [...sources, ...settings]) {
    await cp(join(root, name), join(folder, name), { recursive: true, filter: (path) => path !== built });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/**
 * Builds the managed plugin in a clone, as its user does. Gives what the build says in its last line.
 *
 * @param arguments_ of `npm run plugin:build`
 */
export async function buildPluginIn(
  folder: string,
  arguments_: readonly string[] = [],
  umask = '022',
): Promise<string> {
  const command = `umask ${umask} && exec npm run --silent plugin:build -- "$@"`;
  const { stdout } = await promisify(execFile)('sh', ['-c', command, 'sh', ...arguments_], { cwd: folder });
  return stdout.trim();
}
