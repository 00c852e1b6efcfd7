import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Plane, startPlane } from './admin/plane.ts';
import { admit, ownLookUp, settle, type Trip } from './admit.ts';
import { reach } from './authz/reach.ts';
import { createPlugin } from './authz/server.ts';
import { adopt, listen, type OwnSocket } from './authz/socket.ts';
import type { Config } from './config/config.ts';
import { ensurePrivateFolder } from './config/privateFolder.ts';
import { version } from './config/version.ts';
import { Facts } from './facts/facts.ts';
import { type Beat, Heartbeat } from './facts/heartbeat.ts';
import { HostFiles } from './facts/hostFiles.ts';
import { LookUps } from './facts/lookUps.ts';
import { identifier } from './identity/identify.ts';
import { Inventory } from './inventory.ts';
import { type Failure, failureOf } from './ledger/failure.ts';
import { Ledger } from './ledger/ledger.ts';
import { areNotesLeft, takeNotes } from './ledger/leftNotes.ts';
import type { Log } from './logging/log.ts';
import { Counters } from './metrics/counters.ts';
import { codes } from './model/codes.ts';
import { Refusal } from './model/error.ts';
import type { PolicySet } from './policy/compile.ts';
import { type FileError, placeOf } from './policyfiles/fileerror.ts';
import { Policies, type ReloadEvents } from './policyfiles/inForce.ts';
import type { PolicyText } from './policyfiles/load.ts';
import { loadSteady } from './policyfiles/loadSteady.ts';

/** Bulwark at work. */
export interface Running {
  /** One plain line for whoever waits for the start. */
  readonly ready: string;
  /** Reads the policies again, at once: all of them come into force between two requests, or none and the log says why. */
  reload(): Promise<void>;
  /** Finishes the requests under way, within their deadline, takes the socket away if it is its own, and ends. */
  stop(): Promise<void>;
  /**
   * Asks itself through the socket, as dockerd does; rejects where no answer comes within `limit` milliseconds. That one
   * comes says nothing of the ledger's disk or of the daemon, which starting Bulwark again would not mend.
   */
  reach(limit: number): Promise<void>;
  /** For a process that ends without `stop`: removes the socket's file. */
  abandon(): void;
}

export type Started =
  | { readonly ok: true; readonly running: Running }
  | { readonly ok: false; readonly what: 'policies' | 'ledger'; readonly errors: readonly FileError[] };

/** What the process was given beside its configuration. */
export interface Given {
  /** The user's id; 0 is root. */
  readonly uid: number;
  /** The descriptor of a socket that listens already, at the place that the configuration says. */
  readonly handedOver: number | undefined;
}

/** Beyond the deadline, for writing the denials that it brings. */
const grace = 250;

/**
 * Puts the parts together and starts them. Gives the errors of policies that cannot be used; throws a `Refusal`
 * where the socket cannot be had.
 */
export async function serve(config: Config, log: Log, given: Given): Promise<Started> {
  const ledger = createLedger(config, log);
  // The writer starts while the policies are read.
  ledger.prepare();
  let started: Started | undefined;
  try {
    started = await begin(config, log, given, ledger);
    return started;
  } finally {
    if (started?.ok !== true) await ledger.close(0);
  }
}

