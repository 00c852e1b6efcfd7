import { fold } from './types.js';
/** A body that cannot be read in one way only. `message` holds raw words of the client: quote them before showing. */
export class JsonError extends Error {
    name = 'JsonError';
    fault;
    /** The place, as in `HostConfig.Mounts[2].Type`; empty for the whole body. Holds the client's own keys. */
    path;
    constructor(fault, path, message) {
        super(message);
        this.fault = fault;
        this.path = path;
    }
}
/** Bounds that no honest client comes near; they keep the reading of 4 MiB of hostile JSON short and small. */
const maxDepth = 100;
const maxValues = 20_000;
const maxUnknown = 50;
const int64 = { min: -(2n ** 63n), max: 2n ** 64n - 1n };
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const whole = /^-?\d+$/;
const beyondAscii = /[^\x00-\x7f]/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/**
 * Reads a JSON body as Go's encoding/json (1.13 to 1.26) would decode it into a struct of the described
 * type, and refuses whatever Go and others read differently: keys that differ in letter case alone, keys
 * that fold to another by Unicode, null elements, data after the value, invalid UTF-8, lone surrogates.
 * What is left has one reading. Keys of structs match without regard to case; integers stay exact.
 *
 * @param bytes the body as the daemon showed it
 * @param minor the API version of the path (41 for 1.41): newer fields never count as protection
 * @throws JsonError
 */
