import { isList, type Json, type JsonObject } from '../ledger/canonical.ts';

/** A part of a recorded object; empty where there is none of that name. */
export function part(value: JsonObject, key: string): JsonObject {
  return asObject(value[key]);
}

/** A text or number as text; empty where there is none. */
export function word(value: JsonObject, key: string): string {
  const found = value[key];
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
}

export function words(value: JsonObject, key: string): readonly string[] {
  return list(value, key).flatMap((entry) => (typeof entry === 'string' ? [entry] : []));
}

export function parts(value: JsonObject, key: string): readonly JsonObject[] {
  return list(value, key).map(asObject);
}

/** A map of texts, as `key=value`. */
export function pairs(value: JsonObject, key: string): readonly string[] {
  return Object.entries(part(value, key)).map(([name, entry]) => `${name}=${String(entry)}`);
}

function list(value: JsonObject, key: string): readonly Json[] {
  const found = value[key];
  return found !== undefined && isList(found) ? found : [];
}

function asObject(value: Json | undefined): JsonObject {
  if (value === undefined || value === null || typeof value !== 'object' || isList(value)) return {};
  return value;
}
