// `npm run bench`: what Bulwark costs beside a server that does nothing (design.md, section 8). Both run in one
// run, in turns and in processes of their own, so that only ratios count. Exits 1 where a bound is missed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, type Started, start } from '../process.ts';
import { median, medianTime, throughput } from './load.ts';
import { create, read } from './messages.ts';

const rounds = 9;
const connections = 32;
const memoryRequests = 200_000;

interface Row {
  readonly what: string;
  readonly floor: string;
  readonly bulwark: string;
  readonly ratio: string;
  readonly bound: string;
  readonly held: boolean;
}

interface Server {
  readonly path: string;
  readonly pid: number;
}

const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
const processes: Started[] = [];

async function server(
  name: string,
  command: string,
  args: (path: string) => readonly string[],
): Promise<Server> {
  const path = join(folder, `${name}.sock`);
  const started = start(command, args(path), { cwd: root });
  processes.push(started);
  await started.until(/^ready:/m);
  return { path, pid: started.child.pid ?? 0 };
}

/** As a package runs it, from dist/: stripping types costs memory that no user pays. */
const main = join(root, 'dist', 'cli', 'main.js');
const bulwark = (name: string) =>
  server(name, process.execPath, (path) => [
    '--max-semi-space-size=8', // as bin/bulwark does
    main,
    ...['serve', '--policies', 'policies', '--authz-socket', path],
  ]);

/** Measures both in turns, since a busy machine is busy for a while; gives the medians and the median of the ratios. */
async function compare(measure: (path: string) => Promise<number>, [floor, ours]: readonly [Server, Server]) {
  const results: { floor: number; bulwark: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    results.push({ floor: await measure(floor.path), bulwark: await measure(ours.path) });
  }
  return {
    floor: median(results.map((result) => result.floor)),
    bulwark: median(results.map((result) => result.bulwark)),
    ratio: median(results.map((result) => result.bulwark / result.floor)),
  };
}

async function time(
  what: string,
  request: Buffer,
  servers: readonly [Server, Server],
  most: number,
): Promise<Row> {
  const { floor, bulwark, ratio } = await compare((path) => medianTime(path, request, 3000), servers);
  const shown = (milliseconds: number) => `${(milliseconds * 1000).toFixed(0)} µs`;
  return row(
    `${what}, p50, 1 connection`,
    [shown(floor), shown(bulwark), ratio],
    `<= ${most}`,
    ratio <= most,
  );
}

async function rate(
  what: string,
  request: Buffer,
  servers: readonly [Server, Server],
  least: number,
): Promise<Row> {
  const measure = (path: string) => throughput(path, [request], { connections, count: 10_000 });
  const { floor, bulwark, ratio } = await compare(measure, servers);
  const shown = (perSecond: number) => `${(perSecond / 1000).toFixed(1)} k/s`;
  const bound = least === 0 ? 'none yet' : `>= ${least}`;
  return row(
    `${what}, ${connections} connections`,
    [shown(floor), shown(bulwark), ratio],
    bound,
    ratio >= least,
  );
}

function row(
  what: string,
  [floor, bulwark, ratio]: readonly [string, string, number],
  bound: string,
  held: boolean,
): Row {
  return { what, floor, bulwark, ratio: ratio.toFixed(2), bound, held };
}

/** Resident memory after many requests, reads and creates in turn: a server of its own, so that nothing came before. */
async function memory(): Promise<Row[]> {
  const { path, pid } = await bulwark('memory');
  const samples: number[] = [];
  const each = (done: number) => {
    if (done % 1000 === 0) samples.push(residentMegabytes(pid));
  };
  await throughput(path, [read, create], { connections, count: memoryRequests, each });
  const quarter = (n: number) =>
    median(samples.slice(((n - 1) * samples.length) / 4, (n * samples.length) / 4));
  const growth = quarter(4) / quarter(2) - 1;
  const what = `memory, ${memoryRequests / 1000},000 requests`;
  const most = Math.max(...samples);
  return [
    { ...row(`${what}, most`, ['', `${most.toFixed(0)} MB`, 0], '< 150 MB', most < 150), ratio: '' },
    {
      ...row(
        `${what}, growth of 2nd half`,
        ['', `${(growth * 100).toFixed(1)} %`, 0],
        '< 5 %',
        growth < 0.05,
      ),
      ratio: '',
    },
  ];
}

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function table(rows: readonly Row[]): string {
  const head = { what: '', floor: 'floor', bulwark: 'bulwark', ratio: 'ratio', bound: 'bound', held: true };
  const lines = [head, ...rows].map((line) => [
    line.what.padEnd(46),
    ...[line.floor, line.bulwark, line.ratio, line.bound].map((cell) => cell.padStart(11)),
    line.held ? '' : '  MISSED',
  ]);
  return `${lines.map((cells) => cells.join('').trimEnd()).join('\n')}\n`;
}

async function bench(): Promise<readonly Row[]> {
  const floor = await server('floor', process.execPath, (path) => [
    join(import.meta.dirname, 'floor.ts'),
    path,
  ]);
  const servers = [floor, await bulwark('bulwark')] as const;
  for (const { path } of servers) await throughput(path, [read, create], { connections, count: 30_000 });
  return [
    await time('docker ps', read, servers, 1.25),
    await rate('docker ps', read, servers, 0.6),
    // The bound of a durable record; there is no ledger yet.
    await time('docker create', create, servers, 2),
    await rate('docker create', create, servers, 0),
    ...(await memory()),
  ];
}

try {
  const rows = await bench();
  process.stdout.write(table(rows));
  process.exitCode = rows.every(({ held }) => held) ? 0 : 1;
} finally {
  for (const { child } of processes) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}
