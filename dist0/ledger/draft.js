import { createHash } from 'node:crypto';
import { withoutCredentials } from '../model/secrets.js';
import { redact } from './redact.js';
/**
 * SHA-256 in hex over a message: over the JSON of method, target and headers in order, a line break, and the body. The
 * daemon's message of the response phase repeats all four and so has the same.
 */
export function digestOf({ method, uri, headers, body }) {
    const head = JSON.stringify([method, uri, Object.entries(headers).sort()]);
    const hash = createHash('sha256').update(head).update('\n');
    return (body === undefined ? hash : hash.update(body)).digest('hex');
}
/** The longest name that a client is known by. */
const longestClient = 200;
/** The record of a decision, as far as the main thread knows it; nothing secret is in it. */
export function draftOf(judged, host) {
    const { message, request, took } = judged;
    const client = message?.headers['User-Agent'];
    return {
        ...commonOf(judged, host),
        ...(request && fieldsOf(request)),
        ...(client !== undefined && { client: client.slice(0, longestClient) }),
        ...(message && { digest: digestOf(message) }),
        ...(took !== undefined && { durations: { decide: Math.round(took * 1000) } }),
    };
}
/** What the record of a decision has in common with all that are counted with it. */
export function commonOf({ decision, request, policySet }, host) {
    const { id, allow, action, subject, violations } = decision;
    return {
        type: 'decision',
        id,
        time: new Date().toISOString(),
        host,
        decision: allow ? 'allow' : 'deny',
        subject: { name: subject.name, groups: [...subject.groups], method: subject.method },
        action,
        facts: 'off',
        gate: 'request',
        ...(request && { operation: request.operation, resource: { kind: request.resource.kind } }),
        ...(violations.length > 0 && { violations: violations.map(shown) }),
        ...(policySet !== undefined && { policySet }),
    };
}
function fieldsOf({ operation, resource, minor, object, unknown }) {
    const { kind, ref } = resource;
    const kept = redact(object);
    return {
        operation,
        resource: { kind, ...(ref !== undefined && { ref: withoutCredentials(ref) }) },
        ...(minor !== undefined && { api: `1.${minor}` }),
        ...(Object.keys(kept).length > 0 && { object: kept }),
        ...(unknown.length > 0 && { unknown: [...unknown] }),
    };
}
/** Controls show no secrets; what they quote of URLs is looked at once more. */
function shown({ rule, message, fix, value, source }) {
    return {
        rule,
        message: withoutCredentials(message),
        fix: withoutCredentials(fix),
        ...(value !== undefined && { value: withoutCredentials(value) }),
        ...(source && { source: { file: source.file, line: source.line } }),
    };
}
