import type { Facts, Stored } from './facts/facts.ts';
import type { Hold } from './facts/guard.ts';
import { identify } from './identity/identify.ts';
import { judge, judgeKnown, judgeStored, read, type Verdict } from './judge.ts';
import { digestOf, type Judged } from './ledger/draft.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Decision } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { Message, ResponseMessage } from './model/message.ts';
import type { Protect } from './model/protect.ts';
import type { AdmissionRequest } from './model/request.ts';
import type { Subject } from './model/subject.ts';
import { newId } from './newId.ts';
import { type Needs, needsOf } from './normalize/needs.ts';
import { nameGivenBy, type Reached, reachedBy } from './normalize/reached.ts';
import type { PolicySet } from './policy/compile.ts';

/** What a request meets on its way. */
export interface Trip {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  readonly protect: Protect;
  /** Absent: nothing is asked of the daemon, and there is no second gate. */
  readonly facts?: Pick<Facts, 'isOwn' | 'reached' | 'known' | 'guard' | 'execs' | 'ownId' | 'findOwn'>;
  readonly ledger: Pick<Ledger, 'commit'>;
}

/** The action of Bulwark's own look-ups: answered, not judged, not recorded, not counted. */
export const ownLookUp = 'bulwark.look-up';

const itself: Subject = { name: 'system:bulwark', groups: [], method: 'none' };

/** What of the time of a decision look-ups may take; the rest is for recording it. */
const shareOfLookUps = 0.8;

/**
 * One request's trip: read, named, judged, recorded, answered, by the time `until` (`performance.now()`). A
 * decision that need not wait for daemon or disk is there at once, which spares most requests a promise. Never throws
 * for a request's own fault: what cannot be read is a denial with the refusal's code. Anything else that is thrown is a
 * bug, and the caller must deny on it.
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
export function settle(message: Message, { facts }: Pick<Trip, 'facts'>, response?: ResponseMessage): void {
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

/** Streams of which the response comes when they end; the daemon has found their container long before, in milliseconds. */
const streams = new Set(['container.attach', 'container.attach_ws']);

function longestHold(action: string): number | undefined {
  return streams.has(action) ? 2000 : undefined;
}

function decide(message: Message, trip: Trip, until: number): Decided | Promise<Decided> {
  const { facts } = trip;
  const subject = identify(message);
  const set = trip.policySet();
  const asked: Asked = {
    message,
    id: newId(),
    subject,
    set,
    began: performance.now(),
    facts: facts === undefined ? 'off' : 'none',
  };
  try {
    const request = read(message);
    const look = facts === undefined ? undefined : lookFor(request, asked, trip.protect, facts);
    const protect = protectOf(trip);
    const context = { subject, protect, factsToCome: look?.needs !== undefined };
    const violations = judge(request, set, context);
    if (facts === undefined || look === undefined || violations.length > 0) {
      return judgedOf(asked, { request, violations });
    }
    return lookAndDecide(asked, request, look, { facts, protect: trip.protect }, lookUpsUntil(until));
  } catch (error) {
    return refusedBy(asked, error);
  }
}

function protectOf({ protect, facts }: Pick<Trip, 'protect' | 'facts'>): Protect {
  return facts?.ownId === undefined ? protect : { ...protect, containerId: facts.ownId };
}

/** What is known of a request throughout its trip. */
interface Asked {
  readonly message: Message;
  readonly id: string;
  readonly subject: Subject;
  readonly set: PolicySet;
  /** When it was taken up. */
  readonly began: number;
  readonly facts: NonNullable<Judged['facts']>;
}

/** What must be seen to before a request may pass that has nothing against it by itself; at least one of these. */
interface Look {
  /** Things that it names. */
  readonly needs?: Needs;
  /** Containers that are there and that it acts on. */
  readonly reached?: Reached;
  /** A name that a container gets by it. */
  readonly gives?: string;
  /** The container in which Bulwark runs, whose id is not known yet and may stand in the request. */
  readonly own?: string;
}

