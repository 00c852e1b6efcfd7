import type { Facts, StoredContainer } from './facts/facts.ts';
import type { HostFiles } from './facts/hostFiles.ts';
import { identify } from './identity/identify.ts';
import { judge, judgeAgain, judgeStored, type Verdict } from './judge.ts';
import type { Judged } from './ledger/draft.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Decision } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { Message } from './model/message.ts';
import type { Protect } from './model/protect.ts';
import type { AdmissionRequest, RequestObject } from './model/request.ts';
import type { Subject } from './model/subject.ts';
import { newId } from './newId.ts';
import { type Reached, reachedBy } from './normalize/reached.ts';
import type { PolicySet } from './policy/compile.ts';
import { asksForLeads } from './policy/evaluate.ts';
import { hostPathsOf } from './policy/hostMounts.ts';

/** What a request meets on its way. */
export interface Trip {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  readonly protect: Protect;
  /** Absent: nothing is asked of the daemon, and there is no second gate. */
  readonly facts?: Pick<Facts, 'isOwn' | 'reached'>;
  /** Absent: links on the host are not followed. */
  readonly hostFiles?: Pick<HostFiles, 'leads'>;
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
    if (verdict.violations.length > 0) return judgedOf(asked, verdict);
    const { request } = verdict;
    const reached = trip.facts === undefined ? undefined : reachedBy(request);
    if (reached === undefined && pathsToFollow(request.object, set, trip).length === 0)
      return judgedOf(asked, verdict);
    return decideLate(asked, request, reached, trip, lookUpsUntil(until));
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

/** What passed as it is written, and must be looked at on the host or asked of the daemon. What cannot be is denied. */
async function decideLate(
  asked: Asked,
  written: AdmissionRequest,
  reached: Reached | undefined,
  trip: Trip,
  until: number,
): Promise<Judged> {
  let request = written;
  try {
    const object = await withLeads(written.object, asked.set, trip, until);
    if (object !== written.object) {
      request = { ...written, object };
      const verdict = judgeAgain(request, asked.set, { subject: asked.subject, protect: trip.protect });
      if (verdict.violations.length > 0) return judgedOf(asked, verdict);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return judgedOf(asked, { request, violations: [error.toViolation()] });
  }
  if (trip.facts === undefined || reached === undefined) return judgedOf(asked, { request, violations: [] });
  return decideStored(asked, request, trip, trip.facts.reached(reached, until), until);
}

/** The host paths of an object of which it must be known where they lead; none where nobody asks. */
function pathsToFollow(object: RequestObject, set: PolicySet, { hostFiles }: Trip): readonly string[] {
  if (hostFiles === undefined) return [];
  const paths = hostPathsOf(object);
  return paths.length > 0 && asksForLeads(set) ? paths : [];
}

/** The same object, with where its host paths lead if any leads elsewhere. */
async function withLeads(
  object: RequestObject,
  set: PolicySet,
  trip: Trip,
  until: number,
): Promise<RequestObject> {
  const paths = pathsToFollow(object, set, trip);
  if (paths.length === 0 || trip.hostFiles === undefined) return object;
  const leads = await trip.hostFiles.leads(paths, until);
  return leads.size === 0 ? object : { ...object, leads };
}

/** The second gate. */
async function decideStored(
  asked: Asked,
  request: AdmissionRequest,
  trip: Trip,
  looked: Promise<readonly StoredContainer[]>,
  until: number,
): Promise<Judged> {
  try {
    const containers = await looked;
    const context = { subject: asked.subject, protect: trip.protect };
    const led = await Promise.all(
      containers.map(async (stored) => ({
        ...stored,
        object: await withLeads(stored.object, asked.set, trip, until),
      })),
    );
    const violations = led.flatMap((stored) => judgeStored(request, stored, asked.set, context));
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
