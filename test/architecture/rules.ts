import { posix } from 'node:path';
import { importsOf, readSource } from './source.ts';

/** The house of design.md, section 3: imports go down, or sideways inside a folder. */
const floors: Readonly<Record<string, number>> = {
  model: 0,
  gojson: 0,
  normalize: 1,
  policy: 1,
  // Chance, for all floors that are not pure.
  'newId.ts': 1.5,
  policyfiles: 2,
  identity: 2,
  facts: 2,
  ledger: 2,
  metrics: 2,
  logging: 2,
  'judge.ts': 2,
  'look.ts': 2.5,
  'observe.ts': 2.6,
  'admit.ts': 3,
  'inventory.ts': 3,
  tools: 3,
  authz: 4,
  proxy: 4,
  admin: 4,
  config: 4,
  systemd: 4,
  'serve.ts': 5,
  host: 5,
  cli: 6,
};

/** Floors up to this one are pure: the same words always get the same answer. */
const pure = 1;

/** What a pure file may take from outside the house. */
const purePackages = ['zod'];

/** What a pure file does not name: the clock (to read a date is not one), chance, the environment, what happens later, the world outside. */
const impure =
  /(?<![.\w$])(?:Date(?!\s*\.\s*parse\b)|Math\s*\.\s*random|process|globalThis|performance|crypto|console|fetch|async|await|Promise|queueMicrotask|set(?:Timeout|Interval|Immediate))\b(?!\s*[?]?:)/g;

/** Every broken rule of the house, as sentences. `files` are paths below src/ with their text; tests are not part of it. */
export function brokenRules(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files]
    .filter(([path]) => !path.endsWith('.test.ts'))
    .flatMap(([path, text]) => brokenIn(path, text));
}

function brokenIn(path: string, text: string): readonly string[] {
  const floor = floors[placeOf(path)];
  if (floor === undefined) return [`${path} stands on no floor: add it to the house or move it`];
  const source = readSource(text);
  const imports = importsOf(source).flatMap(({ target, typeOnly }) => {
    if (target === undefined) return [`${path} computes what it imports`];
    if (target.startsWith('.')) return brokenByHouse(path, floor, posix.join(posix.dirname(path), target));
    return floor > pure ? [] : brokenByPurity(path, target, typeOnly);
  });
  const words =
    floor > pure ? [] : [...source.code.matchAll(impure)].map(([word]) => `${path} is not pure: ${word}`);
  return [...imports, ...words];
}

function brokenByHouse(path: string, floor: number, target: string): readonly string[] {
  const [from, to] = [placeOf(path), placeOf(target)];
  const lower = floors[to];
  if (lower === undefined) return [`${path} imports ${target}, which is outside the house`];
  // Floor 0 is one language: the model's words use gojson's integers, and gojson refuses in the model's.
  if (from === to || lower < floor || (lower === 0 && floor === 0)) return [];
  return [`${path} imports ${lower > floor ? 'up' : 'sideways'}: ${target}`];
}

function brokenByPurity(path: string, target: string, typeOnly: boolean): readonly string[] {
  if (typeOnly || purePackages.includes(target)) return [];
  return [`${path} is not pure: it imports ${target}`];
}

/** The folder, or the file right below src/. */
function placeOf(path: string): string {
  return path.split('/')[0] ?? path;
}
