import { admit, type Trip } from './admit.ts';
import { createPlugin } from './authz/server.ts';
import { listen } from './authz/socket.ts';
import type { Config } from './config/config.ts';
import { ensurePrivateFolder } from './config/privateFolder.ts';
import type { Log } from './logging/log.ts';
import type { PolicySet } from './policy/compile.ts';
import type { FileError } from './policyfiles/fileerror.ts';
import { loadPolicySet } from './policyfiles/load.ts';

/** Bulwark at work. */
export interface Running {
  /** One plain line for whoever waits for the start. */
  readonly ready: string;
  /** Reads the policies again: all of them come into force between two requests, or none and the log says why. */
  reload(): Promise<void>;
  /** Takes the socket away, finishes the requests under way, within their deadline, and ends. */
  stop(): Promise<void>;
  /** For a process that ends without `stop`: removes the socket's file. */
  abandon(): void;
}

export type Started =
  | { readonly ok: true; readonly running: Running }
  | { readonly ok: false; readonly errors: readonly FileError[] };

/** Beyond the deadline, for writing the denials that it brings. */
const grace = 250;

/**
 * Puts the parts together and starts them. Gives the errors of policies that cannot be used; throws a `Refusal`
 * where the socket cannot be had.
 */
export async function serve(config: Config, log: Log, uid: number): Promise<Started> {
  const loaded = await loadPolicySet(config.policies);
  if (!loaded.ok) return loaded;
  warn(log, loaded.warnings);

  let inForce: PolicySet = loaded.set;
  const trip: Trip = { policySet: () => inForce, protect: config.protect };
  const plugin = createPlugin({ decide: (message) => admit(message, trip), deadline: config.deadline, log });
  if (config.privateFolder !== undefined) ensurePrivateFolder(config.privateFolder, uid);
  const socket = await listen(plugin.server, config.authzSocket);
  log.info({ authz: config.authzSocket, ...described(inForce) }, 'started');

  async function load(): Promise<void> {
    const next = await loadPolicySet(config.policies);
    if (next.ok) {
      inForce = next.set;
      warn(log, next.warnings);
      log.info(described(inForce), 'reloaded the policies');
    } else {
      log.error(
        { errors: next.errors.map(shortly) },
        'THE POLICIES ARE BROKEN: the last good set stays in force',
      );
    }
  }

  // One after the other, so that the last one asked for is the last one in force.
  let loading = Promise.resolve();
  const reload = () => {
    loading = loading.then(load);
    return loading;
  };

  async function stop(): Promise<void> {
    log.info('stopping');
    socket.remove();
    await plugin.stop(config.deadline + grace);
    log.info('stopped');
  }

  const { documents, policySet } = described(inForce);
  const ready = `ready: authz=${config.authzSocket} policies=${documents} documents (${policySet}) facts=off admin=off`;
  return { ok: true, running: { ready, reload, stop, abandon: socket.remove } };
}

function described({ documents, digest }: PolicySet) {
  return { documents, policySet: digest.slice(0, 12) };
}

function warn(log: Log, warnings: readonly FileError[]): void {
  for (const warning of warnings) log.warn({ at: shortly(warning) }, 'a policy has a weak place');
}

/** On one line, as a log wants it. */
function shortly({ file, at, message, hint }: FileError): string {
  const place = at === undefined ? file : `${file}:${at.line}:${at.column}`;
  return `${place}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
}
