import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { newId } from '../newId.ts';

/** Only these tokens open the admin API: a subject's has another audience, another type and another key. */
const audience = 'bulwark-admin';
const issuer = 'bulwark';
/** RFC 8725, 3.11: says what the token is for. */
const type = 'bulwark-admin+jwt';
const algorithm = 'ES256';

/** The longest life of a token, in milliseconds: 90 days. */
export const longestLife = 90 * 24 * 60 * 60_000;

/** A new token that opens the admin API. */
export interface AdminToken {
  readonly token: string;
  readonly id: string;
  readonly expires: Date;
}

/** Makes a token that holds for `life` milliseconds from now. `key` is the private key, PEM. */
export function issueAdminToken(key: string, life: number): AdminToken {
  const id = newId();
  const issued = Math.floor(Date.now() / 1000);
  const expires = issued + Math.floor(life / 1000);
  const token = jwt.sign({ jti: id, sub: 'admin', iat: issued, exp: expires }, key, {
    algorithm,
    audience,
    issuer,
    header: { alg: algorithm, typ: type },
  });
  return { token, id, expires: new Date(expires * 1000) };
}

/** Who a token lets in, and until when. */
export interface Bearer {
  readonly id: string;
  readonly expires: Date;
}

const claims = z.object({
  header: z.object({ typ: z.literal(type) }),
  payload: z.object({ jti: z.string().max(100), iat: z.number(), exp: z.number() }),
});

/** The bearer of a token that holds now; undefined for any other text. `key` is the public key, PEM. */
export function verifyAdminToken(token: string, key: string): Bearer | undefined {
  try {
    const verified: unknown = jwt.verify(token, key, {
      algorithms: [algorithm],
      audience,
      issuer,
      complete: true,
    });
    const read = claims.safeParse(verified);
    if (!read.success) return undefined;
    const { jti, iat, exp } = read.data.payload;
    return (exp - iat) * 1000 > longestLife ? undefined : { id: jti, expires: new Date(exp * 1000) };
  } catch {
    // Why it does not hold is nobody's business but its maker's; and what is thrown may quote it.
    return undefined;
  }
}
