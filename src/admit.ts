import type { Facts, StoredContainer } from './facts/facts.ts';
import { identify } from './identity/identify.ts';
import { judge, judgeStored, type Verdict } from './judge.ts';
import type { Judged } from './ledger/draft.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Decision } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { Message } from './model/message.ts';
import type { Protect } from './model/protect.ts';
import type { AdmissionRequest } from './model/request.ts';
import type { Subject } from './model/subject.ts';
import { newId } from './newId.ts';
import { reachedBy } from './normalize/reached.ts';
import type { PolicySet } from './policy/compile.ts';

/** What a request meets on its way. */
export interface Trip {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  readonly protect: Protect;
  /** Absent: nothing is asked of the daemon, and there is no second gate. */
  readonly facts?: Pick<Facts, 'isOwn' | 'reached'>;
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
  const judged = decide(message, trip, until);
  if (judged instanceof Promise) return judged.then((late) => trip.ledger.commit(late, until));
  return trip.ledger.commit(judged, until);
}

function decide(message: Message, trip: Trip, until: number): Judged | Promise<Judged> {
  const began = performance.now();
  const subject = identify(message);
  const set = trip.policySet();
  const asked: Asked = { message, id: newId(), subject, set, began, facts: trip.facts ? 'none' : 'off' };
  try {
    const verdict = judge(message, set, { subject, protect: trip.protect });
    const reached = verdict.violations.length === 0 ? reachedBy(verdict.request) : undefined;
    if (trip.facts === undefined || reached === undefined) return judgedOf(asked, verdict);
    return decideStored(asked, verdict.request, trip, trip.facts.reached(reached, lookUpsUntil(until)));
  } catch (error) {
    return refusedBy(asked, error);
  }
}

/** What a decision needs of the request throughout its trip. */
interface Asked {
  readonly message: Message;
  readonly id: string;
  readonly subject: Subject;
  readonly set: PolicySet;
  /** When it was taken up. */
  readonly began: number;
  readonly facts: NonNullable<Judged['facts']>;
}

function lookUpsUntil(until: number): number {
  const now = performance.now();
  return now + (until - now) * shareOfLookUps;
}

/** The second gate. What cannot be looked at is not reached. */
async function decideStored(
  asked: Asked,
  request: AdmissionRequest,
  { protect }: Trip,
  looked: Promise<readonly StoredContainer[]>,
): Promise<Judged> {
  try {
    const containers = await looked;
    const context = { subject: asked.subject, protect };
    const violations = containers.flatMap((stored) => judgeStored(request, stored, asked.set, context));
    const judged = judgedOf({ ...asked, facts: 'asked' }, { request, violations });
    return { ...judged, gate: 'stored', ...idOf(request, containers) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return judgedOf({ ...asked, facts: 'failed' }, { request, violations: [error.toViolation()] });
  }
}

/** The id of the container that the request names, which is looked up before those that it takes part in. */
function idOf({ operation, resource }: AdmissionRequest, [first]: readonly StoredContainer[]) {
  const named = resource.kind === 'container' && operation !== 'CREATE';
  return named && first !== undefined ? { resourceId: first.id } : {};
}

function judgedOf(
  { message, id, subject, set, began, facts }: Asked,
  { request, violations }: Verdict,
): Judged {
  const decision = { id, allow: violations.length === 0, action: request.action, subject, violations };
  const took = performance.now() - began;
  return { decision, message, request, policySet: set.digest, facts, took };
}

function refusedBy({ message, id, subject, began, facts }: Asked, error: unknown): Judged {
  if (!(error instanceof Refusal)) throw error;
  const decision = { id, allow: false, action: error.action, subject, violations: [error.toViolation()] };
  return { decision, message, facts, took: performance.now() - began };
}
