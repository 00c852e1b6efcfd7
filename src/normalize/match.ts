import { type Route, routes } from './routes.ts';

interface Compiled {
  readonly route: Route;
  readonly pattern: RegExp;
}

/** Routes by method and the first part of their path, which no route leaves open; in the daemon's order. */
const compiled = new Map<string, Compiled[]>();
for (const route of routes) {
  const entry = { route, pattern: compile(route.path) };
  const key = keyOf(route.method, route.path);
  const same = compiled.get(key);
  if (same === undefined) compiled.set(key, [entry]);
  else same.push(entry);
}

function keyOf(method: string, path: string): string {
  const end = path.indexOf('/', 1);
  return `${method} ${end < 0 ? path : path.slice(0, end)}`;
}

/** The `s` flag lets a name hold any character, as in the daemon's router. */
function compile(path: string): RegExp {
  const source = path
    .replaceAll('.', '\\.')
    .replace(/\{(\w+)\\\.\\\.\\\.\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`, 's');
}

export interface Match {
  readonly route: Route;
  /** The parts of the path that stand for names, decoded. */
  readonly names: Readonly<Record<string, string>>;
}

const options: Match = {
  route: { action: 'system.options', method: 'OPTIONS', path: '/', operation: 'READ', body: 'none' },
  names: {},
};

/** The route that the daemon takes for a method and a decoded path; undefined where Bulwark knows none. */
export function matchRoute(method: string, path: string): Match | undefined {
  if (method === 'OPTIONS') return options;
  for (const { route, pattern } of compiled.get(keyOf(method, path)) ?? []) {
    const found = pattern.exec(path);
    if (found !== null) return { route, names: found.groups ?? {} };
  }
  return undefined;
}
