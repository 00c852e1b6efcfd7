import { readFileSync } from 'node:fs';
import { Openssl } from '../openssl.ts';
import { median, medianTime, type Requests, throughput } from './load.ts';
import { create, created, inspects, read, readByTls, readByToken } from './messages.ts';
import { residentMegabytes, type Server, type Servers } from './servers.ts';
import type { Row } from './table.ts';

const rounds = 9;
export const connections = 32;

/** Measures servers in turns, since a busy machine is busy for a while. Gives each round. */
async function inTurns(
  servers: readonly Server[],
  measure: (path: string) => Promise<number>,
): Promise<number[][]> {
  const results: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const line: number[] = [];
    for (const { path } of servers) line.push(await measure(path));
    results.push(line);
  }
  return results;
}

interface Comparison {
  readonly what: string;
  /** The last one is Bulwark; what stands before is added up to be the floor. */
  readonly servers: readonly Server[];
  readonly requests: Requests;
  readonly count: number;
}

/** The median time of a request, at most so many times the floor's. */
export async function time({ what, servers, requests, count }: Comparison, most: number): Promise<Row> {
  const results = await inTurns(servers, (path) => medianTime(path, requests, count));
  const [floor, bulwark, ratio] = medians(results);
  const shown = (milliseconds: number) => `${(milliseconds * 1000).toFixed(0)} µs`;
  return {
    what: `${what}, p50, 1 connection`,
    floor: shown(floor),
    bulwark: shown(bulwark),
    ratio: ratio.toFixed(2),
    bound: `<= ${most}`,
    held: ratio <= most,
  };
}

/** Requests a second on many connections, at least so many times the floor's. */
async function rate({ what, servers, requests, count }: Comparison, least: number): Promise<Row> {
  const measure = (path: string) => throughput(path, requests, { connections, count });
  return rateRow(`${what}, ${connections} connections`, await inTurns(servers, measure), least);
}

function rateRow(what: string, results: readonly (readonly number[])[], least: number): Row {
  const [floor, bulwark, ratio] = medians(results);
  const shown = (perSecond: number) => `${(perSecond / 1000).toFixed(1)} k/s`;
  return {
    what,
    floor: shown(floor),
    bulwark: shown(bulwark),
    ratio: ratio.toFixed(2),
    bound: `>= ${least}`,
    held: ratio >= least,
  };
}

/** Creates a second on many connections, against an fsync for each, one after the other: only sharing beats that. */
async function shared(durable: Server, bulwark: Server): Promise<Row> {
  const results = await inTurns([durable, bulwark], (path) =>
    path === durable.path
      ? throughput(path, [create], { connections: 1, count: 500 })
      : throughput(path, [create], { connections, count: 4000 }),
  );
  return rateRow(`docker create, recorded, ${connections} connections`, results, 1);
}

/** Of each round: all but the last together, the last, and the last in relation to that; the median of each. */
function medians(results: readonly (readonly number[])[]): [number, number, number] {
  const pairs = results.map((line) => {
    const bulwark = line.at(-1) ?? Number.NaN;
    const floor = line.slice(0, -1).reduce((sum, more) => sum + more, 0);
    return { floor, bulwark, ratio: bulwark / floor };
  });
  return [
    median(pairs.map(({ floor }) => floor)),
    median(pairs.map(({ bulwark }) => bulwark)),
    median(pairs.map(({ ratio }) => ratio)),
  ];
}

/** What the plugin adds to a request. */
export async function answers(servers: Servers): Promise<readonly Row[]> {
  const floor = await servers.floor('floor');
  const durable = await servers.floor('durable', true);
  const bulwark = await servers.bulwark('bulwark');
  for (const { path } of [floor, durable, bulwark])
    await throughput(path, [read, create], { connections, count: 5000 });
  const reads = { servers: [floor, bulwark], count: 3000 };
  return [
    await time({ what: 'docker ps', ...reads, requests: [read] }, 1.25),
    await time({ what: 'docker inspect, always another', ...reads, requests: inspects }, 1.25),
    await rate({ what: 'docker ps', ...reads, requests: [read], count: 10_000 }, 0.6),
    // "The floor's own time once more plus one fsync": a floor, and a floor that syncs.
    await time(
      {
        what: 'docker create, recorded',
        servers: [floor, durable, bulwark],
        requests: [create],
        count: 500,
      },
      1,
    ),
    await shared(durable, bulwark),
  ];
}

/** A read of somebody who has a name, by the same message to the floor. A token takes two looks at files, by other threads (docs/decisions/0017). */
export async function named(servers: Servers): Promise<readonly Row[]> {
  const floor = await servers.floor('named-floor');
  const bulwark = await servers.bulwark('named');
  const { cert } = new Openssl(servers.folder).issue({ subject: '/O=Example/OU=Web/CN=alice' });
  const byTls = readByTls('alice', readFileSync(cert).toString('base64'));
  const byToken = readByToken(await servers.token('named', 'alice'));
  for (const { path } of [floor, bulwark])
    await throughput(path, [byTls, byToken], { connections, count: 5000 });
  const reads = { servers: [floor, bulwark], count: 3000 };
  return [
    await time({ what: 'docker ps by certificate', ...reads, requests: [byTls] }, 1.25),
    await time({ what: 'docker ps by token', ...reads, requests: [byToken] }, 5),
    await rate({ what: 'docker ps by token', ...reads, requests: [byToken], count: 10_000 }, 0.15),
  ];
}

/** What needs nothing of the daemon, by a Bulwark that may ask it, against one that may not. */
export async function unasked(servers: Servers): Promise<readonly Row[]> {
  const off = await servers.bulwark('off', 'policies', ['--docker-host', 'off']);
  const on = await servers.bulwark('on', 'policies', ['--docker-host', 'unix:///nonexistent/docker.sock']);
  for (const { path } of [off, on]) await throughput(path, [read, create], { connections, count: 5000 });
  const both = { servers: [off, on] };
  return [
    await time({ what: 'docker ps, facts on', ...both, requests: [read], count: 3000 }, 1.1),
    await time({ what: 'docker create, facts on', ...both, requests: [create], count: 500 }, 1.1),
  ];
}

/** Resident memory after many requests, reads and creates and what became of these in turn: a server of its own, so that nothing came before. */
export async function memory(servers: Servers, requests: number): Promise<readonly Row[]> {
  const server = await servers.bulwark('memory');
  const samples: number[] = [];
  const each = (done: number) => {
    if (done % 1000 === 0) samples.push(residentMegabytes(server));
  };
  await throughput(server.path, [read, create, created], { connections, count: requests, each });
  const quarter = (n: number) =>
    median(samples.slice(((n - 1) * samples.length) / 4, (n * samples.length) / 4));
  const growth = quarter(4) / quarter(2) - 1;
  const most = Math.max(...samples);
  const what = 'memory of all processes';
  return [
    { what: `${what}, most`, bulwark: `${most.toFixed(0)} MB`, bound: '< 150 MB', held: most < 150 },
    {
      what: `${what}, growth`,
      bulwark: `${(growth * 100).toFixed(1)} %`,
      bound: '< 5 %',
      held: growth < 0.05,
    },
  ];
}
