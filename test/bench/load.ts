import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which one request follows the other, as those of dockerd's pool. */
class Connection {
  readonly #socket: Socket;
  #received = '';
  #done: (() => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.#take(String(text)));
    socket.on('close', () => this.#failed?.(new Error('the server closed a connection')));
  }

  static async open(path: string): Promise<Connection> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Sends a request and waits for its answer, which must allow: denials are not what is measured. */
  send(request: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#done = resolve;
    this.#failed = reject;
    this.#socket.write(request);
    return promise;
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1]);
    if (end === -1 || this.#received.length < end + 4 + length) return;
    const body = this.#received.slice(end + 4);
    this.#received = '';
    if (body === '{"Allow":true}') this.#done?.();
    else this.#failed?.(new Error(`not allowed: ${body}`));
  }
}

/** Requests that are sent in turn. */
export type Requests = readonly [Buffer, ...Buffer[]];

/** The median time of a request, in milliseconds, one after the other on one connection. */
export async function medianTime(path: string, requests: Requests, count: number): Promise<number> {
  const connection = await Connection.open(path);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const request = requests[i % requests.length] ?? requests[0];
    const start = performance.now();
    await connection.send(request);
    times.push(performance.now() - start);
  }
  connection.close();
  return median(times);
}

/** Requests a second on so many connections; `each` is told how many are done. */
export async function throughput(
  path: string,
  requests: Requests,
  { connections, count, each }: { connections: number; count: number; each?: (done: number) => void },
): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(path)));
  let sent = 0;
  let done = 0;
  const start = performance.now();
  await Promise.all(
    open.map(async (connection) => {
      while (sent < count) {
        await connection.send(requests[sent++ % requests.length] ?? requests[0]);
        each?.(++done);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of open) connection.close();
  return count / seconds;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
