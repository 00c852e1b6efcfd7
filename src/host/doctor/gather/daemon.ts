import { readFile, realpath } from 'node:fs/promises';
import { z } from 'zod';
import { Refusal } from '../../../model/error.ts';
import { type Daemon, findDaemon, processesNamed, type Wanted } from '../../daemon.ts';
import { type DaemonJson, pluginsOf, readDaemonJson } from '../../daemonJson.ts';
import { ask } from '../../http.ts';
import type { Container, DaemonFacts, Info, ManagedPlugin } from '../host.ts';
import { ifThere, type Looks, reasonOf } from './looks.ts';

/** A daemon that waits for a plugin answers with an error after some 15 s (20.10 to 29), in milliseconds. */
const patience = 20_000;

const versionSchema = z.object({ Version: z.string() });

const infoSchema = z.object({
  Plugins: z.object({ Authorization: z.array(z.string()).nullish() }).nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
  LiveRestoreEnabled: z.boolean(),
  ExperimentalBuild: z.boolean(),
  LoggingDriver: z.string(),
  Driver: z.string(),
});

const managedSchema = z.array(z.object({ Name: z.string(), Enabled: z.boolean() }));

const containersSchema = z.array(
  z.object({
    Names: z.array(z.string()).nullish(),
    Mounts: z.array(z.object({ Source: z.string().optional(), RW: z.boolean().optional() })).nullish(),
  }),
);

/** What there is to know of the daemon on a socket. */
export async function gatherDaemon(looks: Looks, wanted: Wanted): Promise<DaemonFacts> {
  const { socket, configFile = '/etc/docker/daemon.json' } = wanted;
  const unknown: Daemon = { args: [], flags: new Map(), configFile, rootless: false };
  const process = (await looks.at('how the daemon was started', () => findDaemon(wanted))) ?? unknown;
  const [file, silent] = await Promise.all([daemonFile(looks, process), silence(socket)]);
  if (process.pid === undefined && silent === undefined) {
    const what = 'the flags with which the daemon runs';
    looks.unseen.push({ what, why: 'its process cannot be seen; what its unit says was taken' });
  }
  const others = processesNamed('dockerd').filter(({ pid }) => pid !== process.pid);
  const facts = {
    socket,
    process,
    ...file,
    others: process.pid === undefined ? [] : others.map(({ command }) => command),
  };
  if (silent !== undefined) {
    looks.unseen.push({ what: 'what the daemon says of itself', why: 'it does not answer' });
    return { ...facts, silent };
  }
  return { ...facts, ...(await answers(looks, socket)) };
}

async function answers(looks: Looks, socket: string) {
  const get = <T>(path: string, schema: z.ZodType<T>) =>
    looks.at(`GET ${path} of the daemon`, () => answered(socket, path, schema), patience);
  const [version, info, managed, containers] = await Promise.all([
    get('/version', versionSchema),
    get('/info', infoSchema),
    get('/plugins', managedSchema),
    get('/containers/json', containersSchema),
  ]);
  return {
    ...(version && { version: version.Version }),
    ...(info && { info: infoOf(info) }),
    ...(managed && { managed: managed.map(managedOf) }),
    ...(containers && { containers: await Promise.all(containers.map(containerOf)) }),
  };
}

async function answered<T>(socket: string, path: string, schema: z.ZodType<T>): Promise<T> {
  const { status, text } = await ask(socket, { path, patience });
  if (status !== 200) throw new Error(`answered with ${status}: ${text.trim()}`);
  return schema.parse(JSON.parse(text));
}

/** Why it does not answer as it should; undefined: it does. */
async function silence(socket: string): Promise<string | undefined> {
  try {
    const { status, text } = await ask(socket, { path: '/_ping', patience });
    return status === 200 ? undefined : `it answers with ${status}: ${text.trim()}`;
  } catch (error) {
    return reasonOf(error);
  }
}

async function daemonFile(
  looks: Looks,
  { configFile }: Daemon,
): Promise<Pick<DaemonFacts, 'json' | 'jsonBroken'>> {
  const text = await looks.at(
    `the daemon's file ${configFile}`,
    async () => (await ifThere(readFile(configFile, 'utf8'))) ?? '',
  );
  if (text === undefined) return {};
  try {
    const json: DaemonJson = readDaemonJson(text, configFile);
    pluginsOf(json, configFile);
    return { json };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { jsonBroken: error.message };
  }
}

function infoOf(info: z.infer<typeof infoSchema>): Info {
  return {
    plugins: info.Plugins?.Authorization ?? [],
    securityOptions: info.SecurityOptions ?? [],
    liveRestore: info.LiveRestoreEnabled,
    experimental: info.ExperimentalBuild,
    loggingDriver: info.LoggingDriver,
    storageDriver: info.Driver,
  };
}

function managedOf({ Name, Enabled }: z.infer<typeof managedSchema>[number]): ManagedPlugin {
  return { name: Name.replace(/:latest$/, ''), enabled: Enabled };
}

async function containerOf({ Names, Mounts }: z.infer<typeof containersSchema>[number]): Promise<Container> {
  const written = (Mounts ?? []).flatMap(({ Source, RW }) => (Source && RW === true ? [Source] : []));
  // Mounts are told as they were asked for, /var/run too.
  const writes = await Promise.all(written.map((path) => realpath(path).catch(() => path)));
  return { name: Names?.[0]?.replace(/^\//, '') ?? '', writes };
}
