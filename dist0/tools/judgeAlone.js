import { judge } from '../judge.js';
import { Refusal } from '../model/error.js';
import { newId } from '../newId.js';
/**
 * The trip of `admit.ts` without a daemon: the same reading and the same policies, but for a subject that is given,
 * and nothing is looked up or recorded. Never throws: what fails is a denial.
 */
export function judgeAlone(message, set, context) {
    const head = { id: newId(), subject: context.subject };
    try {
        const { request, violations } = judge(message, set, context);
        const { action } = request;
        return { message, request, decision: { ...head, allow: violations.length === 0, action, violations } };
    }
    catch (error) {
        const refusal = error instanceof Refusal ? error : failure(error);
        return {
            message,
            decision: { ...head, allow: false, action: refusal.action, violations: [refusal.toViolation()] },
        };
    }
}
function failure(error) {
    const fix = 'Report it as a bug of Bulwark, with the command.';
    return new Refusal('internal-error', `Bulwark could not decide on this request (${String(error)}).`, fix);
}
