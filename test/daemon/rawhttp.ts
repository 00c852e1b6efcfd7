/** HTTP/1.1 over a unix socket, written by hand: what Node's client would refuse or tidy up goes out as given. */
import { connect } from 'node:net';

export interface RawRequest {
  /** In this order and spelling; a name may occur twice. Host, Connection and Content-Length are added if absent. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  /** An object or array is sent as JSON, and sets Content-Type where the headers do not; text and bytes go as given. */
  readonly body?: string | Uint8Array | object;
  /** Sends the body in chunks, without a Content-Length. */
  readonly chunked?: boolean;
  /** Milliseconds until the answer must be complete; default 30,000. */
  readonly timeout?: number;
}

export interface RawResponse {
  readonly status: number;
  /** Names in lower case; of a repeated header the last value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON, of whatever shape; throws when it is none. */
  json(): unknown;
}

/**
 * Sends bytes and collects what comes back until the other side closes.
 *
 * @param end closes our half after sending, as a client that has nothing more to say does
 * @throws Error when the socket fails, or after `timeout` milliseconds with what came so far in the message
 */
export function exchange(
  socketPath: string,
  bytes: Uint8Array,
  { timeout = 30_000, end = false }: { timeout?: number; end?: boolean } = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(socketPath);
    const timer = setTimeout(() => {
      socket.destroy();
      const soFar = Buffer.concat(parts).toString('latin1').slice(0, 500);
      reject(new Error(`no complete answer within ${timeout} ms; so far: ${JSON.stringify(soFar)}`));
    }, timeout);
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      // A daemon that refuses early closes while we still write; what it said before that is the answer.
      if (error !== undefined && parts.length === 0) reject(error);
      else resolve(Buffer.concat(parts));
    };
    socket.on('connect', () => (end ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (part) => parts.push(part));
    socket.on('error', settle);
    socket.on('close', () => settle());
  });
}

/** One request on a connection of its own. `target` goes into the request line as it is. */
export async function request(
  socketPath: string,
  method: string,
  target: string,
  options: RawRequest = {},
): Promise<RawResponse> {
  const { body, chunked = false, timeout } = options;
  const headers: (readonly [string, string])[] = isPairs(options.headers)
    ? [...options.headers]
    : Object.entries(options.headers ?? {});
  const has = (name: string): boolean => headers.some(([key]) => key.toLowerCase() === name);
  let payload = Buffer.alloc(0);
  if (typeof body === 'string' || body instanceof Uint8Array) payload = Buffer.from(body);
  else if (body !== undefined) {
    payload = Buffer.from(JSON.stringify(body));
    if (!has('content-type')) headers.push(['Content-Type', 'application/json']);
  }
  if (!has('host')) headers.unshift(['Host', 'docker']);
  if (!has('connection')) headers.push(['Connection', 'close']);
  if (chunked) {
    headers.push(['Transfer-Encoding', 'chunked']);
    const head =
      payload.length === 0
        ? []
        : [Buffer.from(`${payload.length.toString(16)}\r\n`), payload, Buffer.from('\r\n')];
    payload = Buffer.concat([...head, Buffer.from('0\r\n\r\n')]);
  } else if (
    !has('content-length') &&
    !has('transfer-encoding') &&
    (payload.length > 0 || method !== 'GET')
  ) {
    headers.push(['Content-Length', String(payload.length)]);
  }
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');
  const bytes = Buffer.concat([Buffer.from(head), payload]);
  return parseResponse(await exchange(socketPath, bytes, timeout === undefined ? {} : { timeout }));
}

/** Reads one complete HTTP/1 answer; bytes after a hijacked one's head are its body. */
export function parseResponse(bytes: Buffer): RawResponse {
  const split = bytes.indexOf('\r\n\r\n');
  const head = bytes
    .subarray(0, split < 0 ? bytes.length : split)
    .toString('latin1')
    .split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head[0] ?? '')?.[1]);
  if (split < 0 || Number.isNaN(status)) throw new Error(`not an HTTP answer: ${JSON.stringify(head[0])}`);
  const headers: Record<string, string> = {};
  for (const line of head.slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const rest = bytes.subarray(split + 4);
  const body = headers['transfer-encoding'] === 'chunked' ? unchunk(rest) : rest;
  const text = body.toString('utf8');
  return { status, headers, body, text, json: (): unknown => JSON.parse(text) };
}

function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const eol = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.subarray(at, eol).toString('latin1'), 16);
    if (eol < 0 || Number.isNaN(size) || size === 0) break;
    parts.push(bytes.subarray(eol + 2, eol + 2 + size));
    at = eol + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

function isPairs(headers: RawRequest['headers']): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}
