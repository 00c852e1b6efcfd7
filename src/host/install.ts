import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { admit } from '../admit.ts';
import { type Config, resolveConfig } from '../config/config.ts';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import type { PolicySet } from '../policy/compile.ts';
import { type FileError, placeOf } from '../policyfiles/fileerror.ts';
import { loadPolicySet } from '../policyfiles/load.ts';
import { askCanary, askForbidden, forbidden, passes } from './asked.ts';
import { type Daemon, findDaemon } from './daemon.ts';
import { pluginsOf, readDaemonJson } from './daemonJson.ts';
import { textOf, writeText } from './files.ts';
import { hookIn } from './hook.ts';
import { ask } from './http.ts';
import { listeningAt } from './listening.ts';
import { places, pluginName } from './places.ts';
import { managedPlugin, pluginSteps } from './plugin.ts';
import { programSteps } from './program.ts';
import { mustBeRoot } from './root.ts';
import { isServiceActive, serviceSteps, waitForServe } from './service.ts';
import { firstPolicies, type SetUp, setUpSteps } from './setUp.ts';
import type { Step } from './steps.ts';
import { exceptionsFor, isExcepted, type Refused, survey, tripOf } from './survey.ts';
import { isSystemd } from './systemd.ts';
import { tryOutStep } from './tryOut.ts';

/** What `bulwark install` is asked for. */
export interface Wishes extends SetUp {
  /** The daemon's `daemon.json`, where the caller knows better than its command line. */
  readonly configFile: string | undefined;
  /** A folder that holds a managed plugin, which dockerd is to run; undefined: systemd runs Bulwark. */
  readonly plugin: string | undefined;
  /** Days for which what is there already is let off; undefined: not at all. */
  readonly exceptDays: number | undefined;
}

/** What an installation would do, and all that is known before it does anything. */
export interface Plan {
  readonly daemon: Daemon;
  /** Nothing will be denied by the policies, which are only tried. */
  readonly watches: boolean;
  /** Containers that would not start again. */
  readonly refused: readonly Refused[];
  readonly steps: readonly Step[];
}

/**
 * Looks at the host, and says what an installation would do. Changes nothing.
 *
 * @param now milliseconds since 1970
 * @throws Refusal where it cannot be done here, with what to do
 */
export async function planInstall(wishes: Wishes, now: number): Promise<Plan> {
  mustBeRoot('install');
  const daemon = await fitDaemon(wishes);
  await mustBeFit(wishes);
  const { config, set, first } = await futureOf(wishes);
  const refused = await survey(set, config, wishes.socket);
  const { admin } = config;
  if (admin.kind !== 'unix')
    throw unfit('its Config has no admin socket (`admin`), by which it is known to work.');
  const watches = wishes.shadow ?? config.policies.includes(places.watching);
  return {
    daemon,
    watches,
    refused,
    steps: [
      ...programSteps(),
      ...setUpSteps(wishes, first),
      ...exceptionSteps(refused, wishes.exceptDays, now),
      ...(wishes.plugin === undefined
        ? [tryOutStep, ...serviceSteps(admin.path)]
        : pluginSteps(wishes.plugin, wishes.socket, admin.path)),
      {
        what: `add \`${pluginName}\` to ${daemon.configFile} and reload Docker`,
        run: () => hookIn({ socket: wishes.socket, configFile: daemon.configFile }),
      },
      {
        what: 'prove that Docker asks it, and that what is forbidden is denied',
        async run() {
          await prove(wishes.socket, watches, admin.path, config, set);
          return () => undefined;
        },
      },
    ],
  };
}

/** The daemon, if it is one that a plugin can be put into. */
async function fitDaemon({ socket, configFile }: Wishes): Promise<Daemon> {
  const daemon = await findDaemon({ socket, ...(configFile !== undefined && { configFile }) });
  if (daemon.pid === undefined || !(await passes(socket)))
    throw new Refusal('daemon-absent', `no dockerd answers on ${quote(socket, 4096)}.`);
  if (daemon.rootless)
    throw unfit('its dockerd runs as a user (rootless), for which Bulwark is installed by hand.');
  const inFlag = daemon.flags.get('authorization-plugin');
  if (inFlag !== undefined)
    throw new Refusal(
      'daemon-flag',
      `dockerd was started with \`--authorization-plugin=${printable(inFlag.join(','))}\`.`,
    );
  const file = daemon.configFile;
  pluginsOf(readDaemonJson(textOf(file) ?? '', file), file);
  return daemon;
}

