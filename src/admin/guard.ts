import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { type Caller, checkHost, type Door, identifyCaller, unknownCaller } from './door.ts';
import { ApiError } from './problem.ts';

/** The usual headers for what is no page and is not to be kept. Without TLS there is no HSTS. */
export function headers(): RequestHandler {
  const usual = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: false,
  });
  return (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    usual(request, response, next);
  };
}

/** Who asked, once a door has let a request in. */
const callers = new WeakMap<IncomingMessage, Caller>();

/** When the token ends that a request came with; undefined where it came without one. */
export function expiryOf(request: IncomingMessage): Date | undefined {
  const caller = callers.get(request);
  return typeof caller === 'object' ? caller.expires : undefined;
}

/** What keeps a door: the host that was meant, who asks, how often. Those who are unknown are counted too, and together. */
export function guard(door: Door, perMinute: number): readonly RequestHandler[] {
  return [
    async (request: Request, _: Response, next: NextFunction) => {
      checkHost(door, request);
      callers.set(request, await identifyCaller(door, request));
      next();
    },
    rateLimit({
      windowMs: 60_000,
      limit: perMinute,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      // These look at addresses, by which nobody is told from another here.
      validate: false,
      keyGenerator: keyOf,
      handler: (_request, _response, next) =>
        next(new ApiError('api-rate', `there were more than ${perMinute} requests within a minute.`)),
    }),
    (request: Request, _: Response, next: NextFunction) => {
      if (callers.get(request) === 'unknown')
        throw unknownCaller(request.headers.authorization !== undefined);
      next();
    },
  ];
}

/** Ids of tokens have no colon. */
function keyOf(request: IncomingMessage): string {
  const caller = callers.get(request) ?? 'unknown';
  return typeof caller === 'object' ? caller.id : `:${caller}`;
}
