import { identify } from './identity/identify.js';
import { judge } from './judge.js';
import { Refusal } from './model/error.js';
import { newId } from './newId.js';
/**
 * One request's trip: read, named, judged, recorded, answered, by the time `until` (`performance.now()`). Never rejects
 * for a request's own fault: what cannot be read is a denial with the refusal's code. Anything else that is thrown
 * is a bug, and the caller must deny on it.
 */
export async function admit(message, trip, until) {
    return trip.ledger.commit(decide(message, trip), until);
}
function decide(message, { policySet, protect }) {
    const began = performance.now();
    const id = newId();
    const subject = identify(message);
    const took = () => performance.now() - began;
    const set = policySet();
    try {
        const { request, violations } = judge(message, set, { subject, protect });
        const decision = { id, allow: violations.length === 0, action: request.action, subject, violations };
        return { decision, message, request, policySet: set.digest, took: took() };
    }
    catch (error) {
        if (!(error instanceof Refusal))
            throw error;
        const decision = { id, allow: false, action: error.action, subject, violations: [error.toViolation()] };
        return { decision, message, took: took() };
    }
}
