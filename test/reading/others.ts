/** Holds what was read of the groups beside container.create against what the daemon stored. */
import type { Limits } from '../../src/model/container.ts';
import type { AdmissionRequest } from '../../src/model/request.ts';
import type { Case, Stored } from './cases.ts';
import { plain } from './compare.ts';

/** What was read and what was stored, in the same words. */
interface Pair {
  readonly read: unknown;
  readonly stored: unknown;
}
type Pairs = Readonly<Record<string, Pair>>;
type Fields = Readonly<Record<string, unknown>>;

/** By group, how the canonical object is told in the words of `stored`. */
const groups: Readonly<
  Record<string, (request: AdmissionRequest, stored: Stored, entry: Case) => Pairs | undefined>
> = {
  volume({ object: { volumes } }, stored) {
    const [volume] = volumes ?? [];
    if (volume === undefined || volumes?.length !== 1) return undefined;
    // A name that exists gives the old volume back, whatever was asked.
    if (stored['name'] === 'data1' || stored['name'] === 'hostvol') return named(volume.name, stored);
    return {
      ...named(volume.name ?? '@RANDOM@', stored),
      driver: { read: volume.driver ?? 'local', stored: stored['driver'] },
      options: { read: volume.options, stored: stored['options'] },
      labels: { read: volume.labels, stored: stored['labels'] },
    };
  },
  network({ object: { network } }, stored) {
    if (network === undefined) return undefined;
    const ipam = (stored['ipam'] ?? {}) as Fields;
    return {
      ...named(network.name, stored),
      // The daemon's own words for what is not stated; a network that is configuration alone has no driver.
      driver: { read: network.driver || (network.configOnly ? 'null' : 'bridge'), stored: stored['driver'] },
      ipamDriver: { read: network.ipamDriver || 'default', stored: ipam['Driver'] },
      options: { read: network.options, stored: stored['options'] },
      ipamOptions: { read: network.ipamOptions, stored: ipam['Options'] },
      labels: { read: network.labels, stored: stored['labels'] },
      internal: { read: network.internal, stored: stored['internal'] },
      attachable: { read: network.attachable, stored: stored['attachable'] },
      ingress: { read: network.ingress, stored: stored['ingress'] },
      configOnly: { read: network.configOnly, stored: stored['configOnly'] },
      configFrom: { read: network.configFrom, stored: stored['configFrom'] },
    };
  },
  connect({ object: { endpoints = [], containerRef } }, stored, { request, before }) {
    const networks = (stored['networks'] ?? {}) as Readonly<Record<string, Fields>>;
    // `dbnet` it had before; what joined may stand under the path's name with the other network's id (E).
    const joined = Object.entries(networks).filter(([name]) => name !== 'dbnet');
    const path = bare(decodeURIComponent(/networks\/([^/]+)\/connect/.exec(request.uri)?.[1] ?? ''));
    const target = joined
      .map(([name, settings]) => ({ name, id: settings['NetworkID'] }))
      .map(({ name, id }) => bare(typeof id === 'string' && id !== '' ? id : name));
    return {
      networks: {
        read: endpoints.map(({ network }) => bare(network)),
        stored: target.length > 0 ? target : [path],
      },
      driverOptions: {
        read: endpoints[0]?.driverOptions,
        stored: joined[0]?.[1]['DriverOpts'],
      },
      links: { read: endpoints[0]?.links, stored: joined[0]?.[1]['Links'] },
      container: { read: containerRef?.replace(/^@SELF(?:12)?@$/, 'conn0'), stored: before?.name },
    };
  },
  exec({ object: { exec }, resource }, stored) {
    if (exec === undefined) return undefined;
    return {
      privileged: { read: exec.privileged, stored: stored['privileged'] },
      // Where none is stated it is the container's, which only run1 has.
      user: { read: exec.user?.given ?? usersOf[bare(resource.ref ?? '')], stored: stored['user'] },
      container: { read: bare(resource.ref ?? ''), stored: bare(`${stored['container']}`) },
    };
  },
  update({ object: { container } }, stored, { before }) {
    const kept = JSON.parse(before?.body ?? '{}') as { HostConfig?: Fields };
    const stays = { ...kept.HostConfig };
    const host = (stored['hostConfig'] ?? {}) as Fields;
    if (container === undefined) return undefined;
    return {
      ...limits(container.limits, host, stays),
      restart: {
        read: container.restart ?? stays['RestartPolicy'] ?? { name: 'no', maxRetries: 0 },
        stored: restartOf(host['RestartPolicy']),
      },
    };
  },
};

/** The users of the fixture's containers. */
const usersOf: Readonly<Record<string, string>> = { run1: '1000:1000' };

function named(name: string | undefined, stored: Stored): Pairs {
  return { name: { read: name, stored: stored['name'] } };
}

/** A fixture's name, however it was spelled. */
function bare(name: string): string {
  return name.replace(/^@(?:NET|ID)(?:12)?:(\w+)@$/, '$1');
}

function restartOf(policy: unknown): unknown {
  const { Name: name, MaximumRetryCount: maxRetries = 0 } = (policy ?? {}) as Fields;
  return { name: name || 'no', maxRetries };
}

/** An update changes what it states; all else stays as it was, and 0 states nothing, but for PidsLimit. */
function limits(read: Limits, host: Fields, stays: Fields): Pairs {
  const pids = read.pids ?? stays['PidsLimit'];
  return {
    memory: { read: read.memory ?? stays['Memory'], stored: host['Memory'] },
    memorySwap: { read: read.memorySwap ?? stays['MemorySwap'], stored: host['MemorySwap'] },
    memoryReservation: { read: read.memoryReservation, stored: host['MemoryReservation'] },
    cpuShares: { read: read.cpuShares ?? stays['CpuShares'], stored: host['CpuShares'] },
    cpus: { read: read.nanoCpus, stored: cpusOf(host) },
    cpuset: { read: [read.cpusetCpus ?? '', read.cpusetMems ?? ''], stored: cpusetOf(host) },
    // 0 or less: no limit, which the two releases store in two ways.
    pids: { read: Number(pids) <= 0 ? 0 : pids, stored: Math.max(0, Number(host['PidsLimit'] ?? 0)) },
  };
}

function cpusetOf(host: Fields): unknown {
  return [host['CpusetCpus'] ?? '', host['CpusetMems'] ?? ''];
}

function cpusOf(host: Fields): unknown {
  const { NanoCpus: nano, CpuQuota: quota, CpuPeriod: period } = host;
  if (nano) return nano;
  if (!quota) return undefined;
  return Number(quota) < 0 ? -1 : Math.round((Number(quota) * 1e9) / Number(period || 100_000));
}

/** The groups that `otherDifferences` knows. */
export const otherGroups: readonly string[] = Object.keys(groups);

/** What was read otherwise than the daemon stored it, a line each. */
export function otherDifferences(request: AdmissionRequest, entry: Case): string[] {
  const pairs = groups[entry.group]?.(request, entry.stored ?? {}, entry);
  if (pairs === undefined) return ['nothing to compare was read'];
  return Object.entries(pairs).flatMap(([name, { read, stored }]) => {
    const [a, b] = [JSON.stringify(sorted(plain(read))), JSON.stringify(sorted(plain(stored)))];
    return a === b ? [] : [`${name}: read ${a}, stored ${b}`];
  });
}

/** Maps in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
