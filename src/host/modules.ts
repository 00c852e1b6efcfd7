import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';

/** A file: where it is, and where it goes, below the folder of a program. */
export interface Part {
  readonly from: string;
  readonly to: string;
}

/** The files below a path, in order; a file is one itself, and what is not there is none. */
export function filesIn(path: string, wants: (file: string) => boolean = () => true): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !wants(path)) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name), wants));
}

/**
 * What the program in a folder loads of the modules that it depends on when it runs, and their licences; and where that goes
 * below another folder, so that Node finds it again: what lies beside a package comes inside.
 */
export function moduleParts(root: string): readonly Part[] {
  return modulesOf(root).flatMap((module) =>
    filesIn(module, isLoaded(module)).map((from) => ({ from, to: placeOf(root, from) })),
  );
}

/** The folders of the modules. */
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

/** What Node can load, and what a licence asks to keep. */
const loaded = new Set(['.js', '.cjs', '.mjs', '.json']);
const licence = /^(?:licen[cs]e|notice|copying)/i;

/** Folders at the top of a module that nothing loads but its own authors; modules below it are counted by themselves. */
const authors = new Set([
  '.github',
  'bench',
  'benchmark',
  'benchmarks',
  'docs',
  'examples',
  'node_modules',
  'test',
]);

function isLoaded(module: string): (path: string) => boolean {
  return (path) => {
    const parts = relative(module, path).split('/');
    if (authors.has(parts[0] ?? '')) return false;
    const name = parts.at(-1) ?? '';
    return statSync(path).isDirectory() || loaded.has(extname(name)) || licence.test(name);
  };
}

function placeOf(root: string, from: string): string {
  const inside = relative(root, from);
  return inside.startsWith('..') ? join('node_modules', relative(join(root, '..'), from)) : inside;
}
