import type { IncomingMessage } from 'node:http';
import { ApiError } from './problem.ts';
import type { Bearer } from './token.ts';

/** How requests get in on one listener. */
export interface Door {
  /** Values of `Host` that are meant for it; absent on a unix socket, which no page of a browser reaches. */
  readonly hosts?: ReadonlySet<string>;
  /** Who a token lets in; absent where nobody needs one. */
  readonly bearer?: (token: string) => Promise<Bearer | undefined>;
}

/** Who asks: the bearer of a token, or whoever can reach a door that wants none. */
export type Caller = Bearer | 'open' | 'unknown';

/**
 * A page that a browser has from elsewhere can send requests to loopback, under a name that its own DNS leads there.
 *
 * @throws ApiError `api-host`
 */
export function checkHost({ hosts }: Door, { headers }: IncomingMessage): void {
  if (hosts === undefined || hosts.has(headers.host ?? '')) return;
  throw new ApiError('api-host', `the header \`Host\` is none of ${[...hosts].join(', ')}.`);
}

/** Who asks; `unknown` where a token is wanted and none holds. */
export async function identifyCaller({ bearer }: Door, { headers }: IncomingMessage): Promise<Caller> {
  if (bearer === undefined) return 'open';
  const [, token] = /^Bearer +([\w.-]{1,4096})$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) return 'unknown';
  return (await bearer(token)) ?? 'unknown';
}

/** The answer to who is unknown. It does not say what is wrong with a token. */
export function unknownCaller(given: boolean): ApiError {
  const detail = given
    ? 'the token does not hold: it is over, or not of this Bulwark.'
    : 'there is no token.';
  return new ApiError('api-token', detail, {
    headers: { 'WWW-Authenticate': 'Bearer realm="bulwark-admin"' },
  });
}
