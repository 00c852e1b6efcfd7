import { Refusal } from '../model/error.js';
import { quote } from '../model/printable.js';
/** A start may carry up to seven bytes, which every daemon ignores: clients send `{}` or `null`. */
const ignoredStartBody = 7;
/**
 * Finds the body that the daemon will act on, or refuses where it may act on one that was not shown.
 * dockerd hides bodies that are chunked, large, not `application/json` and more (20.10 to 29.7, each
 * release its own set), so nothing but a body that came counts.
 *
 * @returns the body; undefined where the route reads none
 * @throws Refusal `body-form`, `body-absent`, `body-unexpected`, `start-with-body`
 */
export function bodyOf(route, message) {
    refuseForms(message);
    const body = message.body !== undefined && message.body.length > 0 ? message.body : undefined;
    switch (route.body) {
        case 'json':
            return body ?? refuseAbsent(route);
        case 'json-or-none':
            return body ?? (mayHide(message) ? refuseAbsent(route) : undefined);
        case 'none':
            if (route.action === 'container.start' && (body?.length ?? 0) > ignoredStartBody) {
                throw new Refusal('start-with-body', 'this start carries a body, which old daemons take for new settings.');
            }
            if (body === undefined && writes(message) && mayHide(message)) {
                throw new Refusal('body-unexpected', `${quote(route.action)} takes no body, but one was sent and not shown.`);
            }
            return undefined;
        case 'stream':
        case 'hidden':
            return undefined;
    }
}
function refuseAbsent(route) {
    throw new Refusal('body-absent', `the body of ${quote(route.action)} did not reach Bulwark.`);
}
/** The methods whose form bodies Go merges into the query. */
function writes({ method }) {
    return method === 'POST' || method === 'PUT' || method === 'PATCH';
}
/**
 * Whether a body may have come that was not shown. Without any Content-Type Go reads no form, and JSON
 * routes of all releases want one; of a repeated header dockerd shows the last and acts on the first.
 */
function mayHide({ headers }) {
    return headers['Content-Type'] !== undefined && headers['Content-Length'] !== '0';
}
function refuseForms(message) {
    const type = message.headers['Content-Type'] ?? '';
    if (writes(message) && /^\s*(?:application\/x-www-form-urlencoded|multipart\/)/i.test(type)) {
        throw new Refusal('body-form', 'a form body is merged into the query and never shown.');
    }
}