async function begin(config: Config, log: Log, { uid, handedOver }: Given, ledger: Ledger): Promise<Started> {
  const loaded = await loadSteady(config.policies);
  if (!loaded.ok) return { ...loaded, what: 'policies' };
  const tried = config.shadow === undefined ? undefined : await loadSteady([config.shadow]);
  if (tried?.ok === false) return { ...tried, what: 'policies' };
  warn(log, [...loaded.warnings, ...(tried?.warnings ?? [])]);

  const policies = new Policies(config.policies, loaded, reloadEvents(ledger, log));
  const shadow = tried && new Policies([config.shadow ?? ''], tried, shadowEvents(ledger, log));
  const counters = new Counters();
  const adoptNotes = noteAdopter(ledger, config, log);
  const daemon = daemonOf(config, ledger, log, adoptNotes);
  const trip: Trip = {
    policySet: () => policies.current.set,
    identify: identifier(config.identity),
    ...(shadow && { shadowSet: () => shadow.current.set }),
    protect: config.protect,
    host: config.hostName,
    ...(daemon && { facts: daemon.facts }),
    ...(config.hostRoot !== undefined && { hostFiles: new HostFiles(config.hostRoot) }),
    ledger: timed(ledger, counters),
  };
  const plugin = createPlugin({
    decide(message, until) {
      counters.took('read', performance.now() - (until - config.deadline));
      return admit(message, trip, until);
    },
    record: (decision, until) => ledger.commit({ decision, facts: trip.facts ? 'none' : 'off' }, until),
    late: (decision, reason) => ledger.correct(decision, reason),
    undelivered(message, decision) {
      ledger.lose(message, decision);
      settle(message, trip);
    },
    answered(decision, took) {
      if (decision.action === ownLookUp) return;
      counters.took('total', took);
      counters.decided(decision);
    },
    settled(message) {
      settle(message, trip, message);
      ledger.settle(message);
      if (message.method !== 'GET' && message.method !== 'HEAD') daemon?.inventory.soon();
    },
    deadline: config.deadline,
    log,
  });
  if (config.privateFolder !== undefined) ensurePrivateFolder(config.privateFolder, uid);
  // Before the ledger is opened: where another Bulwark listens, the ledger is its own.
  const socket =
    handedOver === undefined
      ? await listen(plugin.server, config.authzSocket)
      : await adopt(plugin.server, handedOver, config.authzSocket);
  const giveUp = async () => {
    socket.remove();
    await plugin.stop(0);
  };
  const unusable = await openLedger(ledger, config, loaded);
  if (unusable !== undefined) {
    await giveUp();
    return { ok: false, what: 'ledger', errors: [unusable] };
  }
  adoptNotes();
  if (tried) ledger.keep(tried.set.digest, tried.texts);
  const plane = await startAdmin(config, log, {
    policies,
    shadow,
    ledger,
    counters,
    heartbeat: daemon?.heartbeat,
  }).catch(async (error: unknown) => {
    await giveUp();
    throw error;
  });
  const { admin, metrics } = plane;
  const facts = factsText(config);
  if (facts === 'off') log.warn(withoutFacts);
  if (trip.hostFiles === undefined) log.warn(withoutHostFiles);
  log.info(
    { authz: config.authzSocket, ledger: config.data, facts, admin, metrics, ...described(loaded.set) },
    'started',
  );
  daemon?.heartbeat.start();
  daemon?.inventory.start();
  policies.watch();
  shadow?.watch();
  const notes = watchNotes(config.data, adoptNotes);

  /** Has the daemon ask about a request, and then about its answer. */
  async function draw(until: number): Promise<void> {
    if (daemon === undefined) throw new Error('there is no daemon that could be asked');
    await daemon.facts.probe(until);
  }

  async function stop(): Promise<void> {
    log.info('stopping');
    notes.close();
    daemon?.heartbeat.stop();
    daemon?.inventory.stop();
    policies.close();
    shadow?.close();
    await plugin.drain(config.deadline, draw);
    socket.remove();
    await Promise.all([plugin.stop(config.deadline + grace), plane.stop(grace)]);
    await ledger.close(performance.now() + config.deadline);
    log.info('stopped');
  }

  const reachItself = (limit: number) => reach(plugin.server, config.authzSocket, limit);

  function abandon(): void {
    socket.remove();
    plane.abandon();
  }

  const { documents, policySet } = described(loaded.set);
  const ready = `ready: authz=${config.authzSocket} policies=${documents} documents (${policySet}) facts=${facts} admin=${admin}`;
  const beside = tried && described(tried.set);
  const shadowed = beside ? ` shadow=${beside.documents} documents (${beside.policySet})` : '';
  const more = `${shadowed}${trip.hostFiles ? '' : ' hostFiles=off'}${metrics === 'off' ? '' : ` metrics=${metrics}`}`;
  const reload = async () => {
    await Promise.all([policies.reload(), shadow?.reload()]);
  };
  return { ok: true, running: { ready: ready + more, reload, reach: reachItself, stop, abandon } };
}

