/**
 * Descriptions of JSON values as Go's encoding/json decodes them into typed fields. The reader is driven
 * by them, and `Value` gives the TypeScript type of what it returns, so shape and type have one source.
 */
export const string = { kind: 'string' };
export const bool = { kind: 'bool' };
export const int = { kind: 'int' };
export const float = { kind: 'float' };
export const any = { kind: 'any' };
export function list(of) {
    return { kind: 'list', of, bare: false };
}
/** Docker's StrSlice: a list of strings for which daemons up to 28 also take a bare string. */
export const strSlice = { kind: 'list', of: string, bare: true };
export function map(of) {
    return { kind: 'map', of };
}
export function struct(name, fields, embeds = []) {
    const named = Object.entries(fields).map(([field, type]) => ({ name: field, type }));
    const byName = new Map(named.map((field) => [field.name, field]));
    const byFold = new Map(named.map((field) => [fold(field.name), field]));
    return { kind: 'struct', name, fields, embeds, byName, byFold };
}
/** A field that came with API 1.`minor`; `protects` as in `Place`. */
export function since(minor, type, protects) {
    return { ...type, since: minor, ...(protects && { protects }) };
}
/** A field that no policy needs to judge, and why. */
export function harmless(type, why) {
    return { ...type, harmless: why };
}
/** The spelling under which Go compares keys of structs; only ASCII reaches it here. */
export function fold(key) {
    return key.toLowerCase();
}
