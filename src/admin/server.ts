import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Log } from '../logging/log.ts';
import { codes } from '../model/codes.ts';
import { Refusal } from '../model/error.ts';

// See src/authz/server.ts: an `import` of node:http costs memory and time at the start.
const { createServer } = process.getBuiltinModule('node:http');

/** A server of the admin plane. */
export interface AdminServer {
  /** Not listening yet. */
  readonly server: Server;
  /** Ends the streams, takes no new connections, and after `limit` milliseconds ends what is still under way. */
  stop(limit: number): Promise<void>;
}

/**
 * A bare server, which loads what answers with the first request: express takes 25 MB, and a tenth of a second that
 * the start of the plugin does not have. `load` is given a signal that is aborted when the server stops.
 */
export function createLazyServer(
  load: (stopping: AbortSignal) => Promise<RequestListener>,
  log: Log,
): AdminServer {
  const stopping = new AbortController();
  let loading: Promise<RequestListener> | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      loading ??= load(stopping.signal);
      const listener = await loading;
      listener(request, response);
    } catch (error) {
      // The next request tries again.
      loading = undefined;
      log.error({ error }, 'the admin API could not be loaded');
      fail(response);
    }
  }

  const server = createServer(limits, (request, response) => void answer(request, response));
  server.maxConnections = 64;
  // Of a connection on which nothing moves: a client that takes no answer off it. Streams show signs of life.
  server.timeout = 60_000;
  // Failing to accept one connection (EMFILE) must not end the server.
  server.on('error', (error) => log.error({ error }, 'the admin server failed'));

  async function stop(limit: number): Promise<void> {
    stopping.abort();
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const timer = setTimeout(() => server.closeAllConnections(), limit);
    await closed;
    clearTimeout(timer);
  }

  return { server, stop };
}

/** Who sends slowly is let go; what a server of Node does by itself without these is more patient. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
  // What is not in the request is answered with a problem.
  requireHostHeader: false,
} as const;

/** Without anything loaded: the same form as `problem.ts` gives. */
function fail(response: ServerResponse): void {
  const code = 'internal-error';
  const problem = {
    type: `docs/errors.md#${code}`,
    title: codes[code].means,
    status: 500,
    detail: 'the admin API could not be loaded.',
    code,
    fix: 'Look at the log of Bulwark, which has the error: an incomplete installation is installed again.',
  };
  response.writeHead(500, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify(problem));
}

/**
 * Makes a server listen on loopback; gives the port.
 *
 * @throws Refusal `address-unusable`
 */
export function listenOnLoopback(server: Server, host: '127.0.0.1' | '::1', port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const failed = (error: NodeJS.ErrnoException) =>
    reject(
      new Refusal('address-unusable', `cannot listen on ${host}, port ${port}: ${error.code ?? 'unknown'}.`),
    );
  server.once('error', failed);
  server.listen({ host, port, exclusive: true }, () => {
    server.off('error', failed);
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : port);
  });
  return promise;
}
