import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { newId } from '../newId.ts';
import { readAll, writeOnce } from './keptFiles.ts';
import type { OwnKey } from './ownKeys.ts';
import { revokedFile } from './revoked.ts';

const time = z.iso.datetime();

/** What is kept of a token that was made here: all but the token. */
const issuedToken = z.object({
  id: z.string(),
  subject: z.string(),
  groups: z.array(z.string()).readonly(),
  claims: z.record(z.string(), z.array(z.string()).readonly()),
  audience: z.string(),
  issued: time,
  expires: time,
  /** The id of the key that has signed it. */
  key: z.string(),
  /** The account that made it. */
  by: z.string(),
});

export type IssuedToken = z.infer<typeof issuedToken>;

/** For whom a token is to be made, and for how long, in milliseconds. */
export interface Wanted extends Pick<IssuedToken, 'subject' | 'groups' | 'claims' | 'audience' | 'by'> {
  readonly issuer: string;
  readonly life: number;
}

/** Makes a token that holds from now on. Nothing is kept of it yet. */
export function makeToken(
  key: OwnKey,
  { issuer, life, ...kept }: Wanted,
): { readonly token: string; readonly issued: IssuedToken } {
  const iat = Math.floor(Date.now() / 1000);
  const exp = iat + Math.floor(life / 1000);
  const id = newId();
  const { subject, groups, claims, audience } = kept;
  const single = Object.entries(claims).map(([name, values]) => [
    name,
    values.length === 1 ? values[0] : values,
  ]);
  const payload = {
    ...Object.fromEntries(single),
    ...(groups.length > 0 && { groups }),
    ...{ iss: issuer, aud: audience, sub: subject, iat, exp, jti: id },
  };
  const header = { alg: key.alg, typ: 'bulwark+jwt', kid: key.kid };
  const token = jwt.sign(payload, key.secret, { algorithm: key.alg, header });
  const times = { issued: new Date(iat * 1000).toISOString(), expires: new Date(exp * 1000).toISOString() };
  return { token, issued: { id, ...kept, ...times, key: key.kid } };
}

export function keepIssued(folder: string, issued: IssuedToken): void {
  writeOnce(join(folder, `${issued.id}.json`), text(issued));
}

/** All that were made, the oldest first. */
export function readIssued(folder: string): readonly IssuedToken[] {
  return read(folder, issuedToken).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What is kept of a revocation, for people; that the file is there is what counts. */
const revokedToken = z.object({
  id: z.string(),
  subject: z.string().optional(),
  expires: time.optional(),
  by: z.string(),
  at: time,
});

export type RevokedToken = z.infer<typeof revokedToken>;

/** Revokes a token, from the next request on; false: it was revoked before. */
export function revoke(folder: string, revoked: RevokedToken): boolean {
  return writeOnce(revokedFile(folder, revoked.id), text(revoked));
}

export function readRevoked(folder: string): readonly RevokedToken[] {
  return read(folder, revokedToken);
}

/** Files that nobody wrote here are left out. */
function read<T>(folder: string, schema: z.ZodType<T>): T[] {
  return readAll(folder).flatMap((text) => {
    const found = schema.safeParse(jsonOf(text));
    return found.success ? [found.data] : [];
  });
}

function text(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
