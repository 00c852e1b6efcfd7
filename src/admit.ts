import { identify } from './identity/identify.ts';
import type { Judged } from './ledger/draft.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Decision, Violation } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { Message } from './model/message.ts';
import type { Protect } from './model/protect.ts';
import type { AdmissionRequest } from './model/request.ts';
import { newId } from './newId.ts';
import { normalize } from './normalize/normalize.ts';
import type { PolicySet } from './policy/compile.ts';
import { evaluate } from './policy/evaluate.ts';

/** What a request meets on its way. */
export interface Trip {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  readonly protect: Protect;
  readonly ledger: Pick<Ledger, 'commit'>;
}

/** Without these no client can even negotiate a version, and they change and show nothing. */
const alwaysPass = new Set(['system.ping', 'system.options']);

/**
 * One request's trip: read, named, judged, recorded, answered, by the time `until` (`performance.now()`). Never rejects
 * for a request's own fault: what cannot be read is a denial with the refusal's code. Anything else that is thrown
 * is a bug, and the caller must deny on it.
 */
export async function admit(message: Message, trip: Trip, until: number): Promise<Decision> {
  return trip.ledger.commit(judge(message, trip), until);
}

function judge(message: Message, trip: Trip): Judged {
  const began = performance.now();
  const id = newId();
  const subject = identify(message);
  const took = () => performance.now() - began;
  let request: AdmissionRequest;
  try {
    request = normalize(message);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { action } = error;
    const decision = { id, allow: false, action, subject, violations: [error.toViolation()] };
    return { decision, message, took: took() };
  }
  const set = trip.policySet();
  const { action } = request;
  const violations: readonly Violation[] = alwaysPass.has(action)
    ? []
    : evaluate(set, request, { subject, protect: trip.protect });
  const decision = { id, allow: violations.length === 0, action, subject, violations };
  return { decision, message, request, policySet: set.digest, took: took() };
}
