import { Refusal } from '../model/error.js';
import { anonymous } from '../model/subject.js';
import { newId } from '../newId.js';
import { parseMessage } from './wire.js';
/**
 * The request phase, which fails closed: the one place where a failure becomes a decision. `bytes` are the
 * message's. Gives what `decide` answered in time and in form, and else a denial.
 */
export async function judge(bytes, options) {
    const { decide, deadline, log } = options;
    const until = performance.now() + deadline;
    const work = decideOn(bytes, decide, until);
    try {
        const answer = await within(until, work, deadline);
        if (!isDecision(answer))
            throw new TypeError('the decision is malformed');
        return answer;
    }
    catch (error) {
        const decision = error instanceof Refusal ? refused(error) : failed();
        if (error instanceof Refusal)
            tellLate(error, work, options);
        else
            log.error({ decision: decision.id, error }, 'a step of the decision failed');
        return recorded(decision, until, options);
    }
}
/** What comes in spite of all may have been recorded as an allow. */
function tellLate({ code }, work, { late }) {
    if (code !== 'deadline-exceeded' || late === undefined)
        return;
    work.then((decision) => late(decision, code)).catch(() => { });
}
/** A denial stays one, whether it could be recorded or not. */
async function recorded(decision, until, { record, deadline }) {
    if (record === undefined)
        return decision;
    try {
        const answer = await within(until, record(decision, until), deadline);
        return answer.allow === false ? answer : decision;
    }
    catch {
        return decision;
    }
}
/** The denial for a failure on Bulwark's own side. */
export function failed() {
    return refused(new Refusal('internal-error', 'Bulwark could not decide on this request.'));
}
/** The denial for a request of which nothing is known but why it was refused. */
function refused(refusal) {
    const violations = [refusal.toViolation()];
    return { id: newId(), allow: false, action: refusal.action, subject: anonymous, violations };
}
async function decideOn(bytes, decide, until) {
    return decide(parseMessage(await bytes), until);
}
/** Timers wait while the main loop is busy, so an answer that comes first is held against the clock too. */
async function within(until, work, deadline) {
    const { promise: late, reject } = Promise.withResolvers();
    const timer = setTimeout(() => reject(tooLate(deadline)), until - performance.now());
    try {
        const result = await Promise.race([work, late]);
        if (performance.now() > until)
            throw tooLate(deadline);
        return result;
    }
    finally {
        clearTimeout(timer);
    }
}
function tooLate(deadline) {
    return new Refusal('deadline-exceeded', `the decision took longer than ${deadline} ms.`);
}
/** Types end where other code's answers begin: a decision counts only if it can be read as one. */
function isDecision(value) {
    if (!hasTexts(value, 'id', 'action'))
        return false;
    const { id, allow, subject, violations } = value;
    return (id !== '' &&
        hasTexts(subject, 'name') &&
        Array.isArray(violations) &&
        violations.every((violation) => hasTexts(violation, 'rule', 'message', 'fix')) &&
        (allow === true || (allow === false && violations.length > 0)));
}
function hasTexts(value, ...keys) {
    if (typeof value !== 'object' || value === null)
        return false;
    const entries = value; // any object may be read by any key
    return keys.every((key) => typeof entries[key] === 'string');
}
