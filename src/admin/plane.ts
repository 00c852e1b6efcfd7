import type { RequestListener, Server } from 'node:http';
import { join } from 'node:path';
import type { Log } from '../logging/log.ts';
import { type Address, addressText, authority } from '../model/address.ts';
import type { Protect } from '../model/protect.ts';
import type { Door } from './door.ts';
import { publicKeyOf } from './keys.ts';
import { LedgerQueries, startReader } from './ledgerQueries.ts';
import type { Route } from './route.ts';
import { type AdminServer, createLazyServer, listenOnLoopback } from './server.ts';
import type { Services } from './services.ts';
import { Simulations, simulationLimits, startSimulator } from './simulations.ts';

export interface PlaneOptions extends Omit<Services, 'ledger' | 'simulations'> {
  readonly admin: Address;
  readonly metricsAddress: Address;
  /** The folder of the ledger and of the keys. */
  readonly data: string;
  readonly protect: Protect;
  /** The name of this host. */
  readonly host: string;
  readonly log: Log;
  /** Makes a server listen on a unix socket that its owner alone can reach. Throws a `Refusal` where it cannot be had. */
  listen(server: Server, path: string): Promise<{ remove(): void }>;
}

/** The admin plane at work. */
export interface Plane {
  /** Where it is, as the readiness line says it. */
  readonly admin: string;
  readonly metrics: string;
  /** Ends streams, queries and simulations, and finishes what else is under way within `limit` milliseconds. */
  stop(limit: number): Promise<void>;
  /** For a process that ends without `stop`: removes the socket's file. */
  abandon(): void;
}

/**
 * Starts what administrators talk to. It shares the process with the plugin, so it may take no time of it: what
 * answers is loaded with the first request, the ledger is read and commands are run by processes of their own.
 *
 * @throws Refusal where an address cannot be had
 */
export async function startPlane(options: PlaneOptions): Promise<Plane> {
  const { data, protect, host } = options;
  const ledger = new LedgerQueries(() => startReader(join(data, 'ledger.db')));
  const policies = () => options.policies();
  const simulations = new Simulations({
    ...{ policies, protect, host, start: startSimulator },
    ...simulationLimits,
  });
  const { version, counters, facts, beat, shadow } = options;
  const services: Services = {
    version,
    counters,
    facts,
    ...(beat && { beat }),
    state: () => options.state(),
    policies,
    ...(shadow && { shadow }),
    ledger,
    simulations,
  };
  const listeners: Listener[] = [];
  const abandon = () => {
    for (const { remove } of listeners) remove();
  };
  async function stop(limit: number): Promise<void> {
    abandon();
    await Promise.all([
      ...listeners.map(({ server }) => server.stop(limit)),
      // What waits for these is answered, and the servers can end.
      ledger.stop(),
      simulations.stop(),
    ]);
  }
  try {
    listeners.push(await openAdmin(options, services));
    listeners.push(await openMetrics(options, services));
  } catch (error) {
    await stop(0);
    throw error;
  }
  const [admin = '', metrics = ''] = listeners.map(({ address }) => addressText(address));
  return { admin, metrics, stop, abandon };
}

interface Listener {
  readonly server: AdminServer;
  /** With the port that it has in the end. */
  readonly address: Address;
  remove(): void;
}

function openAdmin(options: PlaneOptions, services: Services): Promise<Listener> {
  return open(options.admin, options, async (address, stopping) => {
    const { routes } = await import('./routes/index.ts');
    const door =
      address.kind === 'tcp' ? { hosts: hostsOf(address), bearer: await bearerOf(options.data) } : {};
    return app(routes, services, door, stopping, options.log);
  });
}

/** Metrics alone, for who may see nothing else: no login. */
function openMetrics(options: PlaneOptions, services: Services): Promise<Listener> {
  return open(options.metricsAddress, options, async (address, stopping) => {
    const { metrics } = await import('./routes/metrics.ts');
    const door = address.kind === 'tcp' ? { hosts: hostsOf(address) } : {};
    return app([metrics], services, door, stopping, options.log);
  });
}

type Load = (address: Address, stopping: AbortSignal) => Promise<RequestListener>;

async function open(address: Address, { listen, log }: PlaneOptions, load: Load): Promise<Listener> {
  let listening = address;
  const server = createLazyServer((stopping) => load(listening, stopping), log);
  let remove = () => {};
  if (address.kind === 'unix') remove = (await listen(server.server, address.path)).remove;
  if (address.kind === 'tcp') {
    const port = await listenOnLoopback(server.server, address.host, address.port);
    listening = { ...address, port };
  }
  return { server, address: listening, remove };
}

async function app(
  routes: readonly Route[],
  services: Services,
  door: Door,
  stopping: AbortSignal,
  log: Log,
): Promise<RequestListener> {
  const { createApp, appLimits } = await import('./app.ts');
  return createApp({ routes, services, door, log, limits: appLimits, stopping });
}

/** As a browser or curl writes the port that it was sent to; the default port of HTTP is left out. */
function hostsOf(address: Extract<Address, { kind: 'tcp' }>): ReadonlySet<string> {
  const names = [
    authority(address),
    `127.0.0.1:${address.port}`,
    `localhost:${address.port}`,
    `[::1]:${address.port}`,
  ];
  return new Set(address.port === 80 ? [...names, ...names.map((name) => name.replace(/:80$/, ''))] : names);
}

async function bearerOf(data: string): Promise<NonNullable<Door['bearer']>> {
  const { verifyAdminToken } = await import('./token.ts');
  const readKey = publicKeyOf(data);
  return async (token) => {
    const key = await readKey();
    return key === undefined ? undefined : verifyAdminToken(token, key);
  };
}
