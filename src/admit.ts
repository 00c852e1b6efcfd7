import type { Hold } from './facts/guard.ts';
import type { Identify } from './identity/identify.ts';
import { judge, passesAlways, read } from './judge.ts';
import { digestOf, type Judged } from './ledger/draft.ts';
import type { Ledger } from './ledger/ledger.ts';
import { contextOf, type Judging, type Look, lookAt, lookFor, ownerOf, type World } from './look.ts';
import type { Decision } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { Message, ResponseMessage } from './model/message.ts';
import type { AdmissionRequest } from './model/request.ts';
import { anonymous, type Subject } from './model/subject.ts';
import { newId } from './newId.ts';
import { volumesMadeBy } from './normalize/needs.ts';
import { observe, type Watcher, watchersOf } from './observe.ts';
import type { PolicySet } from './policy/compile.ts';
import { nothing, type Verdict } from './policy/evaluate.ts';

/** What a request meets on its way. */
export interface Trip extends World {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  /** A set that is only tried, beside that in force; absent: none. */
  shadowSet?(): PolicySet;
  readonly identify: Identify;
  readonly ledger: Pick<Ledger, 'commit'>;
}

/** The action of Bulwark's own look-ups: answered, not judged, not recorded, not counted. */
export const ownLookUp = 'bulwark.look-up';

const itself: Subject = { name: 'system:bulwark', groups: [], method: 'none' };

/** What of the time of a decision looks may take; the rest is for recording it. */
const shareOfLooks = 0.8;

/**
 * One request's trip: read, named, judged, looked into where that takes it, recorded, answered, by the time `until`
 * (`performance.now()`). A decision that need not wait for daemon or disk is there at once, which spares most requests
 * a promise. Never throws for a request's own fault: what cannot be read is a denial with the refusal's code. Anything
 * else that is thrown is a bug, and the caller must deny on it.
 */
export function admit(message: Message, trip: Trip, until: number): Decision | Promise<Decision> {
  if (trip.facts?.isOwn(message)) {
    return { id: newId(), allow: true, action: ownLookUp, subject: itself, violations: [] };
  }
  const decided = decide(message, trip, until);
  if (decided instanceof Promise) return decided.then((late) => commit(late, trip, until));
  return commit(decided, trip, until);
}

/** The daemon has answered a request, or an allow did not reach it: what was held for it is let go. */
export function settle(message: Message, { facts }: World, response?: ResponseMessage): void {
  if (facts !== undefined && !facts.guard.isIdle) facts.guard.settle(digestOf(message), response);
}

/** A decision that is to be recorded, and the names that are held for it. */
interface Decided extends Judged {
  readonly message: Message;
  readonly hold?: Hold;
}

function commit({ hold, ...judged }: Decided, trip: Trip, until: number): Decision | Promise<Decision> {
  const final = trip.ledger.commit(judged, until);
  if (hold === undefined) return final;
  const close = (decision: Decision) => {
    // A late allow is answered as a denial.
    if (!decision.allow || performance.now() > until) hold.release();
    else trip.facts?.guard.keep(hold, digestOf(judged.message), longestHold(decision.action));
    return decision;
  };
  return final instanceof Promise ? final.then(close) : close(final);
}

/** Of which the response comes when they end; the daemon has found their container long before. */
const streams = new Set(['attach', 'attach_ws', 'logs', 'stats', 'wait'].map((name) => `container.${name}`));

function longestHold(action: string): number | undefined {
  return streams.has(action) ? 2000 : undefined;
}

/** What is known of a request throughout its trip. */
interface Asked extends Judging {
  readonly message: Message;
  readonly id: string;
  /** When it was taken up. */
  readonly began: number;
  readonly facts: NonNullable<Judged['facts']>;
}

/** Who asks, or why what they show of themselves cannot be used. */
type Caller = Subject | Refusal;

function decide(message: Message, trip: Trip, until: number): Decided | Promise<Decided> {
  const began = performance.now();
  const caller = callerOf(message, trip);
  if (caller instanceof Promise) return caller.then((late) => decideFor(late, message, began, trip, until));
  return decideFor(caller, message, began, trip, until);
}

function callerOf(message: Message, { identify }: Trip): Caller | Promise<Caller> {
  try {
    const named = identify(message);
    return named instanceof Promise ? named.catch(refusalIn) : named;
  } catch (error) {
    return refusalIn(error);
  }
}

