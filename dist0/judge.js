import { normalize } from './normalize/normalize.js';
import { evaluate } from './policy/evaluate.js';
/** Without these no client can even negotiate a version, and they change and show nothing. */
const alwaysPass = new Set(['system.ping', 'system.options']);
/**
 * Reads a message and holds it against a policy set: the part of the trip that needs nothing from outside, the same
 * for the plugin and for `try`.
 *
 * @throws Refusal where it cannot be read in one way; anything else that is thrown is a bug, and a denial
 */
export function judge(message, set, context) {
    const request = normalize(message);
    return { request, violations: alwaysPass.has(request.action) ? [] : evaluate(set, request, context) };
}