/** What is lost, for who starts it so. */
const withoutFacts =
  '`--docker-host off`: containers are judged when they are created and never again; one that was made while Bulwark was away starts, and so does one whose body the daemon did not show; and nobody notices when the daemon stops asking';

const withoutHostFiles =
  '`--host-root off`: host paths are judged as they are written; who can make a link in a folder that may be bound gets what it leads to';

/** What is asked of the daemon. Nothing is before Bulwark listens: at its own start the daemon waits for its plugins. */
function daemonOf(config: Config, ledger: Ledger, log: Log, adoptNotes: () => void) {
  if (config.dockerHost.kind !== 'unix') return undefined;
  const lookUps = new LookUps(config.dockerHost.path);
  const facts = new Facts(lookUps);
  const inventory = new Inventory({
    get: (path, until) => lookUps.get(path, until),
    present: (all) => ledger.present(all),
  });
  const heartbeat = new Heartbeat({
    probe: (until) => facts.probe(until),
    changed(now, before) {
      adoptNotes();
      noteHeartbeat(ledger, now, before);
      tellHeartbeat(log, factsText(config), now, before);
    },
  });
  return { facts, heartbeat, inventory };
}

/**
 * Takes what `break-glass` and `token` have noted into the ledger: when Bulwark starts, when the daemon begins or ends to
 * ask, and within seconds.
 */
function noteAdopter(ledger: Ledger, { data }: Config, log: Log): () => void {
  let failed = false;
  return () => {
    try {
      ledger.adopt(takeNotes(data));
      failed = false;
    } catch (error) {
      if (!failed) log.error({ error }, 'what was noted by commands cannot be taken into the ledger');
      failed = true;
    }
  };
}

