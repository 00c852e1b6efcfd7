import { identify } from './identity/identify.ts';
import { judge } from './judge.ts';
import type { Judged } from './ledger/draft.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Decision } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { Message } from './model/message.ts';
import type { Protect } from './model/protect.ts';
import { newId } from './newId.ts';
import type { PolicySet } from './policy/compile.ts';

/** What a request meets on its way. */
export interface Trip {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  readonly protect: Protect;
  readonly ledger: Pick<Ledger, 'commit'>;
}

/**
 * One request's trip: read, named, judged, recorded, answered, by the time `until` (`performance.now()`). A
 * decision that need not wait for the disk is there at once, which spares most requests a promise. Never throws for a
 * request's own fault: what cannot be read is a denial with the refusal's code. Anything else that is thrown is a
 * bug, and the caller must deny on it.
 */
export function admit(message: Message, trip: Trip, until: number): Decision | Promise<Decision> {
  return trip.ledger.commit(decide(message, trip), until);
}

function decide(message: Message, { policySet, protect }: Trip): Judged {
  const began = performance.now();
  const id = newId();
  const subject = identify(message);
  const set = policySet();
  try {
    const { request, violations } = judge(message, set, { subject, protect });
    const decision = { id, allow: violations.length === 0, action: request.action, subject, violations };
    return { decision, message, request, policySet: set.digest, took: performance.now() - began };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const decision = { id, allow: false, action: error.action, subject, violations: [error.toViolation()] };
    return { decision, message, took: performance.now() - began };
  }
}
