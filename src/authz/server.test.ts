import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../logging/log.ts';
import type { Decision } from '../model/decision.ts';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { anonymous } from '../model/subject.ts';
import { createPlugin, type Plugin, type PluginOptions } from './server.ts';
import { messageLimit } from './wire.ts';

const ulid = /[0-9A-HJKMNP-TV-Z]{26}/;
const allow: Decision = {
  id: '01A',
  allow: true,
  action: 'container.list',
  subject: anonymous,
  violations: [],
};
const deny: Decision = {
  ...allow,
  allow: false,
  violations: [{ rule: 'baseline/privileged', message: 'no.', fix: 'drop it.' }],
};
const list = { RequestMethod: 'GET', RequestUri: '/v1.50/containers/json' };

let folder: string;
let path: string;
let plugin: Plugin;
let logged: string[];
let sockets: Socket[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  path = join(folder, 's');
  logged = [];
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await plugin.stop(0);
  rmSync(folder, { recursive: true });
});

async function serve(options: Partial<PluginOptions> = {}): Promise<void> {
  const log = createLog({ write: (line) => logged.push(line) });
  plugin = createPlugin({ decide: async () => allow, deadline: 5000, log, ...options });
  await new Promise<void>((resolve) => plugin.server.listen(path, resolve));
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: unknown;
  readonly socket: Socket;
}

interface Call {
  readonly method?: string;
  readonly agent?: Agent;
  readonly headers?: Record<string, string>;
}

/** Posts the parts of a message: one with a length, several in chunks. */
async function call(
  target: string,
  parts: readonly (string | Buffer)[],
  options: Call = {},
): Promise<Answer> {
  const headers = parts.length > 1 ? {} : { 'Content-Length': Buffer.byteLength(parts[0] ?? '') };
  const request = httpRequest({
    socketPath: path,
    path: target,
    method: options.method ?? 'POST',
    headers: { ...headers, ...options.headers },
    ...(options.agent && { agent: options.agent }),
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        const type = response.headers['content-type'];
        resolve({ status: response.statusCode ?? 0, type, body, socket: response.socket });
      });
    });
  });
  for (const part of parts) request.write(part);
  request.end();
  return answer;
}

const ask = (message: unknown, options?: Call) =>
  call('/AuthZPlugin.AuthZReq', [JSON.stringify(message)], options);
const tell = (message: unknown) => call('/AuthZPlugin.AuthZRes', [JSON.stringify(message)]);

/** A connection of which every byte is written by hand. */
function raw(): { socket: Socket; text: () => string; until: (pattern: RegExp) => Promise<string> } {
  const socket = connect(path);
  sockets.push(socket);
  let text = '';
  let check = () => {};
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk;
    check();
  });
  const until = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      check = () => pattern.test(text) && resolve(text);
      check();
    });
  return { socket, text: () => text, until };
}

