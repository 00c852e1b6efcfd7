import { isList } from '../ledger/canonical.js';
/** A part of a recorded object; empty where there is none of that name. */
export function part(value, key) {
    return asObject(value[key]);
}
/** A text or number as text; empty where there is none. */
export function word(value, key) {
    const found = value[key];
    return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
}
export function words(value, key) {
    return list(value, key).flatMap((entry) => (typeof entry === 'string' ? [entry] : []));
}
export function parts(value, key) {
    return list(value, key).map(asObject);
}
/** A map of texts, as `key=value`. */
export function pairs(value, key) {
    return Object.entries(part(value, key)).map(([name, entry]) => `${name}=${String(entry)}`);
}
function list(value, key) {
    const found = value[key];
    return found !== undefined && isList(found) ? found : [];
}
function asObject(value) {
    if (value === undefined || value === null || typeof value !== 'object' || isList(value))
        return {};
    return value;
}