function refusalIn(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function decideFor(
  named: Caller,
  message: Message,
  began: number,
  trip: Trip,
  until: number,
): Decided | Promise<Decided> {
  const set = trip.policySet();
  const caller = named instanceof Refusal ? anonymous : named;
  const facts = trip.facts ? 'none' : 'off';
  const asked: Asked = { message, id: newId(), subject: set.known(caller), set, began, facts };
  try {
    const request = read(message);
    if (named instanceof Refusal && !passesAlways(request.action)) return refusedName(asked, request, named);
    const decided = decideOn(request, asked, trip, until);
    const watchers = watchersOf(set, trip.shadowSet?.(), caller);
    return watchers.length === 0 ? decided : withObserved(decided, request, watchers, trip, until);
  } catch (error) {
    return refusedBy(asked, error);
  }
}

function decideOn(
  request: AdmissionRequest,
  asked: Asked,
  trip: Trip,
  until: number,
): Decided | Promise<Decided> {
  const look = lookFor(request, asked, trip, volumesMadeBy(request));
  const written = judge(request, asked.set, contextOf(asked.subject, trip, look));
  if (look === undefined || written.violations.length > 0) return judgedOf(asked, request, written);
  return decideByLook(asked, request, written, look, trip, looksUntil(until));
}

/** Beside a decision what it would be by rules that only watch; a denial that is there does not wait for their looks. */
async function withObserved(
  deciding: Decided | Promise<Decided>,
  request: AdmissionRequest,
  watchers: readonly Watcher[],
  trip: Trip,
  until: number,
): Promise<Decided> {
  const looks = deciding instanceof Promise || deciding.decision.allow;
  const watching = observe(request, watchers, trip, looksUntil(until), looks);
  const [decided, observed] = await Promise.all([deciding, watching]);
  if (observed.length === 0) return decided;
  const shadow = watchers.find(({ isShadow }) => isShadow)?.set.digest;
  return {
    ...decided,
    decision: { ...decided.decision, observed },
    ...(shadow !== undefined && { shadowSet: shadow }),
  };
}

function looksUntil(until: number): number {
  const now = performance.now();
  return now + (until - now) * shareOfLooks;
}

/** What has nothing against it as it is written, and is looked into. */
function decideByLook(
  asked: Asked,
  request: AdmissionRequest,
  written: Verdict,
  { gives, ...look }: Look,
  world: World,
  until: number,
): Decided | Promise<Decided> {
  const hold = world.facts?.guard.hold();
  const waiting = gives === undefined ? undefined : hold?.take('given', [gives], until);
  const nothingElse = Object.keys(look).length === 0;
  if (waiting === undefined && nothingElse) {
    return { ...judgedOf(asked, request, written), ...(hold && { hold }) };
  }
  return decideLate(asked, request, written, look, world, hold, waiting, until);
}

async function decideLate(
  asked: Asked,
  request: AdmissionRequest,
  written: Verdict,
  look: Look,
  world: World,
  hold: Hold | undefined,
  waiting: void | Promise<void>,
  until: number,
): Promise<Decided> {
  const held = hold && { hold };
  try {
    await waiting;
    const { verdict, leads, ...seen } = await lookAt(request, written, look, asked, world, hold, until);
    if (hold !== undefined && request.action === 'exec.create') {
      hold.onResponse = ({ status, responseBody }) => {
        if (status === 201) world.facts?.execs.made(responseBody, ownerOf(asked));
      };
    }
    const led = leads === undefined ? request : { ...request, object: { ...request.object, leads } };
    return { ...judgedOf(asked, led, verdict), ...seen, ...held };
  } catch (error) {
    if (error instanceof Refusal)
      return { ...judgedOf(asked, request, { ...nothing, violations: [error.toViolation()] }), ...held };
    hold?.release();
    throw error;
  }
}

function judgedOf(
  { message, id, subject, set, began, facts }: Asked,
  request: AdmissionRequest,
  { violations, exceptions }: Verdict,
): Decided {
  const { action } = request;
  const decision = {
    ...{ id, allow: violations.length === 0, action, subject, violations },
    ...(exceptions.length > 0 && { exceptions }),
  };
  const took = performance.now() - began;
  return { decision, message, request, policySet: set.digest, facts, took };
}

/** The request of somebody whose certificate or token cannot be used. */
function refusedName(asked: Asked, request: AdmissionRequest, refusal: Refusal): Decided {
  const judged = judgedOf(asked, request, { ...nothing, violations: [refusal.toViolation()] });
  return { ...judged, decision: { ...judged.decision, refusedName: true } };
}

function refusedBy({ message, id, subject, began, facts }: Asked, error: unknown): Decided {
  if (!(error instanceof Refusal)) throw error;
  const decision = { id, allow: false, action: error.action, subject, violations: [error.toViolation()] };
  return { decision, message, facts, took: performance.now() - began };
}
