import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { logDecision } from '../logging/decision.ts';
import type { Decision } from '../model/decision.ts';
import type { Message, ResponseMessage } from '../model/message.ts';
import { readBody } from './body.ts';
import { denialText } from './denial.ts';
import { failed, type JudgeOptions, judge } from './judge.ts';
import { parseMessage, parseResponse } from './wire.ts';

// An `import` of node:http asks it for everything it has, which loads undici: 14 MB and most of the time that Bulwark
// takes to start (Node 24).
const { createServer } = process.getBuiltinModule('node:http');

export interface PluginOptions extends JudgeOptions {
  /**
   * Told of each message of the response phase, after it was answered. Whatever it does, throwing and hanging
   * included, reaches nobody but the log.
   */
  readonly settled?: (message: ResponseMessage) => void | Promise<void>;
  /** Told of each decision that was answered, and how long that took in milliseconds. */
  readonly answered?: (decision: Decision, took: number) => void;
  /** Told of a decision whose answer could not be handed over, so that dockerd will ask again. */
  readonly undelivered?: (message: Message, decision: Decision) => void;
}

/** The server of dockerd's legacy plugin protocol. */
export interface Plugin {
  /** Not listening yet: see `listen()` in socket.ts. */
  readonly server: Server;
  /**
   * Makes every answer the last one on its connection, and resolves when none is open any more, or after `limit`
   * milliseconds; `stop` is to follow in the same turn of the event loop. dockerd pools up to two idle connections (S), and one
   * that is closed just as a request goes out on it costs that request: dockerd sends it again a second later, and empty.
   * So `draw` makes dockerd use them, by the time that it is given (`performance.now()`); where it rejects, they stay. New
   * connections are taken meanwhile: requests under way need look-ups, about which dockerd asks in its turn.
   */
  drain(limit: number, draw: (until: number) => Promise<void>): Promise<void>;
  /**
   * Takes no new connections, finishes the requests under way and ends the connections, but after `limit`
   * milliseconds ends them as they are: dockerd then denies.
   */
  stop(limit: number): Promise<void>;
}

const contentType = 'application/vnd.docker.plugins.v1.2+json';
const allowed = '{"Allow":true}';

/**
 * Connections live for ever. dockerd pools them, and one that closes just as a request is sent makes it send the
 * message again, now and then empty (E: an honest `_ping` got 403). So none of Node's timers may close one:
 * `keepAliveTimeout` is that of an idle connection, `headersTimeout` also ends one that never sent anything
 * (as pooled ones may be), `requestTimeout` a slow message, which the deadline ends better. Off by default
 * are `timeout` and `maxRequestsPerSocket` (Node 24).
 */
const forEver = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 } as const;

/** How long the last connections are waited for before the daemon is made to use them once more, in milliseconds. */
const turn = 20;

/** Makes the plugin's server. It answers nothing but `decide`'s own word with `Allow: true` in the request phase. */
export function createPlugin(options: PluginOptions): Plugin {
  let stopping = false;
  const isStopping = () => stopping;
  // A number and no set: the tables that a set leaves behind keep each other, and all that was in them, until a full
  // collection (V8 13.6).
  let underWay = 0;
  let whenIdle: (() => void) | undefined;

  const server = createServer(forEver, (request, response) => {
    const call: Call = { request, response, isStopping };
    underWay += 1;
    response.on('close', () => {
      underWay -= 1;
      tellUndelivered(call, options);
      if (underWay === 0) whenIdle?.();
    });
    response.sendDate = false;
    route(call, options);
  });
  let open = 0;
  let whenClosed: (() => void) | undefined;
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
      if (open === 0) whenClosed?.();
    });
  });
  // Failing to accept one connection (EMFILE) must not end the server.
  server.on('error', (error) => options.log.error({ error }, 'the plugin socket failed'));

  async function drain(limit: number, draw: (until: number) => Promise<void>): Promise<void> {
    stopping = true;
    const until = performance.now() + limit;
    try {
      while (open > 0 && performance.now() < until) {
        await draw(until);
        if (open > 0) await allClosed();
      }
    } catch {
      // What cannot be drawn is left to `stop`.
    }
  }

  /** Or `turn` milliseconds. */
  function allClosed(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, turn);
      whenClosed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function stop(limit: number): Promise<void> {
    stopping = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const timer = setTimeout(() => server.closeAllConnections(), limit);
    if (underWay > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
    // What is open now carries no request.
    server.closeAllConnections();
    await closed;
    clearTimeout(timer);
  }

  return { server, drain, stop };
}

/** A call of dockerd's, under way. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the connection is to end with this answer. */
  readonly isStopping: () => boolean;
  /** What a request of the API was answered, and the bytes of its message. */
  answered?: { readonly bytes: Promise<Buffer>; readonly decision: Decision };
}

function route(call: Call, options: PluginOptions): void {
  const { request } = call;
  const answer = calls.get(request.url ?? '');
  if (answer === undefined) send(call, 404, '{"Err":"no such plugin call"}');
  else if (request.method !== 'POST') send(call, 405, '{"Err":"plugin calls are POST"}');
  else void answer(call, options);
}

type Answer = (call: Call, options: PluginOptions) => unknown;

const calls: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['/Plugin.Activate', (call) => send(call, 200, '{"Implements":["authz"]}')],
  ['/AuthZPlugin.AuthZReq', answerRequest],
  ['/AuthZPlugin.AuthZRes', answerResponse],
]);

async function answerRequest(call: Call, options: PluginOptions) {
  const { request, response } = call;
  try {
    const began = performance.now();
    const bytes = readBody(request);
    const decision = await judge(bytes, options, began);
    logDecision(options.log, decision);
    call.answered = { bytes, decision };
    if (response.closed) tellUndelivered(call, options);
    send(call, 200, decision.allow === true ? allowed : denied(denialText(decision)));
    options.answered?.(decision, performance.now() - began);
  } catch {
    // Not even the failure could be told to the log, or to the user in its own words.
    send(call, 200, denied(denialText(failed())));
  }
}

/**
 * Called when the answer or its connection has ended. Once all is with the system, an answer arrives unless the whole
 * host fails. What could not even be read is not known again.
 */
function tellUndelivered({ response, answered }: Call, { undelivered }: PluginOptions): void {
  if (response.writableFinished || answered === undefined || undelivered === undefined) return;
  const { bytes, decision } = answered;
  bytes.then((read) => undelivered(parseMessage(read), decision)).catch(() => {});
}

function denied(text: string): string {
  return JSON.stringify({ Allow: false, Msg: text });
}

/**
 * The response phase: the effect has taken place, so a denial or a delay only corrupts what the client sees (E:
 * `docker run ... exit 7` returned 0). The answer waits for the message's last byte alone, because dockerd does not
 * use a connection again on which it was answered before it had written everything.
 */
async function answerResponse(call: Call, options: PluginOptions) {
  const { settled, log } = options;
  const bytes = await readBody(call.request).catch(() => undefined);
  send(call, 200, allowed);
  if (settled === undefined) return;
  setImmediate(() => {
    settle(bytes, settled).catch((error: unknown) => log.error({ error }, 'settling a response failed'));
  });
}

async function settle(bytes: Buffer | undefined, settled: NonNullable<PluginOptions['settled']>) {
  // Too large or cut off: there is nothing to settle by.
  if (bytes !== undefined) await settled(parseResponse(bytes));
}

function send({ response, isStopping }: Call, status: number, body: string): void {
  if (response.headersSent) return;
  if (isStopping()) response.shouldKeepAlive = false;
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
