import { type IncomingMessage, request } from 'node:http';

/** What a server on a unix socket answered. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface Question {
  readonly method?: string;
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Milliseconds for the whole of it. */
  readonly patience: number;
}

/** Far more than any answer that a command asks for, in bytes. */
const longest = 16 * 1024 ** 2;

/**
 * Asks an HTTP server on a unix socket, on a connection of its own. Rejects with the system's error where there is no
 * answer, with `ABORT_ERR` where it does not come in time.
 */
export function ask(socket: string, { method = 'GET', path, body, patience }: Question): Promise<Answer> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      Host: 'bulwark',
      ...(content !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(content),
      }),
    };
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(patience)));
    request({ socketPath: socket, method, path, agent: false, signal, headers })
      .on('error', reject)
      .on('response', (response) => {
        collect(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
      })
      .end(content);
  });
}

async function collect(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) {
    text += part;
    if (text.length > longest) throw new Error('its answer is too long');
  }
  return text;
}
