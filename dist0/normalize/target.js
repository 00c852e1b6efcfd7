import { Refusal } from '../model/error.js';
import { quote } from '../model/printable.js';
/** The newest API of which the fields are known; a higher one is read as this one. */
export const newestMinor = 56;
/**
 * Takes a raw request target apart. dockerd (20.10 to 29.7) routes on the percent-decoded path and answers
 * before the plugin is asked what is not clean, so nothing honest is lost by refusing other forms.
 *
 * @throws Refusal `uri-form`, `uri-characters`, `uri-escape`, `uri-not-clean`, `version-form`, `version-too-old`
 */
export function parseTarget(uri) {
    if (!uri.startsWith('/')) {
        throw new Refusal('uri-form', `the request's target ${quote(uri)} is not a path.`);
    }
    if (/[^\x21-\x7e]|#/.test(uri)) {
        throw new Refusal('uri-characters', `the request's target ${quote(uri)} has characters that do not belong there.`);
    }
    const mark = uri.indexOf('?');
    const path = decode(mark < 0 ? uri : uri.slice(0, mark));
    if (/[\x00-\x1f\x7f]/.test(path) || /\/\/|\/\.\.?(?:\/|$)/.test(path)) {
        throw new Refusal('uri-not-clean', `the path ${quote(path)} is not clean once it is decoded.`);
    }
    const query = mark < 0 ? '' : uri.slice(mark + 1);
    return { ...splitVersion(path), query };
}
/** Decodes percent escapes; a bad one, or one that is not UTF-8, is refused. */
function decode(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        throw new Refusal('uri-escape', `${quote(text)} has an escape that cannot be decoded.`);
    }
}
/**
 * dockerd takes `/v` with digits and dots in any number and compares part by part. One spelling is enough
 * for honest clients; below 1.24 a start takes a HostConfig and other fields have other meanings.
 */
function splitVersion(path) {
    const prefix = /^\/v([0-9.]+)(?=\/|$)/.exec(path);
    if (prefix === null)
        return { path, minor: undefined };
    const version = prefix[1] ?? '';
    const minor = /^1\.([1-9]\d?)$/.exec(version)?.[1];
    if (minor === undefined) {
        throw new Refusal('version-form', `the API version ${quote(version)} is not written as clients write it.`);
    }
    if (Number(minor) < 24) {
        throw new Refusal('version-too-old', `the API version ${quote(version)} is below 1.24.`);
    }
    return { path: path.slice(prefix[0].length), minor: Math.min(Number(minor), newestMinor) };
}
/** A decoded query. Keys are case-sensitive, and of several values of a key the daemon acts on the first. */
export class Query {
    values;
    constructor(values) {
        this.values = values;
    }
    /** The value on which the daemon acts; empty where there is none. */
    first(key) {
        return this.values.get(key)?.[0] ?? '';
    }
    all(key) {
        return this.values.get(key) ?? [];
    }
    /** The daemon's reading of its own booleans: all but a few words are true. */
    flag(key) {
        return !/^\s*(?:|0|no|false|none)\s*$/i.test(this.first(key));
    }
}
/**
 * Reads a query as the daemon does where its handler is strict; where it is lenient (build, the swarm
 * updates) it drops bad pairs and acts on the rest, so those are refused too.
 *
 * @param many whether a key may come more than once
 * @throws Refusal `query-malformed`, `query-duplicate`
 */
export function parseQuery(raw, many) {
    const values = new Map();
    for (const pair of raw.split('&')) {
        if (pair === '')
            continue;
        if (pair.includes(';')) {
            throw new Refusal('query-malformed', `the query has a semicolon in ${quote(pair)}.`);
        }
        const equals = pair.indexOf('=');
        const key = plusDecode(equals < 0 ? pair : pair.slice(0, equals));
        const value = equals < 0 ? '' : plusDecode(pair.slice(equals + 1));
        const before = values.get(key);
        if (before === undefined)
            values.set(key, [value]);
        else if (many(key))
            before.push(value);
        else
            throw new Refusal('query-duplicate', `the query gives ${quote(key)} more than once.`);
    }
    return new Query(values);
}
function plusDecode(text) {
    return decode(text.replaceAll('+', ' '));
}
