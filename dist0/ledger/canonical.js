/**
 * RFC 8785: keys in the order of their UTF-16 units, no white space, numbers and escapes as ECMAScript writes them,
 * so that a value has one text and one hash. Half a surrogate pair, which that form forbids, becomes U+FFFD.
 */
export function canonicalJson(value) {
    if (typeof value === 'string')
        return JSON.stringify(value.toWellFormed());
    if (value === null || typeof value !== 'object')
        return JSON.stringify(value);
    if (isList(value))
        return `[${value.map(canonicalJson).join(',')}]`;
    return `{${canonicalEntries(value).join(',')}}`;
}
/** The entries of an object, `"key":value`, in their order; those whose key `wanted` lets pass. */
export function canonicalEntries(value, wanted = () => true) {
    return Object.keys(value)
        .filter(wanted)
        .sort()
        .flatMap((key) => {
        const entry = value[key];
        return entry === undefined ? [] : `${canonicalJson(key)}:${canonicalJson(entry)}`;
    });
}
/** `Array.isArray` does not tell a readonly list from the rest. */
export function isList(value) {
    return Array.isArray(value);
}