function post(target: string, body: string): string {
  return `POST ${target} HTTP/1.1\r\nHost: plugin.moby.localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function expectDenied(answer: Answer, code: string): void {
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ Allow: false, Msg: expect.stringContaining(`${code}: `) });
  expect(JSON.stringify(answer.body)).toMatch(
    new RegExp(`decision ${ulid.source}, asked by system:anonymous`),
  );
}

describe('Plugin.Activate', () => {
  it('says that the plugin authorizes', async () => {
    await serve();
    expect(await call('/Plugin.Activate', [''])).toMatchObject({
      status: 200,
      type: 'application/vnd.docker.plugins.v1.2+json',
      body: { Implements: ['authz'] },
    });
  });
});

describe('AuthZReq', () => {
  it('passes the message on and answers the decision, allowed', async () => {
    const seen: Message[] = [];
    await serve({
      decide: async (message) => {
        seen.push(message);
        return allow;
      },
    });
    const answer = await ask(list);
    expect(answer).toMatchObject({ status: 200, type: 'application/vnd.docker.plugins.v1.2+json' });
    expect(answer.body).toEqual({ Allow: true });
    expect(seen).toEqual([{ method: 'GET', uri: '/v1.50/containers/json', headers: {} }]);
  });

  it('answers the decision, denied, with the reason and a line in the log', async () => {
    await serve({ decide: async () => deny });
    expect((await ask(list)).body).toEqual({
      Allow: false,
      Msg: expect.stringMatching(
        /^baseline\/privileged: no\. Fix: drop it\.\ndecision 01A, asked by system:anonymous \(/,
      ),
    });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('"rules":["baseline/privileged"]');
  });

  it('is asked without Activate, as after a restart of the plugin alone', async () => {
    await serve();
    expect((await ask(list)).body).toEqual({ Allow: true });
  });

  // What is no message denies, and nobody is asked.
  it.each<[string, (string | Buffer)[], string]>([
    ['an empty message', [''], 'message-unreadable'],
    ['an empty message in chunks', ['', ''], 'message-unreadable'],
    ['garbage', ['{"RequestMethod":'], 'message-unreadable'],
    ['null', ['null'], 'message-unreadable'],
    ['an answer in place of a message', ['{"Allow":true}'], 'message-unreadable'],
    ['bytes that are not UTF-8', [Buffer.from([0xff, 0xfe])], 'message-unreadable'],
    ['40 MiB', [Buffer.alloc(40 * 1024 * 1024, 0x20)], 'message-too-large'],
    ['40 MiB in chunks', Array(40).fill(Buffer.alloc(1024 * 1024, 0x20)), 'message-too-large'],
  ])('denies %s', async (_, parts, code) => {
    const decide = vi.fn(async () => allow);
    await serve({ decide });
    expectDenied(await call('/AuthZPlugin.AuthZReq', parts), code);
    expect(decide).not.toHaveBeenCalled();
  });

  it('reads a message in chunks', async () => {
    await serve();
    const text = JSON.stringify(list);
    expect((await call('/AuthZPlugin.AuthZReq', [text.slice(0, 9), text.slice(9)])).body).toEqual({
      Allow: true,
    });
  });

  it('reads a message of 16 MiB', async () => {
    const sizes: (number | undefined)[] = [];
    await serve({
      decide: async ({ body }) => {
        sizes.push(body?.length);
        return allow;
      },
    });
    const body = Buffer.alloc(12 * 1024 * 1024, 'x');
    const message = JSON.stringify({ ...list, RequestBody: body.toString('base64') });
    expect(message.length).toBeGreaterThan(16 * 1024 * 1024);
    expect((await call('/AuthZPlugin.AuthZReq', [message])).body).toEqual({ Allow: true });
    expect(sizes).toEqual([body.length]);
  });

  // Fails closed: whatever goes wrong behind it denies, and the log says what.
  it.each<[string, PluginOptions['decide'], string]>([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
      'internal-error',
    ],
    ['rejects', () => Promise.reject(new Error('boom')), 'internal-error'],
    ['rejects with nothing', () => Promise.reject(undefined), 'internal-error'],
    ['refuses', () => Promise.reject(new Refusal('message-unreadable', 'odd.')), 'message-unreadable'],
  ])('denies when deciding %s', async (_, decide, code) => {
    await serve({ decide });
    expectDenied(await ask(list), code);
    expect(logged.join('')).toContain(code);
  });

  it('names the decision in the log as in the answer when a step fails', async () => {
    await serve({ decide: () => Promise.reject(new Error('boom')) });
    const { body } = await ask(list);
    const id = ulid.exec(JSON.stringify(body))?.[0] ?? 'none';
    expect(logged.filter((line) => line.includes(id))).toHaveLength(2);
    expect(logged.join('')).toContain('boom');
    expect(JSON.stringify(body)).not.toContain('boom');
  });

  // Only a whole decision whose allow is exactly true allows.
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['text', 'allow'],
    ['no fields', {}],
    ['allow alone', { allow: true }],
    ['allow as text', { ...allow, allow: 'true' }],
    ['allow as a number', { ...allow, allow: 1 }],
    ['allow missing', { ...allow, allow: undefined }],
    ['no id', { ...allow, id: '' }],
    ['no subject', { ...allow, subject: undefined }],
    ['no violations', { ...allow, violations: undefined }],
    ['a denial without a reason', { ...deny, violations: [] }],
    ['a denial with a hollow reason', { ...deny, violations: [null] }],
  ])('denies when the decision is %s', async (_, decision) => {
    await serve({ decide: async () => decision as Decision }); // what the type forbids is the point
    expectDenied(await ask(list), 'internal-error');
  });

  it('denies at the deadline while deciding hangs', async () => {
    await serve({ decide: () => new Promise(() => {}), deadline: 20 });
    expectDenied(await ask(list), 'deadline-exceeded');
  });

  it('denies at the deadline while the message does not end', async () => {
    await serve({ deadline: 20 });
    const client = raw();
    client.socket.write('POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{');
    expect(await client.until(/asked by/)).toContain('deadline-exceeded');
  });

  it('denies what was decided after the deadline with the main loop busy', async () => {
    await serve({
      decide: async () => {
        const end = performance.now() + 40;
        while (performance.now() < end);
        return allow;
      },
      deadline: 20,
    });
    expectDenied(await ask(list), 'deadline-exceeded');
  });

  it('survives a decision that fails after its deadline', async () => {
    const { promise, reject } = Promise.withResolvers<Decision>();
    await serve({ decide: () => promise, deadline: 20 });
    expectDenied(await ask(list), 'deadline-exceeded');
    reject(new Error('too late'));
    expectDenied(await ask(list), 'internal-error');
  });

  it('denies when the log cannot be written', async () => {
    const log = createLog({
      write: () => {
        throw new Error('disk full');
      },
    });
    await serve({ decide: async () => deny, log });
    expectDenied(await ask(list), 'internal-error');
  });

  it('is not harmed by a client that leaves inside its message', async () => {
    const decide = vi.fn(async () => allow);
    await serve({ decide });
    const client = raw();
    client.socket.write('POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{');
    client.socket.end();
    await new Promise((resolve) => client.socket.on('close', resolve));
    expect(client.text()).not.toContain('"Allow":true');
    expect((await ask(list)).body).toEqual({ Allow: true });
    expect(decide).toHaveBeenCalledTimes(1);
  });

  it('is not harmed by a client that leaves before the answer', async () => {
    const decided = Promise.withResolvers<Decision>();
    const asked = Promise.withResolvers<void>();
    await serve({
      decide: (message) => {
        if (message.uri !== '/slow') return Promise.resolve(allow);
        asked.resolve();
        return decided.promise;
      },
    });
    const client = raw();
    client.socket.write(post('/AuthZPlugin.AuthZReq', '{"RequestMethod":"GET","RequestUri":"/slow"}'));
    await asked.promise;
    client.socket.destroy();
    decided.resolve(allow);
    expect((await ask(list)).body).toEqual({ Allow: true });
  });

  it('tells which decision could not be handed over, and none that could', async () => {
    const lost: [string, Decision][] = [];
    const told = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const decided = Promise.withResolvers<Decision>();
    await serve({
      decide: (message) => {
        if (message.uri !== '/slow') return Promise.resolve(deny);
        asked.resolve();
        return decided.promise;
      },
      undelivered: ({ uri }, decision) => {
        lost.push([uri, decision]);
        told.resolve();
      },
    });
    await ask(list);
    const client = raw();
    client.socket.write(post('/AuthZPlugin.AuthZReq', '{"RequestMethod":"GET","RequestUri":"/slow"}'));
    await asked.promise;
    client.socket.destroy();
    decided.resolve(allow);
    await told.promise;
    expect(lost).toEqual([['/slow', allow]]);
  });

  it('tells of a decision that came after its answer, with the code of that', async () => {
    const decided = Promise.withResolvers<Decision>();
    const late = Promise.withResolvers<[Decision, string]>();
    await serve({
      decide: () => decided.promise,
      deadline: 20,
      late: (decision, reason) => late.resolve([decision, reason]),
    });
    await ask(list);
    decided.resolve(allow);
    expect(await late.promise).toEqual([allow, 'deadline-exceeded']);
  });

  // A denial that is made here is recorded, and stays one whatever the record's fate.
  it.each<[string, PluginOptions['record'], string]>([
    ['recorded', async (decision) => ({ ...decision, id: '01RECORDED' }), 'decision 01RECORDED,'],
    ['recorded as an allow', async (decision) => ({ ...decision, allow: true }), 'message-unreadable: '],
    ['not recorded', () => Promise.reject(new Error('disk')), 'message-unreadable: '],
    ['never recorded', () => new Promise(() => {}), 'message-unreadable: '],
  ])('denies a message that cannot be read, %s', async (_, record, expected) => {
    await serve({ deadline: 100, ...(record && { record }) });
    const answer = await call('/AuthZPlugin.AuthZReq', ['[]']);
    expect(answer.body).toEqual({ Allow: false, Msg: expect.stringContaining(expected) });
  });
});

describe('AuthZRes', () => {
  const settlers: [string, NonNullable<PluginOptions['settled']>][] = [
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['hangs', () => new Promise(() => {})],
  ];

  it.each(settlers)('allows at once when settling %s', async (_, settled) => {
    await serve({ settled, decide: () => new Promise(() => {}) });
    expect((await tell({ ...list, ResponseStatusCode: 200 })).body).toEqual({ Allow: true });
    expect((await tell(list)).body).toEqual({ Allow: true });
  });

  it('writes down that settling failed', async () => {
    await serve({ settled: () => Promise.reject(new Error('boom')) });
    await tell(list);
    await vi.waitFor(() => expect(logged.join('')).toContain('boom'));
  });

  // Whatever the message is, the answer is the same.
  it.each<[string, (string | Buffer)[]]>([
    ['an empty message', ['']],
    ['garbage', ['{"Request']],
    ['bytes that are not UTF-8', [Buffer.from([0xff, 0xfe])]],
    ['40 MiB', [Buffer.alloc(40 * 1024 * 1024, 0x20)]],
    ['40 MiB in chunks', Array(40).fill(Buffer.alloc(1024 * 1024, 0x20))],
  ])('allows %s', async (_, parts) => {
    const settled = vi.fn();
    await serve({ settled });
    expect(await call('/AuthZPlugin.AuthZRes', parts)).toMatchObject({ status: 200, body: { Allow: true } });
    expect(settled).not.toHaveBeenCalled();
  });

  it('allows a message over the limit before it has ended', async () => {
    await serve();
    const client = raw();
    client.socket.write(
      `POST /AuthZPlugin.AuthZRes HTTP/1.1\r\nHost: x\r\nContent-Length: ${messageLimit + 9}\r\n\r\n`,
    );
    client.socket.write(Buffer.alloc(messageLimit + 1, 0x20));
    expect(await client.until(/\}$/)).toContain('{"Allow":true}');
  });

  it('settles after the answer, with the message', async () => {
    const settled = Promise.withResolvers<Message>();
    await serve({ settled: settled.resolve });
    expect((await tell({ ...list, ResponseStatusCode: 201 })).body).toEqual({ Allow: true });
    expect((await settled.promise).uri).toBe('/v1.50/containers/json');
  });
});

describe('what is no plugin call', () => {
  // Never an Allow that is true, whatever is asked for and how.
  it.each([
    ['GET', '/Plugin.Activate', 405],
    ['GET', '/AuthZPlugin.AuthZReq', 405],
    ['PUT', '/AuthZPlugin.AuthZReq', 405],
    ['GET', '/AuthZPlugin.AuthZRes', 405],
    ['DELETE', '/AuthZPlugin.AuthZRes', 405],
    ['POST', '/', 404],
    ['POST', '/authzplugin.authzreq', 404],
    ['POST', '/AuthZPlugin.AuthZReq/', 404],
    ['POST', '/AuthZPlugin.AuthZReq?x', 404],
    ['POST', '/AuthZPlugin.AuthZRes?x', 404],
    ['POST', '//AuthZPlugin.AuthZRes', 404],
    ['POST', '/__proto__', 404],
    ['POST', '/constructor', 404],
    ['POST', '/VolumeDriver.List', 404],
  ])('%s %s answers JSON without an Allow', async (method, target, status) => {
    await serve();
    const answer = await call(target, [JSON.stringify(list)], { method });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ Err: expect.any(String) });
  });

  it.each([
    ['no HTTP', 'AuthZReq please\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [
      'two lengths',
      'POST /AuthZPlugin.AuthZRes HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
    ],
    ['a tunnel', 'CONNECT /AuthZPlugin.AuthZRes HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s is never allowed', async (_, bytes) => {
    await serve();
    const client = raw();
    client.socket.write(bytes);
    await new Promise((resolve) => client.socket.on('close', resolve));
    expect(client.text()).not.toContain('Allow');
  });
});

describe('connections', () => {
  it('have no timer that could close them', async () => {
    await serve();
    const { keepAliveTimeout, headersTimeout, requestTimeout, timeout, maxRequestsPerSocket } = plugin.server;
    expect({ keepAliveTimeout, headersTimeout, requestTimeout, timeout, maxRequestsPerSocket }).toEqual({
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      timeout: 0,
      maxRequestsPerSocket: 0,
    });
  });

  it('carry one request after the other, refusals and both phases among them', async () => {
    await serve({ decide: async (message) => (message.uri === '/denied' ? deny : allow) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = [
      await ask(list, { agent }),
      await ask({ RequestMethod: 'GET', RequestUri: '/denied' }, { agent }),
      await call('/AuthZPlugin.AuthZReq', ['garbage'], { agent }),
      await call('/AuthZPlugin.AuthZRes', ['garbage'], { agent }),
      await call('/nowhere', [''], { agent }),
      await ask(list, { agent }),
    ];
    expect(new Set(answers.map(({ socket }) => socket)).size).toBe(1);
    expect(answers.map(({ body }) => JSON.stringify(body).includes('"Allow":true'))).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
    agent.destroy();
  });

  it('keep the order of requests sent at once', async () => {
    const slow = Promise.withResolvers<Decision>();
    await serve({ decide: (message) => (message.uri === '/slow' ? slow.promise : Promise.resolve(allow)) });
    const client = raw();
    client.socket.write(
      post('/AuthZPlugin.AuthZReq', '{"RequestMethod":"GET","RequestUri":"/slow"}') +
        post('/AuthZPlugin.AuthZReq', JSON.stringify(list)) +
        post('/AuthZPlugin.AuthZRes', ''),
    );
    slow.resolve(deny);
    const text = await client.until(/"Allow":true\}[\s\S]*"Allow":true\}$/);
    expect(text.match(/"Allow":(true|false)/g)).toEqual(['"Allow":false', '"Allow":true', '"Allow":true']);
  });
});

// What dockerd has in its pool ends by being used once more; whoever has not been answered yet still is.
describe('drain()', () => {
  it('ends each connection with an answer, takes new ones meanwhile, and resolves when none is left', async () => {
    await serve();
    const pooled = new Agent({ keepAlive: true });
    await ask(list, { agent: pooled });
    const draws: Answer[] = [];
    await plugin.drain(5000, async () => {
      draws.push(await ask(list, { agent: pooled }), await ask(list, { agent: pooled }));
    });
    expect(draws.map(({ body }) => body)).toEqual([{ Allow: true }, { Allow: true }]);
    expect(draws[0]?.socket).not.toBe(draws[1]?.socket);
    expect(await connections()).toBe(0);
    pooled.destroy();
  });

  it('asks again until every connection has been used', async () => {
    await serve();
    const idle = [raw(), raw()];
    await expect.poll(connections).toBe(2);
    let turn = 0;
    await plugin.drain(5000, async () => {
      const client = idle[turn++];
      client?.socket.write(post('/AuthZPlugin.AuthZReq', JSON.stringify(list)));
      expect(await client?.until(/\}$/)).toMatch(/^Connection: close\r$/m);
    });
    expect(turn).toBe(2);
    expect(await connections()).toBe(0);
  });

  it('waits for a request that needs another connection', async () => {
    const asked = Promise.withResolvers<void>();
    const drawn = Promise.withResolvers<void>();
    await serve({
      decide: async ({ uri }) => {
        if (uri !== '/needs') return allow;
        asked.resolve();
        await drawn.promise;
        // As of a look-up, about which dockerd asks on a connection of its own.
        await ask(list);
        return allow;
      },
    });
    const answer = ask({ ...list, RequestUri: '/needs' });
    await asked.promise;
    await plugin.drain(5000, async () => drawn.resolve());
    expect((await answer).body).toEqual({ Allow: true });
  });

  it.each<[string, number, () => Promise<void>]>([
    ['nobody can be made to use them', 5000, () => Promise.reject(new Error('there is no daemon'))],
    ['its time is over', 30, () => Promise.resolve()],
  ])('leaves connections to stop() where %s', async (_, limit, draw) => {
    await serve();
    const pooled = new Agent({ keepAlive: true });
    await ask(list, { agent: pooled });
    await plugin.drain(limit, draw);
    expect(await connections()).toBe(1);
    await plugin.stop(5000);
    pooled.destroy();
  });
});

function connections(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  plugin.server.getConnections((_, count) => resolve(count));
  return promise;
}

describe('stop()', () => {
  it('finishes the request under way, then ends its connection and takes no new one', async () => {
    const decided = Promise.withResolvers<Decision>();
    const asked = Promise.withResolvers<void>();
    await serve({
      decide: () => {
        asked.resolve();
        return decided.promise;
      },
    });
    const idle = raw();
    const answer = ask(list, { agent: new Agent({ keepAlive: true }) });
    await asked.promise;
    const stopped = plugin.stop(5000);
    decided.resolve(allow);
    expect((await answer).body).toEqual({ Allow: true });
    await stopped;
    await new Promise((resolve) => (idle.socket.destroyed ? resolve(0) : idle.socket.on('close', resolve)));
    await expect(ask(list)).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });

  it('ends what hangs at its limit, without an answer', async () => {
    const asked = Promise.withResolvers<void>();
    await serve({
      decide: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const answer = expect(ask(list)).rejects.toThrow(/hang up|ECONNRESET/);
    await asked.promise;
    await plugin.stop(20);
    await answer;
  });
});
