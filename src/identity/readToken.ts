import { JsonError, readJson } from '../gojson/read.ts';
import { any, map } from '../gojson/types.ts';
import { Refusal } from '../model/error.ts';

/** What a token claims, by name; only text until its signature was found good. */
export type Payload = ReadonlyMap<string, unknown>;

/** A token as it is written. */
export interface WrittenToken {
  readonly alg: string;
  /** Which key it wants to be held against; absent: it does not say. */
  readonly kid?: string;
  readonly payload: Payload;
}

/** In characters. Most hold a few hundred; those of CI systems under 2000. */
const largest = 8 * 1024;

const form = /^([\w-]+)\.([\w-]+)\.[\w-]+$/;

/**
 * All that a header may have. What would bring or fetch a key, or change what is signed, is refused and not passed
 * over; `x5t`, a digest of a certificate, GitHub's tokens have, and nobody looks at it.
 */
const headerKeys: ReadonlySet<string> = new Set(['alg', 'typ', 'kid', 'x5t']);

/** RFC 8725, 3.11: what a token is for. Those of the admin API have another. */
const types: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt', 'bulwark+jwt']);

/**
 * Reads a token as it is written, in one way only: what other readers take for another one is refused.
 *
 * @throws Refusal `token-malformed`, which repeats nothing of it
 */
export function readToken(token: string): WrittenToken {
  if (token.length > largest) throw malformed(`has more than ${largest} characters`);
  const [, headerText = '', payloadText = ''] = form.exec(token) ?? [];
  const parts = token.split('.');
  // Two spellings of the same bytes would be two tokens with one signature.
  if (headerText === '' || !parts.every(isCanonical))
    throw malformed('is not three parts of base64url with a dot between them');
  const header = objectIn(headerText);
  for (const key of header.keys())
    if (!headerKeys.has(key)) throw malformed('has more in its header than `alg`, `typ` and `kid`');
  const [alg, typ, kid] = ['alg', 'typ', 'kid'].map((key) => header.get(key));
  if (typeof alg !== 'string') throw malformed('has no `alg` in its header');
  if (!types.has(typeof typ === 'string' ? typ.toLowerCase() : typ))
    throw malformed('is of another type (`typ`) than those that name a user');
  if (kid !== undefined && typeof kid !== 'string') throw malformed('has a `kid` that is no text');
  return { alg, ...(kid !== undefined && { kid }), payload: objectIn(payloadText) };
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

/** Members by name. Deeper down a key may be there twice: nobody looks there. */
function objectIn(part: string): Payload {
  const bytes = Buffer.from(part, 'base64url');
  try {
    readJson(bytes, map(any), 0);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed('does not hold JSON objects that can be read in one way only');
  }
  const members: Record<string, unknown> = JSON.parse(bytes.toString());
  return new Map(Object.entries(members));
}

function malformed(why: string): Refusal {
  return new Refusal('token-malformed', `what came in \`X-Bulwark-Token\` ${why}.`);
}