function lookFor(
  request: AdmissionRequest,
  asked: Asked,
  { container: own }: Protect,
  facts: NonNullable<Trip['facts']>,
): Look | undefined {
  // Nothing is asked for policies that judge nothing.
  if (!asked.set.judges) return undefined;
  const needs = needsOf(request.object, asked.set.needs);
  const reached = reachedBy(request);
  const isKnown = reached?.exec !== undefined && facts.execs.passes(reached.exec, ownerOf(asked));
  const gives = nameGivenBy(request);
  const mayBeOwn = own !== undefined && facts.ownId === undefined && namesContainer(request);
  const nothing = needs === undefined && (reached === undefined || isKnown) && gives === undefined;
  if (nothing && !mayBeOwn) return undefined;
  return {
    ...(mayBeOwn && { own }),
    ...(needs && { needs }),
    ...(reached && !isKnown && { reached }),
    ...(gives !== undefined && { gives }),
  };
}

function namesContainer({ resource, object }: AdmissionRequest): boolean {
  return resource.ref !== undefined || object.container !== undefined || object.build !== undefined;
}

function lookUpsUntil(until: number): number {
  const now = performance.now();
  return now + (until - now) * shareOfLookUps;
}

interface World {
  readonly facts: NonNullable<Trip['facts']>;
  readonly protect: Protect;
}

/** The second look: at what a request names, and, the second gate, at what it reaches. */
function lookAndDecide(
  asked: Asked,
  request: AdmissionRequest,
  look: Look,
  world: World,
  until: number,
): Decided | Promise<Decided> {
  const hold = world.facts.guard.hold();
  const waiting = look.gives === undefined ? undefined : hold.take('given', [look.gives], until);
  const looks = look.needs !== undefined || look.reached !== undefined || look.own !== undefined;
  if (waiting === undefined && !looks) {
    return { ...judgedOf(asked, { request, violations: [] }), hold };
  }
  return decideByFacts(asked, request, look, world, hold, waiting, until);
}

/** What cannot be looked at does not pass. */
async function decideByFacts(
  asked: Asked,
  request: AdmissionRequest,
  { needs, reached, own }: Look,
  { facts, protect }: World,
  hold: Hold,
  waiting: void | Promise<void>,
  until: number,
): Promise<Decided> {
  const { set, subject } = asked;
  try {
    await waiting;
    const [known, containers] = await Promise.all([
      needs && facts.known(needs, until),
      reached && facts.reached(reached, set.needs, hold, until),
      own === undefined ? undefined : facts.findOwn(own, until),
    ]);
    const context = { subject, protect: protectOf({ protect, facts }) };
    const violations = [
      ...(known === undefined && own === undefined ? [] : judgeKnown(request, known, set, context)),
      ...(containers ?? []).flatMap((stored) => judgeStored(request, stored, set, context)),
    ];
    const looked = needs !== undefined || reached !== undefined || own !== undefined;
    const judged = judgedOf({ ...asked, facts: looked ? 'asked' : asked.facts }, { request, violations });
    if (containers === undefined) return { ...judged, hold };
    if (request.action === 'exec.create') {
      hold.onResponse = ({ status, responseBody }) => {
        if (status === 201) facts.execs.made(responseBody, ownerOf(asked));
      };
    }
    return { ...judged, hold, gate: 'stored', ...idOf(request, containers) };
  } catch (error) {
    if (error instanceof Refusal) {
      return {
        ...judgedOf({ ...asked, facts: 'failed' }, { request, violations: [error.toViolation()] }),
        hold,
      };
    }
    hold.release();
    throw error;
  }
}

/** For whom, and by which policies, something was judged. */
function ownerOf({ set, subject: { name, groups, method } }: Asked): string {
  return JSON.stringify([set.digest, method, name, groups]);
}

/** The id of the container that the request names, which is looked up before those that it takes part in. */
function idOf({ operation, resource }: AdmissionRequest, [first]: readonly Stored[]) {
  const named = resource.kind === 'container' && operation !== 'CREATE';
  return named && first !== undefined ? { resourceId: first.id } : {};
}

function judgedOf(
  { message, id, subject, set, began, facts }: Asked,
  { request, violations }: Verdict,
): Decided {
  const decision = { id, allow: violations.length === 0, action: request.action, subject, violations };
  const took = performance.now() - began;
  return { decision, message, request, policySet: set.digest, facts, took };
}

function refusedBy({ message, id, subject, began, facts }: Asked, error: unknown): Decided {
  if (!(error instanceof Refusal)) throw error;
  const decision = { id, allow: false, action: error.action, subject, violations: [error.toViolation()] };
  return { decision, message, facts, took: performance.now() - began };
}
