import type { RequestListener, ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Log } from '../logging/log.ts';
import { Refusal } from '../model/error.ts';
import { safeJson } from '../model/inert.ts';
import { quote } from '../model/printable.ts';
import { type Caller, checkHost, type Door, identifyCaller, unknownCaller } from './door.ts';
import { ApiError, problemOf, problemType } from './problem.ts';
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
  app.use(headers(), (_, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use(...guard(door, limits));
  for (const [path, methods] of byPath(routes)) {
    const allowed = [...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const route = methods.get(request.method === 'HEAD' ? 'GET' : request.method);
      if (route === undefined || (request.method === 'HEAD' && route.answer.type === 'text/event-stream')) {
        const detail = `${path} takes ${allowed.join(', ')}.`;
        throw new ApiError('api-method', detail, { headers: { Allow: allowed.join(', ') } });
      }
      if (route.body !== undefined) await readJson(request, response, limits.body);
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

/** The usual headers for what is no page. Without TLS there is no HSTS. */
function headers() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: false,
  });
}

/** Those who are unknown are counted too, and together. */
function guard(door: Door, { perMinute }: AppLimits) {
  const callers = new WeakMap<Request, Caller>();
  return [
    async (request: Request, response: Response, next: NextFunction) => {
      checkHost(door, request);
      const caller = await identifyCaller(door, request);
      callers.set(request, caller);
      if (typeof caller === 'object') response.locals['expires'] = caller.expires;
      next();
    },
    rateLimit({
      windowMs: 60_000,
      limit: perMinute,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      // These look at addresses, by which nobody is told from another here.
      validate: false,
      keyGenerator: (request) => {
        const caller = callers.get(request) ?? 'unknown';
        return typeof caller === 'object' ? caller.id : `:${caller}`;
      },
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

function byPath(routes: readonly Route[]): ReadonlyMap<string, ReadonlyMap<string, Route>> {
  const paths = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const methods = paths.get(route.path) ?? new Map<string, Route>();
    paths.set(route.path, methods.set(route.method, route));
  }
  return paths;
}

const jsonParsers = new Map<number, ReturnType<typeof express.json>>();

/** Puts the JSON of a body into `request.body`. */
async function readJson(request: Request, response: Response, limit: number): Promise<void> {
  const type = request.is('application/json');
  if (type === null || request.headers['content-length'] === '0')
    throw new ApiError('api-body', 'there is no body.');
  if (type === false) throw new ApiError('api-body-type', 'the body is not `application/json`.');
  const parser = jsonParsers.get(limit) ?? express.json({ limit, inflate: false });
  jsonParsers.set(limit, parser);
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
  const until = untilExpiry(response.locals['expires'], end);
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
function untilExpiry(expires: unknown, end: () => void): NodeJS.Timeout | undefined {
  if (!(expires instanceof Date)) return undefined;
  return setTimeout(end, Math.min(expires.getTime() - Date.now(), longestTimer)).unref();
}

/** Answers with the problem that an error is; what is no refusal is a bug, and only the log learns of it. */
function refuse(error: unknown, response: ServerResponse, log: Log): void {
  const refusal = refusalOf(error);
  if (refusal === undefined) log.error({ error }, 'the admin API failed');
  const told = refusal ?? new Refusal('internal-error', 'Bulwark could not answer this request.', seeLog);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = told instanceof ApiError ? told.problem() : problemOf(told);
  const text = safeJson(problem);
  for (const [name, value] of Object.entries(told instanceof ApiError ? told.headers : {}))
    response.setHeader(name, value);
  response.writeHead(problem.status, {
    'Content-Type': problemType,
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

const seeLog = 'Look at the log of Bulwark, which has the error, and report it as a bug.';

/** What express and its body parser refuse, by the `type` of body-parser's errors. */
const bodyErrors: ReadonlyMap<unknown, () => ApiError> = new Map([
  ['entity.too.large', () => new ApiError('api-body-too-large', 'the body is too large.')],
  ['encoding.unsupported', () => new ApiError('api-body-type', 'the body is compressed.')],
  ['charset.unsupported', () => new ApiError('api-body-type', 'the body is not in UTF-8.')],
  ['entity.parse.failed', () => new ApiError('api-body', 'the body is not valid JSON.')],
  ['request.size.invalid', () => new ApiError('api-body', 'the body is shorter or longer than it says.')],
  ['request.aborted', () => new ApiError('api-body', 'the body did not arrive whole.')],
]);

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return new ApiError('api-route', 'the path is not well encoded.');
  return error instanceof Error && 'type' in error ? bodyErrors.get(error.type)?.() : undefined;
}
