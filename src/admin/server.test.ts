import { get, type RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog, type Log } from '../logging/log.ts';
import { problemSchema } from './problem.ts';
import { type AdminServer, createLazyServer, listenOnLoopback } from './server.ts';

let logged: string[];
let log: Log;
let open: AdminServer[];

beforeEach(() => {
  logged = [];
  log = createLog({ write: (line) => logged.push(line) });
  open = [];
});

afterEach(() => Promise.all(open.map(({ stop }) => stop(0))));

function create(load: (stopping: AbortSignal) => Promise<RequestListener>): AdminServer {
  const server = createLazyServer(load, log);
  open.push(server);
  return server;
}

const hello: RequestListener = (_, response) => response.end('hello');

function ask(port: number): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more) => (text += more));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).on('error', reject);
  });
}

describe('createLazyServer()', () => {
  it('loads nothing until the first request, and once for all that come at the same time', async () => {
    let loads = 0;
    const { promise, resolve } = Promise.withResolvers<RequestListener>();
    const { server } = create(() => {
      loads += 1;
      return promise;
    });
    const port = await listenOnLoopback(server, '127.0.0.1', 0);
    expect(loads).toBe(0);
    const answers = Promise.all([ask(port), ask(port), ask(port)]);
    await expect.poll(() => loads).toBe(1);
    resolve(hello);
    expect(await answers).toEqual(Array(3).fill({ status: 200, text: 'hello' }));
    expect(loads).toBe(1);
  });

  it('answers a problem where loading fails, says why in the log alone, and tries again', async () => {
    let fails = true;
    const { server } = create(async () => {
      if (fails) throw new Error('no such module');
      return hello;
    });
    const port = await listenOnLoopback(server, '127.0.0.1', 0);
    const { status, text } = await ask(port);
    expect(status).toBe(500);
    expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ code: 'internal-error', status: 500 });
    expect(text).not.toContain('no such module');
    expect(logged.join('')).toContain('no such module');
    fails = false;
    expect(await ask(port)).toEqual({ status: 200, text: 'hello' });
  });

  it('stops: tells who streams, and ends what is left after its limit', async () => {
    let stopped = false;
    const { server, stop } = create(async (stopping) => {
      stopping.addEventListener('abort', () => {
        stopped = true;
      });
      return () => {};
    });
    const port = await listenOnLoopback(server, '127.0.0.1', 0);
    const hanging = ask(port).catch((error: NodeJS.ErrnoException) => error.code);
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count))))
      .toBe(1);
    await stop(10);
    expect(stopped).toBe(true);
    expect(await hanging).toBe('ECONNRESET');
  });
});

describe('listenOnLoopback()', () => {
  it('refuses a port that is taken', async () => {
    const port = await listenOnLoopback(create(async () => hello).server, '127.0.0.1', 0);
    const second = listenOnLoopback(create(async () => hello).server, '127.0.0.1', port);
    await expect(second).rejects.toMatchObject({
      code: 'address-unusable',
      message: `cannot listen on 127.0.0.1, port ${port}: EADDRINUSE.`,
    });
  });
});
