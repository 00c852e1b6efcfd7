import { isDeepStrictEqual } from 'node:util';
import type { Container, Mount } from '../../src/model/container.ts';
import type { RequestObject } from '../../src/model/request.ts';
import type { Stored } from './cases.ts';

/** A value as JSON has it: maps as objects, exact integers as text. Absent and empty are one. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) {
    // A map of values that the reader passes over is a set: its keys are what counts.
    const isSet = [...value.values()].some((item) => typeof item?.empty === 'boolean');
    return isSet ? plain([...value.keys()].sort()) : plain(Object.fromEntries(value));
  }
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => plain(item) ?? null);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).flatMap(([key, item]) => {
      const kept = plain(item);
      return kept === undefined ? [] : [[key, kept] as const];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value === null || value === '' || value === 0 || value === false ? undefined : value;
}

const same = (a: unknown, b: unknown) => isDeepStrictEqual(plain(a), plain(b));

/** The fields that are sets: a map to nothing in JSON. */
const sets = new Set(['ExposedPorts', 'Volumes']);
const keysOf = (value: unknown) => Object.keys((value ?? {}) as object).sort();

/** What the daemon adds, fills in or drops on its own, so that a stored value may differ from the one sent. */
interface Place extends Context {
  /** As read, as stored. */
  readonly sent: unknown;
  readonly stored: unknown;
}

/** What the rules may look at beside the field. */
export interface Context {
  readonly config: Fields;
  readonly host: Fields;
  readonly minor: number;
  readonly daemon: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Rule = (place: Place) => boolean;

const empty = (value: unknown) => plain(value) === undefined;
const minusOne = (value: unknown) => plain(value) === -1;

/** `container:` with a name, a name with a slash or a short id is stored with the full id. */
const resolved: Rule = ({ sent, stored }) =>
  typeof sent === 'string' &&
  sent.replace(/^container:(?:\/|@ID(?:12)?:)?(\w+)@?$/, 'container:@ID:$1@') === stored;

/** Links are a set of pairs of names. */
function storedLink(link: string): string {
  const [name = '', alias = name] = link.replace(/^\//, '').split(':');
  return `/${name}:/@NAME@/${alias}`;
}

/** Whether all that was sent is in what was stored: an image's own settings are added to it. */
function isPart(sent: unknown, stored: unknown): boolean {
  const [a, b] = [plain(sent), plain(stored)];
  if (a === undefined) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.every((item) => b.includes(item));
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    return Object.entries(a).every(([key, value]) => isPart(value, (b as Record<string, unknown>)[key]));
  }
  return same(a, b);
}

/** Every image but `img:1` has a configuration; `1` may be the beginning of its id. */
const fromImage: Rule = ({ sent, stored, config }) => config['Image'] !== 'img:1' && isPart(sent, stored);

/** Fields of mounts that the release or the API version drops; a bind of an older version is marked on the way. */
const droppable = new Set([
  'BindOptions',
  'CreateMountpoint',
  'ReadOnlyNonRecursive',
  'ReadOnlyForceRecursive',
  'NonRecursive',
  'Subpath',
  'VolumeOptions',
  'TmpfsOptions',
  'Options',
  'ClusterOptions',
  'ImageOptions',
]);
function withoutDroppable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDroppable);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !droppable.has(key) || key === 'Options');
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutDroppable(item)]));
}

