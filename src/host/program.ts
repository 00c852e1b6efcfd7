import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { version } from '../config/version.ts';
import { flushFolder, makeFolder, mustBeRoots, writeLink } from './files.ts';
import { places } from './places.ts';
import type { Step } from './steps.ts';

/** The folder of the running program: a clone, or a package. */
export const home = join(import.meta.dirname, '..', '..');

/** Of that folder, what an installed Bulwark needs; `src` of a clone, `dist` of a package. */
const parts = ['package.json', 'LICENSE', 'bin', 'src', 'dist', 'policies', 'schema', 'docs', 'plugin'];

/** A file of the program: where it is, and where it goes, below the program's folder. */
interface Part {
  readonly from: string;
  readonly to: string;
}

/**
 * The program as it runs here, to be copied: a service of root's must not run what a user's folder holds. With it goes
 * what it depends on and the Node that runs it.
 */
export function programParts(): readonly Part[] {
  const wanted = existsSync(join(home, 'src/cli/main.ts')) ? parts.filter((part) => part !== 'dist') : parts;
  const own = wanted
    .flatMap((part) => filesIn(join(home, part)))
    .filter((path) => !path.endsWith('.test.ts'));
  const modules = modulesOf(home).flatMap((folder) => filesIn(folder, 'node_modules'));
  return [
    ...own.map((from) => ({ from, to: relative(home, from) })),
    ...modules.map((from) => ({ from, to: placeOfModule(from) })),
    { from: process.execPath, to: 'node_modules/.bin/node' },
  ];
}

/** A name for exactly these files, as in `0.1.0-3f2a91c4b6d8`. */
export function programName(files: readonly Part[]): string {
  const digest = createHash('sha256');
  for (const { from, to } of files) digest.update(`${to}\0`).update(readFileSync(from));
  return `${version()}-${digest.digest('hex').slice(0, 12)}`;
}

/** Copies the program into a folder of its own, for root to own, whole or not at all, and makes it the one that runs. */
export function programSteps(): readonly Step[] {
  const files = programParts();
  const name = programName(files);
  const folder = join(places.program, name);
  return [
    {
      what: `copy the program to ${folder}`,
      async run() {
        mustBeRoots(places.program);
        if (existsSync(folder)) return undefined;
        const nearby = `${folder}.new`;
        rmSync(nearby, { recursive: true, force: true });
        const removeFolders = makeFolder(places.program);
        try {
          for (const { from, to } of files) copy(from, join(nearby, to));
          renameSync(nearby, folder);
          flushFolder(places.program);
        } catch (error) {
          rmSync(nearby, { recursive: true, force: true });
          removeFolders();
          throw error;
        }
        return () => {
          rmSync(folder, { recursive: true });
          removeFolders();
        };
      },
    },
    {
      what: `make it the one that runs: ${join(places.program, 'current')}`,
      run: async () => writeLink(join(places.program, 'current'), name),
    },
    {
      what: `make it the command ${places.command}`,
      run: async () => writeLink(places.command, join(places.program, 'current/bin/bulwark')),
    },
  ];
}

/** Copies a folder, for root to own, and nobody else to change. */
export function copyTree(from: string, to: string): void {
  for (const file of filesIn(from)) copy(file, join(to, relative(from, file)));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  copyFileSync(from, to);
  chmodSync(to, (statSync(from).mode & 0o100) === 0 ? 0o644 : 0o755);
}

/** The files below a path, in order, but for those in folders of a name. */
function filesIn(path: string, except?: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== except)
    .sort()
    .flatMap((name) => filesIn(join(path, name), except));
}

/** The folders of the modules that a package depends on when it runs, and of those that these depend on. */
function modulesOf(root: string): readonly string[] {
  const found = new Set<string>();
  const visit = (folder: string) => {
    const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    for (const name of Object.keys(dependencies)) {
      const module = moduleNear(folder, name);
      if (found.has(module)) continue;
      found.add(module);
      visit(module);
    }
  };
  visit(root);
  return [...found].sort();
}

/** Where Node finds a module for the files of a folder. */
function moduleNear(folder: string, name: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const module = join(at, 'node_modules', name);
    if (existsSync(join(module, 'package.json'))) return module;
    if (at === '/') throw new Error(`the module ${name} is not installed: run \`npm ci\``);
  }
}

/** Below the program's folder, where Node finds it again: what lies beside Bulwark in a package comes inside. */
function placeOfModule(from: string): string {
  const inside = relative(home, from);
  return inside.startsWith('..') ? join('node_modules', relative(join(home, '..'), from)) : inside;
}