async function mustBeFit({ socket, plugin }: Wishes): Promise<void> {
  if ((await managedPlugin(socket)) !== 'absent')
    throw unfit(
      `a managed plugin ${quote(pluginName)} is there. To make it anew, \`bulwark uninstall\` first: policies and ledger stay.`,
    );
  if (plugin !== undefined) {
    if (await isServiceActive())
      throw unfit('systemd runs Bulwark here. `bulwark uninstall` first: policies and ledger stay.');
    return;
  }
  if (!isSystemd())
    throw unfit(
      'it has no systemd that could run Bulwark. Let dockerd run it: `npm run plugin:build`, then `--plugin plugin/build`.',
    );
  const isTaken = !(await isServiceActive()) && (await listeningAt(places.socket)) === 'listens';
  if (isTaken)
    throw new Refusal(
      'path-taken',
      `something listens on ${quote(places.socket)}.`,
      'Stop it: a Bulwark that was started by hand (`npm start`).',
    );
}

/** Configuration and policies as they will be. */
interface Future {
  readonly config: Config;
  /** What will be in force, or be tried. */
  readonly set: PolicySet;
  /** Files of policies that are to be written first. */
  readonly first: readonly string[];
}

async function futureOf(wishes: Wishes): Promise<Future> {
  const file = existsSync(places.config) ? places.config : undefined;
  const flags = { dockerHost: { kind: 'unix' as const, path: wishes.socket } };
  const resolved = await resolveConfig({ configFile: file, flags, env: {}, uid: 0 });
  if (!resolved.ok) throw broken(resolved.errors);
  const { config } = resolved;
  if (config.authzSocket !== places.socket)
    throw unfit(
      `${places.config} names another \`authzSocket\` than ${places.socket}, where systemd listens.`,
    );
  if (wishes.plugin !== undefined && config.data !== places.data)
    throw unfit(`${places.config} names another \`data\` than ${places.data}, which a managed plugin has.`);
  const paths = config.shadow === places.policies ? [places.policies] : config.policies;
  // Who has policies in a place of their own needs none in this one.
  const first = paths.includes(places.policies) ? firstPolicies(wishes.policies) : [];
  const loaded = await loadPolicySet(first.length > 0 ? first : paths);
  if (!loaded.ok) throw broken(loaded.errors);
  return { config, set: loaded.set, first };
}

function exceptionSteps(refused: readonly Refused[], days: number | undefined, now: number): readonly Step[] {
  if (days === undefined || !refused.some(({ violations }) => violations.some(isExcepted))) return [];
  const today = dayOf(now);
  const until = dayOf(now + days * 24 * 60 * 60_000);
  // To the second: those of an earlier installation stay as they are.
  const path = join(
    places.policies,
    `existing-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '')}.yaml`,
  );
  return [
    {
      what: `write exceptions until ${until} for what is there already: ${path}`,
      run: async () => writeText(path, exceptionsFor(refused, today, until)),
    },
  ];
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Milliseconds for one request by which it is proved. */
const patience = 10_000;

/**
 * Proves by requests through the daemon that it asks this Bulwark: what everybody may do passes, what nobody may is denied,
 * by a decision that is in this ledger.
 *
 * @throws Refusal `canary-failed`
 */
async function prove(
  socket: string,
  watches: boolean,
  admin: string,
  config: Config,
  set: PolicySet,
): Promise<void> {
  if (!(await passes(socket))) throw failed('`/_ping` is not answered');
  // Where the policies only watch, or let everybody have privileged containers, what cannot be read is denied still.
  const trip = tripOf(set, config, socket);
  const isForbidden = !watches && !(await admit(forbidden, trip, performance.now() + patience)).allow;
  const reply = await (isForbidden ? askForbidden(socket, patience) : askCanary(socket, patience));
  if (reply.by !== 'bulwark')
    throw failed(`what is forbidden was not denied by it${reply.by === 'nobody' ? `: ${reply.why}` : ''}`);
  const { status, text } = await ask(admin, { path: `/v1/decisions/${reply.decision}`, patience });
  if (status !== 200)
    throw failed(`this Bulwark does not know the decision ${reply.decision}: ${printable(text.trim(), 500)}`);
  await waitForServe(admin, patience, ({ daemon }) => daemon.state === 'asks');
}

function failed(what: string): Refusal {
  return new Refusal('canary-failed', `a request through the daemon: ${what}.`);
}

function unfit(why: string): Refusal {
  return new Refusal('host-unfit', `this host cannot be set up: ${why}`);
}

function broken([error]: readonly FileError[]): Refusal {
  if (error === undefined) throw new Error('an error was expected');
  const { code, message, hint } = error;
  return new Refusal(code, `${placeOf(error)}: ${message}.`, hint);
}
