import { identify } from './identity/identify.ts';
import type { Decision } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { Message } from './model/message.ts';
import type { Protect } from './model/protect.ts';
import { newId } from './newId.ts';
import { normalize } from './normalize/normalize.ts';
import type { PolicySet } from './policy/compile.ts';
import { evaluate } from './policy/evaluate.ts';

/** What a request meets on its way. */
export interface Trip {
  /** The set in force. Asked once a request, so that no request is judged by two sets. */
  policySet(): PolicySet;
  readonly protect: Protect;
}

/** Without these no client can even negotiate a version, and they change and show nothing. */
const alwaysPass = new Set(['system.ping', 'system.options']);

/**
 * One request's trip: read, named, judged, answered. Never rejects for a request's own fault: what cannot
 * be read is a denial with the refusal's code. Anything else that is thrown is a bug, and the caller must
 * deny on it.
 */
export async function admit(message: Message, trip: Trip): Promise<Decision> {
  const id = newId();
  const subject = identify(message);
  try {
    const request = normalize(message);
    const { action } = request;
    if (alwaysPass.has(action)) return { id, allow: true, action, subject, violations: [] };
    const violations = evaluate(trip.policySet(), request, { subject, protect: trip.protect });
    return { id, allow: violations.length === 0, action, subject, violations };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { id, allow: false, action: error.action, subject, violations: [error.toViolation()] };
  }
}