/** Each a fact about the daemon, 20.10.24 or 26.1.5, by field. */
const daemonsOwn: Readonly<Record<string, Rule>> = {
  // Twice Memory, or as Memory's overflow makes it, where it is not stated.
  MemorySwap: ({ sent, stored, host }) => empty(sent) && !empty(host['Memory']) && !empty(stored),
  MemorySwappiness: ({ sent, stored }) => minusOne(sent) && empty(stored),
  // --privileged and the host's pid or ipc namespace switch SELinux labels off.
  SecurityOpt: ({ sent, stored, host }) =>
    (host['Privileged'] === true || [host['PidMode'], host['IpcMode']].includes('host')) &&
    same([...((sent as string[] | undefined) ?? []), 'label=disable'], stored),
  MaskedPaths: ({ stored, host }) => host['Privileged'] === true && stored === null,
  ReadonlyPaths: ({ stored, host }) => host['Privileged'] === true && stored === null,
  IpcMode: (place) =>
    (empty(place.sent) && place.stored === (place.minor < 40 ? 'shareable' : 'private')) || resolved(place),
  PidMode: resolved,
  NetworkMode: (place) =>
    ((empty(place.sent) || place.sent === 'default') &&
      ['default', 'bridge'].includes(place.stored as string)) ||
    resolved(place),
  PidsLimit: ({ sent, stored }) => (sent as number) <= 0 && empty(stored),
  RestartPolicy: ({ sent, stored }) =>
    [undefined, 'no'].includes((sent as { Name?: string })?.Name || undefined) &&
    same(stored, { Name: 'no' }),
  // An array of two in Go: padded, cut, and dropped below 1.42 from 25 on.
  ConsoleSize: ({ sent, stored }) =>
    same([...(sent as number[]), 0, 0].slice(0, 2), stored) || isDeepStrictEqual(stored, [0, 0]),
  KernelMemory: ({ stored }) => empty(stored),
  KernelMemoryTCP: ({ stored }) => empty(stored),
  // These hosts have cgroup v1 without a block I/O controller.
  BlkioWeight: ({ stored }) => empty(stored),
  BlkioWeightDevice: ({ stored }) => empty(stored),
  // Windows' own.
  CpuCount: ({ stored }) => empty(stored),
  CpuPercent: ({ stored }) => empty(stored),
  ShmSize: ({ sent, stored }) => empty(sent) && stored === 64 * 1024 * 1024,
  Runtime: ({ sent, stored }) => (sent === 'runc' && empty(stored)) || (empty(sent) && stored === 'runc'),
  // A logging driver that is not stated is the daemon's own.
  LogConfig: ({ sent, stored }) =>
    same({ Type: 'json-file', ...(plain(sent) as object | undefined) }, stored),
  Annotations: ({ stored, minor, daemon }) => (minor < 43 || daemon === '20.10.24') && empty(stored),
  // Dropped or not below its version, `private` never counts as a protection there.
  CgroupnsMode: ({ sent, stored, minor }) =>
    empty(sent) && (stored === 'host' || (stored === 'private' && minor < 41)),
  AutoRemove: ({ stored, minor }) => minor < 25 && empty(stored),
  // A set of pairs; on networks of the user's own they are kept with the endpoint.
  Links: ({ sent, stored, host }) => {
    const pairs = [...new Set((sent as string[] | undefined)?.map(storedLink))];
    const own = !empty(host['NetworkMode']) && !['default', 'bridge'].includes(`${host['NetworkMode']}`);
    return same(pairs.sort(), (stored as string[] | null)?.toSorted()) || (own && empty(stored));
  },
  Mounts: ({ sent, stored }) => same(withoutDroppable(sent), withoutDroppable(stored)),
  Hostname: ({ sent }) => empty(sent),
  WorkingDir: (place) => `${place.sent}`.includes('..') || fromImage(place),
  Entrypoint: (place) => (same(place.sent, ['']) && place.stored === null) || fromImage(place),
  ExposedPorts: fromImage,
  Volumes: fromImage,
  User: fromImage,
  Env: fromImage,
  Labels: fromImage,
  Cmd: fromImage,
};

/** Lists of which an empty one says something else than none. */
const emptyCounts = new Set(['MaskedPaths', 'ReadonlyPaths']);

/** Passed over by the reader: there is nothing to compare. */
const passedOver = new Set(['Healthcheck', 'Capabilities']);