/** Looks for notes without holding up a request: a disk that hangs keeps one look waiting. */
function watchNotes(data: string, adopt: () => void): { close(): void } {
  let closed = false;
  const look = async () => {
    const found = await areNotesLeft(data);
    if (closed) return;
    if (found) adopt();
    timer = setTimeout(look, 2000).unref();
  };
  let timer = setTimeout(look, 2000).unref();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Losses and returns belong into the account; that the daemon asks after a start, or is not there yet, does not. */
function noteHeartbeat(ledger: Ledger, now: Beat, before: Beat): void {
  if (now.state === 'silent' || now.state === 'unreachable') ledger.heartbeat(now.why.code);
  else if (now.state === 'asks' && before.state !== 'waiting') ledger.heartbeat(undefined);
}

function tellHeartbeat(log: Log, daemon: string, now: Beat, before: Beat): void {
  switch (now.state) {
    case 'silent': {
      const { code, fix } = now.why;
      log.error(
        { code, daemon, fix },
        'THE DAEMON DOES NOT ASK BULWARK: nothing that is done on it is judged',
      );
      return;
    }
    case 'unreachable': {
      const { code, message, fix } = now.why;
      log.warn(
        { code, daemon, detail: message, fix },
        'it cannot be found out whether the daemon asks Bulwark',
      );
      return;
    }
    case 'asks':
      log.info(
        { daemon },
        before.state === 'waiting' ? 'the daemon asks Bulwark' : 'the daemon asks Bulwark again',
      );
  }
}

/** As `--docker-host` takes it. */
function factsText({ dockerHost }: Config): string {
  return dockerHost.kind === 'unix' ? `unix://${dockerHost.path}` : 'off';
}

function reloadEvents(ledger: Ledger, log: Log): ReloadEvents {
  return {
    replaced({ set, texts, warnings }) {
      ledger.reload(set.digest, texts);
      warn(log, warnings);
      log.info(described(set), 'reloaded the policies');
    },
    unchanged: ({ set }) => log.info(described(set), 'the policies on the disk are those in force'),
    broken: (errors) =>
      log.error({ errors: errors.map(shortly) }, 'THE POLICIES ARE BROKEN: the last good set stays in force'),
  };
}

/** Of the set that is tried beside the one in force: whatever becomes of it, nothing is denied by it. */
function shadowEvents(ledger: Ledger, log: Log): ReloadEvents {
  return {
    replaced({ set, texts, warnings }) {
      ledger.keep(set.digest, texts);
      warn(log, warnings);
      log.info(described(set), 'reloaded the shadow policies');
    },
    unchanged: ({ set }) =>
      log.info(described(set), 'the shadow policies on the disk are those that are tried'),
    broken: (errors) =>
      log.error(
        { errors: errors.map(shortly) },
        'the shadow policies are broken: the last good set is tried',
      ),
  };
}

/** The ledger as a request meets it, with the time that it and what was before it took; no promise more than it needs. */
function timed(ledger: Ledger, counters: Counters): Trip['ledger'] {
  return {
    commit(judged, until) {
      const began = performance.now();
      if (judged.took !== undefined) counters.took('judge', judged.took);
      return timedAnswer(ledger.commit(judged, until), () =>
        counters.took('commit', performance.now() - began),
      );
    },
  };
}

/** Tells when an answer is there, which may be at once. */
function timedAnswer<T>(answer: T, done: () => void): T;
function timedAnswer<T>(answer: T | Promise<T>, done: () => void): T | Promise<T> {
  if (answer instanceof Promise) return answer.finally(done);
  done();
  return answer;
}

interface Parts {
  readonly policies: Policies;
  readonly shadow: Policies | undefined;
  readonly ledger: Ledger;
  readonly counters: Counters;
  readonly heartbeat: Heartbeat | undefined;
}

function startAdmin(
  config: Config,
  log: Log,
  { policies, shadow, ledger, counters, heartbeat }: Parts,
): Promise<Plane> {
  return startPlane({
    version: version(),
    facts: factsText(config),
    ...(heartbeat && { beat: () => heartbeat.current }),
    counters,
    state: () => ledger.state,
    policies: () => policies.current,
    ...(shadow && { shadow: () => shadow.current }),
    admin: config.admin,
    metricsAddress: config.metrics,
    data: config.data,
    protect: config.protect,
    host: config.hostName,
    log,
    listen: listenForAdmin,
  });
}

/** A socket as the plugin's; what is said where it cannot be had names the setting of this one. */
async function listenForAdmin(...given: Parameters<typeof listen>): Promise<OwnSocket> {
  try {
    return await listen(...given);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const fix =
      'Stop what listens there or move the file away, or choose another `--admin unix:PATH`, or `off`.';
    throw new Refusal(error.code, error.message, fix);
  }
}

function createLedger({ data, ledger, hostName }: Config, log: Log): Ledger {
  return new Ledger({
    path: join(data, 'ledger.db'),
    host: hostName,
    retention: ledger.retention,
    coalesceAbove: ledger.coalesceAbove,
    reserve: { path: join(data, 'reserve'), bytes: ledger.reserve },
    onHealth: (failure) => tellHealth(log, failure),
  });
}

function tellHealth(log: Log, failure: Failure | undefined): void {
  if (failure === undefined) log.info('the ledger can be written again');
  else log.error(failure, 'THE LEDGER CANNOT BE WRITTEN: everything is denied until it can');
}

/** What keeps the ledger from being used, if anything does. */
async function openLedger(
  ledger: Ledger,
  { data, deadline }: Config,
  { set, texts }: { readonly set: PolicySet; readonly texts: readonly PolicyText[] },
): Promise<FileError | undefined> {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    await ledger.open(set.digest, texts, performance.now() + deadline);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal)
      return { code: error.code, file: data, message: error.message, hint: error.fix };
    const { code, detail } = failureOf(error, data);
    return { code, file: data, message: detail, hint: codes[code].fix };
  }
}

function described({ documents, digest }: PolicySet) {
  return { documents, policySet: digest.slice(0, 12) };
}

function warn(log: Log, warnings: readonly FileError[]): void {
  for (const warning of warnings) log.warn({ at: shortly(warning) }, 'a policy has a weak place');
}

/** On one line, as a log wants it. */
function shortly(error: FileError): string {
  const { message, hint } = error;
  return `${placeOf(error)}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
}
