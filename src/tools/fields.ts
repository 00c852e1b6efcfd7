import type { Int } from '../gojson/types.ts';
import { isList, type Json, type JsonObject } from '../ledger/canonical.ts';
import { hidden } from '../model/secrets.ts';

/** How a field of a canonical object comes out of a record. */
export interface Field<V> {
  read(json: Json | undefined, place: Place): V;
  /** Whether it is made of fields that are read one by one. */
  readonly isInner?: true;
}

/** Where a field stands, and who is told when somebody looks at it though it is not all there. */
export interface Place {
  /** As in `container.labels`. */
  readonly path: string;
  looked(path: string): void;
}

/**
 * Every field of a type, as in `redact`: a new one does not compile before somebody has said how it comes back.
 * Undefined leaves it out.
 */
export type Fields<T> = {
  readonly [K in keyof T]-?: Field<
    Record<never, never> extends Pick<T, K> ? Exclude<T[K], undefined> | undefined : T[K]
  >;
};

/** The fields of a recorded object. One with hidden values in it tells when it is looked at. */
export function readFields<T>(json: JsonObject, fields: Fields<T>, place: Place): T {
  const made: Partial<T> = {};
  // The keys of a table are those of its type: it is an object literal.
  for (const key of Object.keys(fields) as (keyof T & string)[]) {
    const { read, isInner } = fields[key];
    const path = place.path === '' ? key : `${place.path}.${key}`;
    const value = read(json[key], { ...place, path });
    if (value === undefined) continue;
    if (isInner || !hides(json[key])) Object.assign(made, { [key]: value });
    else {
      const get = () => {
        place.looked(path);
        return value;
      };
      Object.defineProperty(made, key, { enumerable: true, get });
    }
  }
  // The table has every field that the type asks for, and none of those reads to undefined.
  return made as T;
}

function hides(json: Json | undefined): boolean {
  return json !== undefined && JSON.stringify(json).includes(hidden);
}

/** An object of fields; one that the record does not have is an empty one. */
export function objectOf<T>(fields: Fields<T>): Field<T> {
  return { isInner: true, read: (json, place) => readFields(asObject(json), fields, place) };
}

/** An object of fields, where the record has one. */
export function maybeObjectOf<T>(fields: Fields<T>): Field<T | undefined> {
  return {
    isInner: true,
    read: (json, place) => (json === undefined ? undefined : readFields(asObject(json), fields, place)),
  };
}

export function listOf<T>(fields: Fields<T>): Field<readonly T[]> {
  return {
    isInner: true,
    read: (json, place) => asList(json).map((one) => readFields(asObject(one), fields, place)),
  };
}

export function maybeListOf<T>(fields: Fields<T>): Field<readonly T[] | undefined> {
  const { read } = listOf(fields);
  return { isInner: true, read: (json, place) => (json === undefined ? undefined : read(json, place)) };
}

/** What a record never has. */
export const never: Field<undefined> = { read: () => undefined };

export const text: Field<string> = { read: asText };
export const maybeText: Field<string | undefined> = maybe(asText);
export const flag: Field<boolean> = { read: (json) => json === true };
export const maybeFlag: Field<boolean | undefined> = maybe((json) => json === true);
export const int: Field<Int> = { read: asInt };
export const maybeInt: Field<Int | undefined> = maybe(asInt);
export const texts: Field<readonly string[]> = { read: asTexts };
export const maybeTexts: Field<readonly string[] | undefined> = maybe(asTexts);
export const map: Field<ReadonlyMap<string, string>> = { read: asMap };
export const maybeMap: Field<ReadonlyMap<string, string> | undefined> = maybe(asMap);

/** A word of a type's own: records are written from that very type. */
export function wordOf<T extends string>(unsaid: T): Field<T> {
  return { read: (json) => (json === undefined ? unsaid : (asText(json) as T)) };
}

export function maybeWordOf<T extends string>(): Field<T | undefined> {
  return maybe((json) => asText(json) as T);
}

/** A text that is parsed once more, by the function that read it then. */
export function parsed<T>(parse: (text: string) => T): Field<T> {
  return { read: (json) => parse(asText(json)) };
}

export function maybeParsed<T>(parse: (text: string) => T): Field<T | undefined> {
  return maybe((json) => parse(asText(json)));
}

function maybe<T>(read: (json: Json) => T): Field<T | undefined> {
  return { read: (json) => (json === undefined ? undefined : read(json)) };
}

export function asObject(json: Json | undefined): JsonObject {
  return json === undefined || json === null || typeof json !== 'object' || isList(json) ? {} : json;
}

export function asList(json: Json | undefined): readonly Json[] {
  return json !== undefined && isList(json) ? json : [];
}

function asText(json: Json | undefined): string {
  return typeof json === 'string' || typeof json === 'number' ? String(json) : '';
}

function asTexts(json: Json | undefined): readonly string[] {
  return asList(json).map(asText);
}

function asMap(json: Json | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(asObject(json)).map(([key, value]) => [key, asText(value)]));
}

/** Beyond 2^53 a record has the digits as text. */
function asInt(json: Json | undefined): Int {
  if (typeof json === 'number') return json;
  return typeof json === 'string' && /^-?\d+$/.test(json) ? BigInt(json) : 0;
}
