/** Two daemons of one release, alike but for Bulwark in front of one, and what rows find there. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bulwark, startBulwark } from '../daemon/bulwark.ts';
import { type Dockerd, startDockerd } from '../daemon/dockerd.ts';
import { packages, type Release } from '../daemon/packages.ts';
import { furnish } from './furnish.ts';

/** A daemon to attack. */
export interface Place {
  readonly daemon: Dockerd;
  /** Runs something while the daemon asks no plugin: what was there before, and what is there afterwards. */
  past<T>(work: () => Promise<T>): Promise<T>;
}

export interface Arena {
  /** Nothing stands in front of it: an attack must work here, or it is none. */
  readonly twin: Place;
  readonly guarded: Place;
  readonly bulwark: Bulwark;
  stop(): Promise<void>;
}

const shipped = join(import.meta.dirname, '../../policies');

const baseline = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: baseline }
spec: { profile: baseline }
`;

/** What an administrator has closed beyond the baseline, so that the ways around a list of names are attacks too. */
const house = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  controls:
    networks: { names: [bridge, default, none, allowed, "a-*", "ingress"] }
    images: { deny: ["forbidden/**", "127.0.0.1:5000/forbidden/**"] }
`;

/** Keys of daemon.json with which more attacks work: checkpoints, plugins in services, a second runtime. */
function daemonJson(guarded: boolean): Readonly<Record<string, unknown>> {
  return {
    experimental: true,
    runtimes: { other: { path: '/usr/bin/runc' } },
    'insecure-registries': ['127.0.0.1:5000'],
    ...(guarded && { 'authorization-plugins': ['bulwark'] }),
  };
}

export async function startArena(release: Release): Promise<Arena> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-attack-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const policies = await writePolicies(folder);
    let bulwark: Bulwark | undefined;
    const [twin, guarded] = await Promise.all([
      startDockerd({ release, daemonJson: daemonJson(false) }),
      startDockerd({
        release,
        daemonJson: daemonJson(true),
        before: async ({ pluginDir, dataRoot }) => {
          const config = await writeConfig(folder, dataRoot);
          bulwark = await startBulwark({
            socket: join(pluginDir, 'bulwark.sock'),
            policies,
            args: ['--config', config],
          });
          const started = bulwark;
          stops.push(() => started.stop());
        },
      }),
    ]).then((daemons) => {
      for (const daemon of daemons) stops.push(() => daemon.stop());
      return daemons;
    });
    if (bulwark === undefined) throw new Error('Bulwark did not start.');
    const places = {
      twin: { daemon: twin, past: (work) => work() } satisfies Place,
      guarded: { daemon: guarded, past: (work) => withoutPlugin(guarded, work) } satisfies Place,
    };
    const { busybox } = await packages();
    await Promise.all(
      [places.twin, places.guarded].map(({ daemon, past }) => past(() => furnish(daemon, busybox))),
    );
    return { ...places, bulwark, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writePolicies(folder: string): Promise<string[]> {
  const houseOnly = existsSync(join(shipped, 'baseline.yaml'));
  await writeFile(join(folder, 'house.yaml'), house);
  if (!houseOnly) await writeFile(join(folder, 'baseline.yaml'), baseline);
  return houseOnly ? [shipped, folder] : [folder];
}

async function writeConfig(folder: string, dataRoot: string): Promise<string> {
  const path = join(folder, 'config.json'); // JSON is YAML
  const spec = { protect: { paths: [dataRoot], container: 'bulwark' } };
  await writeFile(
    path,
    JSON.stringify({ apiVersion: 'bulwark/v1', kind: 'Config', metadata: { name: 'attacked' }, spec }),
  );
  return path;
}

/** A SIGHUP with a daemon.json without the key takes the plugin out of the chain, and one with it puts it back. */
async function withoutPlugin<T>(daemon: Dockerd, work: () => Promise<T>): Promise<T> {
  await daemon.reload(daemonJson(false));
  await until(daemon, 200);
  try {
    return await work();
  } finally {
    await daemon.reload(daemonJson(true));
    await until(daemon, 403);
  }
}

/** Bulwark refuses this spelling of a version, the daemon does not. */
async function until(daemon: Dockerd, status: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await pause(3)) {
    const answer = await daemon.api('GET', '/v1.041/version');
    if (answer.status === status) return;
    if (Date.now() > deadline) throw new Error(`the daemon's answer stays ${answer.status}, not ${status}`);
  }
}
