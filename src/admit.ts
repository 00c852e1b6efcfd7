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
import type { PolicySet } from './policy/compile.ts';

/** What a request meets on its way. */
export interface Trip {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  readonly protect: Protect;
  /** Absent: nothing is asked of the daemon, and there is no second gate. */
  readonly facts?: Pick<Facts, 'isOwn' | 'container'>;
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
    const ref = verdict.violations.length === 0 ? startedBy(verdict.request) : undefined;
    if (trip.facts === undefined || ref === undefined) return judgedOf(asked, verdict);
    return decideStored(asked, verdict.request, trip, trip.facts.container(ref, lookUpsUntil(until)));
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

/** Actions that set a container's own programs going. */
const starts = new Set(['container.start', 'container.restart']);

/** The container that a request starts, by name or id as asked; undefined: none. */
function startedBy({ action, resource }: AdmissionRequest): string | undefined {
  return starts.has(action) ? resource.ref : undefined;
}

function lookUpsUntil(until: number): number {
  const now = performance.now();
  return now + (until - now) * shareOfLookUps;
}

/** The second gate. A container that cannot be looked at does not start. */
async function decideStored(
  asked: Asked,
  request: AdmissionRequest,
  { protect }: Trip,
  looked: Promise<StoredContainer>,
): Promise<Judged> {
  try {
    const stored = await looked;
    const violations = judgeStored(request, stored, asked.set, { subject: asked.subject, protect });
    const judged = judgedOf({ ...asked, facts: 'asked' }, { request, violations });
    return { ...judged, gate: 'stored', resourceId: stored.id };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return judgedOf({ ...asked, facts: 'failed' }, { request, violations: [error.toViolation()] });
  }
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
