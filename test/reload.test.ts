import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcher, type Started, start } from './process.ts';

/**
 * Two sets, each of six policies in as many files that ask for the same, so that an answer by half a set is told by the
 * policies that it names.
 */
const sets = { A: '{ privileged: { allow: false } }', B: '{ hostNamespaces: { allow: [] } }' } as const;

type SetName = keyof typeof sets;

/** What a request is told: by which set it is denied, or that it is allowed. Anything else is wrong. */
type Verdict = SetName | 'allow' | 'neither';

const places = [1, 2, 3, 4, 5, 6];

/** Requests, and what each set says to them. Two of three are denied by one set alone, and one by either. */
const requests: readonly {
  readonly hostConfig: object;
  readonly says: Readonly<Record<SetName, Verdict>>;
}[] = [
  { hostConfig: { Privileged: true }, says: { A: 'A', B: 'allow' } },
  { hostConfig: { PidMode: 'host' }, says: { A: 'allow', B: 'B' } },
  { hostConfig: { Privileged: true, PidMode: 'host' }, says: { A: 'A', B: 'B' } },
];

let folder: string;
let current: string;
let running: Started | undefined;
let agent: Agent;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-reload-'));
  current = join(folder, 'current');
  agent = new Agent({ keepAlive: true, maxSockets: 8 });
  for (const name of ['A', 'B', 'broken', 'live']) mkdirSync(join(folder, name));
  for (const place of places) {
    for (const name of ['A', 'B'] as const) write(name, name, place);
    write('broken', 'A', place);
    write('live', 'A', place);
  }
  writeFileSync(join(folder, 'broken', '4.yaml'), 'kind: Policy\nspec: [\n');
});

afterEach(async () => {
  agent.destroy();
  running?.child.kill('SIGKILL');
  await running?.ended;
  rmSync(folder, { recursive: true });
});

/** A policy is called after its set and its place in it. */
function write(into: string, set: SetName, place: number): void {
  const head = `apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: ${set}-${place} }\n`;
  writeFileSync(join(folder, into, `${place}.yaml`), `${head}spec: { controls: ${sets[set]} }\n`);
}

/** As `ln -sfn` does, but at once. */
function link(name: string): void {
  symlinkSync(name, `${current}.new`);
  renameSync(`${current}.new`, current);
}

/** Bulwark with the policies of a folder; `logged` resolves with the next line of its log that has this text. */
async function serve(policies: string) {
  const args = [
    'serve',
    ...[
      '--policies',
      policies,
      '--authz-socket',
      join(folder, 'bulwark.sock'),
      '--data',
      join(folder, 'data'),
    ],
    ...['--docker-host', `unix://${folder}/docker.sock`],
  ];
  running = start(launcher, args);
  await running.until(/^ready: .*\n/m);
  const { child } = running;
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  let rest = '';
  child.stderr?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      for (const [text, { resolve }] of waiting) if (line.includes(text)) resolve();
    }
  });
  child.once('exit', () => {
    for (const [text, { reject }] of waiting) reject(new Error(`ended before it logged: ${text}`));
  });
  function logged(text: string): Promise<void> {
    const line = Promise.withResolvers<void>();
    waiting.set(text, line);
    return line.promise;
  }
  return { reload: () => child.kill('SIGHUP'), logged };
}

function call(socketPath: string, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const options = { socketPath, path, method, ...(body !== undefined && { agent }) };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end(body);
  });
}

const askAdmin = (path: string) => call(join(folder, 'data', 'admin.sock'), path);

async function ask(hostConfig: object): Promise<Verdict> {
  const body = JSON.stringify({ Image: 'alpine', HostConfig: hostConfig });
  const message = {
    RequestMethod: 'POST',
    RequestUri: '/v1.41/containers/create',
    RequestHeaders: { 'Content-Type': 'application/json' },
    RequestBody: Buffer.from(body).toString('base64'),
  };
  const text = await call(join(folder, 'bulwark.sock'), '/AuthZPlugin.AuthZReq', JSON.stringify(message));
  const { Allow, Msg = '' } = JSON.parse(text) as { Allow: boolean; Msg?: string };
  const named = [...Msg.matchAll(/^([\w-]+)\/\w+(?:\.\w+)?: /gm)].map(([, name]) => name).join();
  if (Allow) return named === '' ? 'allow' : 'neither';
  return (
    (['A', 'B'] as const).find((set) => named === places.map((at) => `${set}-${at}`).join()) ?? 'neither'
  );
}