/** Holds the fields of one struct, as read from the body, against what the daemon stored. */
export function compareFields(read: Fields, stored: Stored, baseline: Stored, context: Context): string[] {
  const wrong: string[] = [];
  for (const field of new Set([...Object.keys(read), ...Object.keys(stored)])) {
    if (passedOver.has(field)) continue;
    const sent = read[field];
    const raw = field in stored ? stored[field] : baseline[field];
    const kept = sets.has(field) ? keysOf(raw) : raw;
    if (emptyCounts.has(field) && sent !== undefined ? isDeepStrictEqual(sent, kept) : same(sent, kept))
      continue;
    if (sent === undefined && same(raw, baseline[field])) continue;
    if (daemonsOwn[field]?.({ sent, stored: kept, ...context })) continue;
    wrong.push(`${field}: read ${JSON.stringify(plain(sent))}, stored ${JSON.stringify(kept)}`);
  }
  return wrong;
}

interface StoredMount {
  readonly Type: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly RW: boolean;
  readonly Propagation?: string;
}

/** One line a mount, in the words that both sides have. */
function describeStored(mount: StoredMount): string {
  const source = mount.Type === 'volume' ? (mount.Name ?? '') : (mount.Source ?? '');
  const target = mount.Destination.startsWith('/') ? mount.Destination : `/${mount.Destination}`;
  return [
    mount.Type,
    source,
    target,
    mount.RW ? 'rw' : 'ro',
    mount.Type === 'bind' ? mount.Propagation : '',
  ].join(' ');
}

function describeRead(mount: Mount): string {
  const source = mount.type === 'volume' ? (mount.source ?? '@RANDOM@') : (mount.source ?? '');
  // A bind with the daemon's own data below it becomes rslave where nothing is stated.
  const unstated = mount.source === '/' ? 'rslave' : 'rprivate';
  const propagation = mount.type === 'bind' ? (mount.propagation ?? unstated) : '';
  return [mount.type, source, mount.target, mount.readOnly ? 'ro' : 'rw', propagation].join(' ');
}

/**
 * Holds the canonical mounts against inspect's, by target. HostConfig.Tmpfs never shows there, nor does an
 * image's own volume in the request; of two mounts on one target the daemon keeps one, while both are read.
 */
export function compareMounts(
  container: Container,
  stored: Stored,
  fromImage: ReadonlySet<string>,
): string[] {
  const kept = ((stored['mounts'] ?? []) as unknown as StoredMount[]).map(describeStored);
  const read = container.mounts.map(describeRead);
  const target = (line: string) => line.split(' ')[2] ?? '';
  const wrong: string[] = [];
  for (const line of kept) {
    if (read.includes(line) || container.volumesFrom.length > 0 || fromImage.has(target(line))) continue;
    wrong.push(`mount stored but not read: ${line}`);
  }
  const storedAt = new Set(kept.map(target));
  for (const mount of container.mounts) {
    const line = describeRead(mount);
    const another = read.some(
      (other) => other !== line && target(other) === target(line) && kept.includes(other),
    );
    if (kept.includes(line) || another || (mount.type === 'tmpfs' && !storedAt.has(mount.target))) continue;
    wrong.push(`mount read but not stored: ${line}`);
  }
  return wrong;
}

/** Holds the canonical endpoints against the networks that the container is in. */
export function compareNetworks(
  { endpoints = [], container }: RequestObject,
  stored: Stored,
  config: Fields,
): string[] {
  if (container?.namespaces.network.mode === 'container' || config['NetworkDisabled'] === true) return [];
  const bare = (name: string) => (name === 'default' ? 'bridge' : name.replace(/^@NET(?:12)?:(\w+)@$/, '$1'));
  const kept = Object.keys((stored['networks'] ?? { bridge: {} }) as Stored)
    .map(bare)
    .sort();
  const read = endpoints.map(({ network }) => bare(network)).sort();
  // A NetworkID that overrides the key shows when the container starts; until then inspect shows the key.
  const keys = endpoints.map(({ flag }) => bare(flag.slice('--network '.length))).sort();
  return same(kept, read) || same(kept, keys)
    ? []
    : [`networks: read ${read.join(' ')}, stored ${kept.join(' ')}`];
}
