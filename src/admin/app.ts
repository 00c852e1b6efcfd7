import type { RequestListener } from 'node:http';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Log } from '../logging/log.ts';
import { quote } from '../model/printable.ts';
import type { Door } from './door.ts';
import { expiryOf, guard, headers } from './guard.ts';
import { ApiError } from './problem.ts';
import { refuse } from './refuse.ts';
import type { Route } from './route.ts';
import type { Services } from './services.ts';

export interface AppLimits {
  /** Requests a minute: of one token, of all who have none that holds, of all on the unix socket. */
  readonly perMinute: number;
  /** Bytes of a body. */
  readonly body: number;
}

export const appLimits: AppLimits = { perMinute: 600, body: 2 * 1024 * 1024 };

export interface AppOptions {
  readonly routes: readonly Route[];
  readonly services: Services;
  readonly door: Door;
  readonly log: Log;
  readonly limits: AppLimits;
  /** Aborted when the server stops: streams end. */
  readonly stopping: AbortSignal;
}

/** The routes behind their door, as what a server calls with each request. */
export function createApp(options: AppOptions): RequestListener {
  const { routes, door, limits, log } = options;
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');
  app.set('query parser', 'simple');
  app.use(headers(), ...guard(door, limits.perMinute));
  const parser = express.json({ limit: limits.body, inflate: false });
  for (const [path, methods] of byPath(routes)) {
    const allowed = [...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const route = methods.get(request.method === 'HEAD' ? 'GET' : request.method);
      if (route === undefined || (request.method === 'HEAD' && route.answer.type === 'text/event-stream')) {
        const detail = `${path} takes ${allowed.join(', ')}.`;
        throw new ApiError('api-method', detail, { headers: { Allow: allowed.join(', ') } });
      }
      if (route.body !== undefined) await readJson(request, response, parser);
      await answer(route, request, response, options);
    });
  }
  app.use((request: Request) => {
    throw new ApiError('api-route', `there is no ${quote(request.path)}.`);
  });
  // Express tells a handler of errors by its four parameters.
  app.use((error: unknown, _: Request, response: Response, _next: NextFunction) =>
    refuse(error, response, log),
  );
  return app;
}

function byPath(routes: readonly Route[]): ReadonlyMap<string, ReadonlyMap<string, Route>> {
  const paths = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const methods = paths.get(route.path) ?? new Map<string, Route>();
    paths.set(route.path, methods.set(route.method, route));
  }
  return paths;
}

/** Puts the JSON of a body into `request.body`. */
async function readJson(request: Request, response: Response, parser: RequestHandler): Promise<void> {
  const type = request.is('application/json');
  if (type === null || request.headers['content-length'] === '0')
    throw new ApiError('api-body', 'there is no body.');
  if (type === false) throw new ApiError('api-body-type', 'the body is not `application/json`.');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  parser(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  await promise;
}

async function answer(
  route: Route,
  request: Request,
  response: Response,
  options: AppOptions,
): Promise<void> {
  const { services, stopping, log } = options;
  const closed = new AbortController();
  const end = () => closed.abort();
  response.once('close', end);
  const until = untilExpiry(expiryOf(request), end);
  const id = request.headers['last-event-id'];
  const raw = {
    params: request.params,
    query: request.query,
    body: request.body,
    lastEventId: typeof id === 'string' ? id : undefined,
    signal: AbortSignal.any([closed.signal, stopping]),
  };
  try {
    await route.respond(raw, services, response);
  } finally {
    clearTimeout(until);
    log.debug({ method: route.method, path: route.path, status: response.statusCode }, 'admin request');
  }
}

/** No timer runs longer than 2^31 ms. */
const longestTimer = 2 ** 31 - 1;

/** A stream lasts no longer than the token that opened it. */
function untilExpiry(expires: Date | undefined, end: () => void): NodeJS.Timeout | undefined {
  if (expires === undefined) return undefined;
  return setTimeout(end, Math.min(expires.getTime() - Date.now(), longestTimer)).unref();
}