/** Which sets may be in force, from the beginning: one, or while another takes its place both. */
class History {
  readonly #steps: (readonly SetName[])[];

  constructor(first: SetName) {
    this.#steps = [[first]];
  }

  get now(): number {
    return this.#steps.length - 1;
  }

  add(...sets: readonly SetName[]): void {
    this.#steps.push(sets);
  }

  /** The sets that may have been in force at some time since a step. */
  since(step: number): ReadonlySet<SetName> {
    return new Set(this.#steps.slice(step).flat());
  }
}

function* rotating(first: number) {
  yield* requests.slice(first % requests.length);
  for (;;) yield* requests;
}

/** Asks over eight connections until it is told to stop, and holds each answer against what was in force meanwhile. */
function load(history: History) {
  const seen: Record<Verdict, number> = { A: 0, B: 0, allow: 0, neither: 0 };
  const wrong: string[] = [];
  let [answered, inBetween, stopping] = [0, 0, false];
  async function work(first: number): Promise<void> {
    for (const { hostConfig, says } of rotating(first)) {
      if (stopping) return;
      const began = history.now;
      const verdict = await ask(hostConfig);
      const inForce = history.since(began);
      answered += 1;
      seen[verdict] += 1;
      if (inForce.size > 1) inBetween += 1;
      if (![...inForce].some((set) => says[set] === verdict))
        wrong.push(`${JSON.stringify(hostConfig)}: ${verdict} under ${[...inForce].join(' or ')}`);
    }
  }
  const workers = Promise.all(Array.from({ length: 8 }, (_, first) => work(first)));
  // `until` and `stop` tell of it.
  workers.catch(() => {});
  return {
    /** Resolves once so many requests have been answered. */
    async until(count: number): Promise<void> {
      while (answered < count && !stopping) await Promise.race([setTimeout(2), workers]);
    },
    async stop() {
      stopping = true;
      await workers;
      return { seen, wrong, answered, inBetween };
    },
  };
}

const other: Readonly<Record<SetName, SetName>> = { A: 'B', B: 'A' };

describe('policies that are replaced under load', { timeout: 120_000 }, () => {
  it('judge each request as a whole: 10,000 of them over 200 reloads', async () => {
    link('A');
    const { reload, logged } = await serve(current);
    const history = new History('A');
    const traffic = load(history);
    let set: SetName = 'A';
    for (let turn = 1; turn <= 200; turn += 1) {
      if (turn % 20 === 0) {
        const refused = logged('last good set stays');
        link('broken');
        reload();
        await refused;
      }
      set = other[set];
      const reloaded = logged('reloaded the policies');
      history.add('A', 'B');
      if (turn % 5 === 1) {
        // The link is swapped while the files are being read.
        reload();
        await setTimeout(turn % 4);
      }
      link(set);
      // Some of them nobody asks for.
      if (turn % 70 !== 0) reload();
      await reloaded;
      history.add(set);
      if (turn % 50 === 0) {
        const { documents } = JSON.parse(await askAdmin('/v1/policies'));
        expect(documents).toMatchObject(places.map((place) => ({ name: `${set}-${place}` })));
      }
      await traffic.until(turn * 50);
    }
    const { seen, wrong, answered, inBetween } = await traffic.stop();
    expect(wrong).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(10_000);
    // It was put to the test: by either set, and while one took the place of the other.
    for (const verdict of ['A', 'B', 'allow'] as const) expect(seen[verdict]).toBeGreaterThan(1000);
    expect(inBetween).toBeGreaterThan(200);
    const metrics = await askAdmin('/metrics');
    expect(metrics).toContain('bulwark_policy_reloads_total{outcome="replaced"} 200\n');
    // On a busy machine the second of two reloads may be late and find what is broken then.
    expect(metrics).toMatch(/bulwark_policy_reloads_total\{outcome="broken"\} [12]\d\n/);
    expect(metrics).toContain('bulwark_policy_reload_failed 0\n');
  });

  it('wait for the last file of a folder that is written file by file', async () => {
    const { logged } = await serve(join(folder, 'live'));
    const history = new History('A');
    const traffic = load(history);
    const reloaded = logged('reloaded the policies');
    history.add('A', 'B');
    for (const place of places) {
      write('live', 'B', place);
      await traffic.until(place * 100);
    }
    await reloaded;
    history.add('B');
    await traffic.until(1000);
    expect((await traffic.stop()).wrong).toEqual([]);
  });
});
