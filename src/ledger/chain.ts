import { hash as hashed } from 'node:crypto';
import { canonicalEntries, canonicalJson, isList, type Json, type JsonObject } from './canonical.ts';
// Its type alone: the writer's process would load zod for nothing.
import type { Draft } from './record.ts';

/** The most bytes of UTF-8 that a record has as canonical JSON. */
export const recordLimit = 16 * 1024;

/** The end of a chain. */
export interface Tip {
  readonly seq: number;
  readonly hash: string;
}

/** The end of a chain without records. */
export const noTip: Tip = { seq: 0, hash: '0'.repeat(64) };

/** A draft as the record that follows `tip`: its canonical JSON, of at most `recordLimit` bytes, and the new tip. */
export function chain(draft: Draft, tip: Tip): { readonly json: string; readonly tip: Tip } {
  const seq = tip.seq + 1;
  const place = { v: 1, seq, prev: tip.hash };
  const whole = sealed({ ...draft, ...place });
  const cut = fits(whole) ? whole : cutToFit({ ...draft, ...place, truncated: true });
  return { json: cut.json, tip: { seq, hash: cut.hash } };
}

/** The hash that a record must have: over all of it but `hash`. */
export function hashOf({ hash: _, ...body }: JsonObject): string {
  return sha256(canonicalJson(body));
}

/** The record with its hash, in its place among the keys, without making the text of all others twice. */
function sealed(body: JsonObject) {
  const [before, after] = [(key: string) => key < 'hash', (key: string) => key > 'hash'].map((side) =>
    canonicalEntries(body, side),
  );
  const hash = sha256(`{${[...(before ?? []), ...(after ?? [])].join(',')}}`);
  return { hash, json: `{${[...(before ?? []), `"hash":"${hash}"`, ...(after ?? [])].join(',')}}` };
}

function sha256(text: string): string {
  return hashed('sha256', text);
}

/** A character of UTF-16 has at most three bytes in UTF-8. */
function fits({ json }: { readonly json: string }): boolean {
  return json.length * 3 <= recordLimit || Buffer.byteLength(json) <= recordLimit;
}

function cutToFit(body: JsonObject) {
  for (const most of [64, 16, 4, 1]) {
    const cut = sealed(fieldsOf(body, most));
    if (fits(cut)) return cut;
  }
  const { object: _, unknown: __, ...bare } = fieldsOf(body, 1);
  return sealed(bare);
}

/** More fields than any part of a canonical object has: what has more is a map of a client's. */
const mostFields = 40;

/** Ids, digests and rules are not longer. */
const shortText = 128;

function shorter(value: Json, most: number): Json {
  if (typeof value === 'string') return value.slice(0, Math.max(shortText, most * 32));
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.slice(0, most).map((entry) => shorter(entry, most)) : fieldsOf(value, most);
}

/** An object whose lists and maps end after `most` entries, and texts after so many times 32 characters. */
function fieldsOf(value: JsonObject, most: number): JsonObject {
  const entries = Object.entries(value);
  const kept = entries.length > mostFields ? entries.slice(0, most) : entries;
  return Object.fromEntries(
    kept.map(([key, entry]) => [key.slice(0, shortText), entry === undefined ? entry : shorter(entry, most)]),
  );
}