export function readJson(bytes, type, minor) {
    let text;
    try {
        text = decoder.decode(bytes);
    }
    catch {
        throw new JsonError('body-not-utf8', '', 'the body is not valid UTF-8');
    }
    const reader = new Reader(text, minor);
    const value = reader.whole(type);
    // The reader built the value along the description, which is what `Value` states.
    return { value: value, unknown: reader.unknown };
}
/** Stands for JSON null, which Go takes as "leave the field as it is". */
const absent = undefined;
class Reader {
    unknown = [];
    #text;
    #minor;
    #path = [];
    #at = 0;
    #values = 0;
    constructor(text, minor) {
        this.#text = text;
        this.#minor = minor;
    }
    whole(type) {
        const value = this.#value(type);
        this.#space();
        if (this.#at < this.#text.length) {
            this.#fail('body-trailing-data', 'there is more text behind the JSON value');
        }
        if (value === absent)
            this.#fail('body-wrong-type', 'the body is null');
        return value;
    }
    #value(type) {
        if (++this.#values > maxValues) {
            this.#fail('body-too-many-values', `the body holds more than ${maxValues} values`);
        }
        this.#space();
        if (this.#text.startsWith('null', this.#at)) {
            this.#at += 4;
            return absent;
        }
        switch (type.kind) {
            case 'string':
                return this.#text[this.#at] === '"' ? this.#string() : this.#wrong('a string');
            case 'bool':
                return this.#bool();
            case 'int':
                return this.#int();
            case 'float':
                return Number(this.#number());
            case 'list':
                return this.#list(type.of, type.bare);
            case 'map':
                return this.#map(type.of);
            case 'struct':
                return this.#struct(type);
            case 'any':
                return { empty: this.#skip() };
        }
    }
    #bool() {
        const value = this.#text.startsWith('true', this.#at);
        if (!value && !this.#text.startsWith('false', this.#at))
            return this.#wrong('true or false');
        this.#at += value ? 4 : 5;
        return value;
    }
    #int() {
        const text = this.#number();
        if (!whole.test(text))
            return this.#fail('body-wrong-type', `${text} is not a whole number`);
        const near = Number(text);
        if (Number.isSafeInteger(near))
            return near + 0;
        // Twenty digits hold every 64-bit integer; converting longer ones would not be linear in their length.
        const exact = text.length > 20 ? int64.max + 1n : BigInt(text);
        if (exact < int64.min || exact > int64.max) {
            this.#fail('body-wrong-type', `${text.slice(0, 24)} is out of the range of integers`);
        }
        return exact;
    }
    #number() {
        number.lastIndex = this.#at;
        const text = number.exec(this.#text)?.[0];
        if (text === undefined)
            return this.#wrong('a number');
        this.#at += text.length;
        return text;
    }
    #list(of, bare) {
        if (bare && this.#text[this.#at] === '"')
            return [this.#string()];
        this.#expect('[', 'a list');
        const items = [];
        this.#members(']', () => {
            this.#path.push(items.length);
            const item = this.#value(of);
            if (item === absent) {
                this.#fail('body-null-element', 'the list has a null element, which takes over older values in Go');
            }
            items.push(item);
            this.#path.pop();
        });
        return items;
    }
    #map(of) {
        this.#expect('{', 'an object');
        const entries = new Map();
        this.#members('}', () => {
            const key = this.#key();
            this.#path.push(key);
            if (entries.has(key))
                this.#fail('body-duplicate-key', 'the key is given twice');
            entries.set(key, this.#value(of) ?? this.#nullIn(of));
            this.#path.pop();
        });
        return entries;
    }
    /** What Go stores for a null inside a map: the zero value. A null struct makes some daemons fail. */
    #nullIn(of) {
        if (of.kind === 'string')
            return '';
        if (of.kind === 'list')
            return [];
        if (of.kind === 'any')
            return { empty: true };
        return this.#fail('body-null-element', 'the value of this key is null');
    }
    #struct(type) {
        this.#expect('{', 'an object');
        const value = {};
        const seen = new Set();
        this.#members('}', () => {
            const key = this.#key();
            this.#path.push(key);
            // The exact name, which nearly every client writes, needs no folding.
            let field = type.byName.get(key);
            if (field === undefined) {
                if (beyondAscii.test(key)) {
                    this.#fail('body-key-not-ascii', 'the key is not plain ASCII, and Go may take it for another');
                }
                field = type.byFold.get(fold(key));
            }
            const name = field?.name ?? fold(key);
            if (seen.has(name)) {
                this.#fail('body-duplicate-key', 'the key is given twice, in one spelling or another');
            }
            seen.add(name);
            if (field === undefined)
                this.#unknown();
            else
                this.#field(field.name, field.type, value);
            this.#path.pop();
        });
        return value;
    }
    #unknown() {
        this.#space();
        if (!this.#skip() && this.unknown.length < maxUnknown)
            this.unknown.push(this.#where());
    }
    #field(name, type, into) {
        const read = this.#value(type);
        if (read === absent)
            return;
        const dropped = type.since !== undefined && type.since > this.#minor;
        if (!dropped || type.protects?.(read) !== true)
            into[name] = read;
    }
    /** Passes over any value; true if it is empty. */
    #skip() {
        if (++this.#values > maxValues) {
            this.#fail('body-too-many-values', `the body holds more than ${maxValues} values`);
        }
        let empty = true;
        switch (this.#text[this.#at]) {
            case '"':
                return this.#string() === '';
            case '[':
            case '{': {
                const object = this.#text[this.#at++] === '{';
                this.#members(object ? '}' : ']', () => {
                    empty = false;
                    if (object)
                        this.#key();
                    this.#path.push('');
                    this.#space();
                    this.#skip();
                    this.#path.pop();
                });
                return empty;
            }
            case 'n':
                this.#word('null');
                return true;
            case 't':
                this.#word('true');
                return false;
            case 'f':
                this.#word('false');
                return true;
            default:
                return Number(this.#number()) === 0;
        }
    }
    #word(word) {
        if (!this.#text.startsWith(word, this.#at))
            this.#syntax();
        this.#at += word.length;
    }
    /** Reads the members of a list or an object whose bracket has been passed, with their commas. */
    #members(close, member) {
        if (this.#path.length >= maxDepth) {
            this.#fail('body-too-deep', `the body nests deeper than ${maxDepth}`);
        }
        this.#space();
        if (this.#text[this.#at] === close) {
            this.#at++;
            return;
        }
        for (;;) {
            member();
            this.#space();
            const next = this.#text[this.#at++];
            if (next === close)
                return;
            if (next !== ',')
                this.#syntax(this.#at - 1);
            this.#space();
        }
    }
    #key() {
        if (this.#text[this.#at] !== '"')
            this.#syntax();
        const key = this.#string();
        this.#space();
        if (this.#text[this.#at] !== ':')
            this.#syntax();
        this.#at++;
        return key;
    }
    /** Reads a string whose opening quote is the next character. */
    #string() {
        const text = this.#text;
        const start = this.#at;
        let escaped = false;
        for (let at = start + 1;; at++) {
            const code = text.charCodeAt(at);
            if (code === 0x22) {
                this.#at = at + 1;
                return escaped ? this.#unescape(text.slice(start, at + 1)) : text.slice(start + 1, at);
            }
            if (code === 0x5c) {
                escaped = true;
                at++;
            }
            else if (!(code >= 0x20)) {
                // A raw control character, or NaN: the text ended.
                this.#syntax(at);
            }
        }
    }
    /** JavaScript's own reading of escapes is Go's, but for lone surrogates. */
    #unescape(literal) {
        let value;
        try {
            value = JSON.parse(literal);
        }
        catch {
            return this.#syntax(this.#at - literal.length);
        }
        if (typeof value !== 'string' || !value.isWellFormed()) {
            return this.#fail('body-not-utf8', 'a surrogate escape stands alone, and Go reads it as another character');
        }
        return value;
    }
    #space() {
        for (;;) {
            const code = this.#text.charCodeAt(this.#at);
            if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)
                return;
            this.#at++;
        }
    }
    #expect(bracket, what) {
        if (this.#text[this.#at] !== bracket)
            this.#wrong(what);
        this.#at++;
    }
    /** A value of another type stands here; or none at all, which is the syntax's fault. */
    #wrong(what) {
        const char = this.#text[this.#at];
        if (char === undefined || !/["[{\-\dtf]/.test(char))
            return this.#syntax();
        return this.#fail('body-wrong-type', `this is not ${what}`);
    }
    #syntax(at = this.#at) {
        return this.#fail('body-syntax', at >= this.#text.length ? 'the JSON ends too early' : `the JSON is broken at character ${at + 1}`);
    }
    #fail(fault, message) {
        throw new JsonError(fault, this.#where(), message);
    }
    #where() {
        return this.#path.reduce((path, part) => typeof part === 'number' ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`, '');
    }
}
