/** Looks for an attack's effect where the daemon keeps it, past the plugin. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dockerd } from '../daemon/dockerd.ts';
import { matches } from './matches.ts';
import type { Holds, Pattern } from './row.ts';
import { fill } from './wire.ts';

/** Whether the daemon holds, or has done, what a row says. It must ask no plugin meanwhile: see `Place.past`. */
export async function holds(
  daemon: Dockerd,
  what: Holds,
  answers: string,
  values: ReadonlyMap<string, string>,
): Promise<boolean> {
  const text = (given: string): string => fill(given, values);
  if ('container' in what)
    return matches(storedContainer(daemon, text(what.named ?? '{me}')), filled(what.container, values));
  if ('volume' in what) return matches(storedVolume(daemon, text('{me}')), filled(what.volume, values));
  if ('get' in what) {
    const value = await get(daemon, text(what.get));
    if ('shows' in what) return matches(value, filled(what.shows, values));
    const said = JSON.stringify(value) ?? '';
    return 'says' in what ? said.includes(text(what.says)) : !said.includes(text(what.lacks));
  }
  if ('missing' in what) return (await daemon.api('GET', text(what.missing))).status === 404;
  if ('file' in what) return (await onHost(daemon, 'cat', text(what.file))).includes(text(what.says));
  if ('exists' in what) return (await onHost(daemon, 'ls', '-d', text(what.exists))) !== '';
  if ('gone' in what) return (await onHost(daemon, 'ls', '-d', text(what.gone))) === '';
  if ('stored' in what) return stored(join(daemon.dataRoot, what.stored), text(what.says));
  return answers.includes(text(what.answered));
}

async function onHost(daemon: Dockerd, ...argv: string[]): Promise<string> {
  return (await daemon.onHost(argv)).stdout;
}

/** A GET's answer as JSON with, for a container, what its execs are; undefined where it is none. */
export async function get(daemon: Dockerd, target: string): Promise<unknown> {
  const answer = await daemon.api('GET', target);
  if (answer.status !== 200) return undefined;
  const value = answer.json();
  const ids = isRecord(value) ? value['ExecIDs'] : undefined;
  if (!isRecord(value) || !Array.isArray(ids)) return value;
  const execs = await Promise.all(ids.map((id) => get(daemon, `/exec/${String(id)}/json`)));
  return { ...value, Execs: execs };
}

/** The container of that name as it lies on the daemon's disk; undefined where none does. */
export function storedContainer(daemon: Dockerd, name: string): unknown {
  const folder = join(daemon.dataRoot, 'containers');
  for (const id of readdirSync(folder)) {
    const text = textOf(join(folder, id, 'config.v2.json'));
    if (text === undefined || !text.includes(`"/${name}"`)) continue;
    const parsed: unknown = JSON.parse(text);
    if (!isRecord(parsed) || parsed['Name'] !== `/${name}`) continue;
    const host = textOf(join(folder, id, 'hostconfig.json'));
    if (host !== undefined) return { ...parsed, HostConfig: JSON.parse(host) };
  }
  return undefined;
}

/** The text of a file; undefined where it is gone, as those of a container are while the daemon removes it. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function storedVolume(daemon: Dockerd, name: string): unknown {
  const folder = join(daemon.dataRoot, 'volumes', name);
  if (!existsSync(folder)) return undefined;
  const options = join(folder, 'opts.json');
  const parsed: unknown = existsSync(options) ? JSON.parse(readFileSync(options, 'utf8')) : undefined;
  return { Name: name, Options: parsed };
}

function stored(folder: string, text: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text));
}

function filled(pattern: Pattern, values: ReadonlyMap<string, string>): Pattern {
  if (typeof pattern === 'string') return fill(pattern, values);
  if (pattern === null || typeof pattern !== 'object' || pattern instanceof RegExp) return pattern;
  if (isPatterns(pattern)) return pattern.map((element) => filled(element, values));
  return Object.fromEntries(Object.entries(pattern).map(([key, value]) => [key, filled(value, values)]));
}

function isPatterns(pattern: Pattern): pattern is readonly Pattern[] {
  return Array.isArray(pattern);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}
