export function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/** The object, or an empty one. */
export function readRecord(value) {
    return isRecord(value) ? value : {};
}
/** The text, or an empty one. */
export function textOf(value) {
    return typeof value === 'string' ? value : '';
}
/** The object that a body is, or an empty one. */
export function parseRecord(bytes) {
    try {
        return readRecord(JSON.parse(new TextDecoder().decode(bytes)));
    }
    catch {
        return {};
    }
}
