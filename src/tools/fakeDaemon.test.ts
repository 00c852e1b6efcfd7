import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../model/message.ts';
import { type FakeDaemon, startFakeDaemon } from './fakeDaemon.ts';

let folder: string;
let socket: string;
let daemon: FakeDaemon;
let asked: Message[];
let held: number;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-fake-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  socket = join(folder, 'docker.sock');
  asked = [];
  held = 0;
  daemon = await startFakeDaemon({
    socket,
    async authorize(message) {
      asked.push(message);
      if (message.uri.includes('planted')) throw new Error('planted');
      return message.uri.includes('denied') ? 'no: because.' : undefined;
    },
    onHeld: () => {
      held += 1;
    },
  });
});
afterEach(() => daemon.close());

/** All that comes back for these bytes until the connection ends; parts are sent one after the other. */
async function raw(...parts: readonly string[]): Promise<string> {
  const client = connect(socket);
  const answer = text(client);
  await once(client, 'connect');
  for (const part of parts) {
    client.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return answer.finally(() => client.destroy());
}

function request(method: string, uri: string, body = '', ...headers: readonly string[]): string {
  const head = ['Host: x', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', ...headers];
  return [`${method} ${uri} HTTP/1.1`, ...head, '', body].join('\r\n');
}

const json = 'Content-Type: application/json';
const upgrade = ['Connection: Upgrade', 'Upgrade: tcp'];

async function call(method: string, uri: string, body = '', type = json) {
  const answer = await raw(request(method, uri, body, type));
  const [head = '', content = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, content };
}

describe('startFakeDaemon()', () => {
  it('asks with what dockerd would show, before it answers', async () => {
    const { status } = await call('POST', '/v1.50/containers/create?name=web', '{"Image":"alpine"}');
    expect(status).toBe(201);
    expect(asked).toEqual([
      {
        method: 'POST',
        uri: '/v1.50/containers/create?name=web',
        headers: { 'Content-Length': '18', 'Content-Type': 'application/json', Connection: 'close' },
        body: new TextEncoder().encode('{"Image":"alpine"}'),
      },
    ]);
  });

  it('sends a denial as dockerd does, and does nothing then', async () => {
    expect(await call('POST', '/containers/create?name=denied', '{}')).toMatchObject({
      status: 403,
      content: '{"message":"no: because."}',
    });
    expect((await call('GET', '/containers/json')).content).toBe('[]');
  });

  it('denies a stream without reading it to its end', async () => {
    const endless = 'POST /build?denied HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx';
    const client = connect(socket);
    client.write(endless);
    const [chunk]: Buffer[] = await once(client, 'data');
    client.destroy();
    expect(String(chunk)).toContain('403 Forbidden');
  });

  it('answers nothing where judging fails', async () => {
    await expect(raw(request('GET', '/planted'))).resolves.toBe('');
    await expect(raw(request('POST', '/planted', '', ...upgrade))).resolves.toBe('');
  });

  it('refuses a body over 4 MiB unjudged, as dockerd does', async () => {
    const { status } = await call('POST', '/containers/create', ' '.repeat(4 * 1024 * 1024 + 1));
    expect({ status, asked: asked.length }).toEqual({ status: 500, asked: 0 });
  });

  it('reads the body of a request that asks for the connection, also in pieces', async () => {
    const body = '{"Detach":false,"Tty":false}';
    const whole = request('POST', '/exec/abc/start', body, json, ...upgrade);
    const answer = await raw(whole.slice(0, -10), whole.slice(-10), 'typed\n');
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(Buffer.from(asked[0]?.body ?? []).toString()).toBe(body);
  });

  it('sends a denial to a request that asks for the connection', async () => {
    const answer = await raw(request('POST', '/containers/denied/attach', '', ...upgrade));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('{"message":"no: because."}');
  });

  it('remembers what it made, under ids of its own', async () => {
    const created = await call(
      'POST',
      '/v1.41/containers/create?name=web',
      '{"Image":"nginx","Labels":{"a":"b"}}',
    );
    const { Id: id }: { Id: string } = JSON.parse(created.content);
    expect(daemon.isOwnId(id)).toBe(true);
    expect(daemon.isOwnId('web')).toBe(false);
    const inspect = async (ref: string) => JSON.parse((await call('GET', `/containers/${ref}/json`)).content);
    expect(await inspect('web')).toMatchObject({ Id: id, Name: '/web', State: { Running: false } });
    expect((await call('POST', `/containers/${id}/start`)).status).toBe(204);
    expect(await inspect(id.slice(0, 12))).toMatchObject({
      Config: { Image: 'nginx' },
      State: { Running: true },
    });
    const filters = encodeURIComponent('{"label":{"a=b":true}}');
    expect(JSON.parse((await call('GET', `/containers/json?filters=${filters}`)).content)).toHaveLength(1);
    const others = encodeURIComponent('{"label":["a=c"]}');
    expect((await call('GET', `/containers/json?filters=${others}`)).content).toBe('[]');
  });

  it('holds what has no end or would end in a file', async () => {
    const client = connect(socket);
    client.write(request('GET', '/events'));
    await expect.poll(() => held).toBe(1);
    client.destroy();
  });

  it.each([
    ['an unknown read', 'GET', '/nothing', 404],
    ['filters that are no JSON', 'GET', '/networks?filters=%7B', 200],
    ['a bad escape', 'GET', '/containers/%zz/json', 200],
    ['a body that is no object', 'POST', '/containers/create', 201],
  ])('survives %s', async (_what, method, uri, status) => {
    expect((await call(method, uri, method === 'POST' ? '[null]' : '')).status).toBe(status);
    expect((await call('GET', '/_ping')).content).toBe('OK');
  });

  it("lets BuildKit's client find a worker, and nothing that builds", async () => {
    const socketOfClient = connect(socket);
    socketOfClient.write(request('POST', '/grpc', '', 'Connection: Upgrade', 'Upgrade: h2c'));
    const [first = Buffer.alloc(0)]: Buffer[] = await once(socketOfClient, 'data');
    expect(first.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
    socketOfClient.pause();
    // The server's first frame may have come along.
    socketOfClient.unshift(first.subarray(first.indexOf('\r\n\r\n') + 4));
    const client = connectHttp2('http://buildkit', { createConnection: () => socketOfClient });
    const ask = async (method: string) => {
      const stream = client.request({ ':method': 'POST', ':path': `/moby.buildkit.v1.Control/${method}` });
      const trailers = once(stream, 'trailers');
      stream.end();
      const content = await text(stream);
      const [{ 'grpc-status': status }] = await trailers;
      return { status, content };
    };
    try {
      expect(await ask('ListWorkers')).toEqual({
        status: '0',
        content: expect.stringContaining('bulwark-try'),
      });
      expect(await ask('Prune')).toEqual({ status: '0', content: '' });
      expect(await ask('Solve')).toEqual({ status: '12', content: '' });
    } finally {
      client.destroy();
    }
  });

  it('survives bytes that are no HTTP', async () => {
    await raw('\u0000\u0001 nonsense\r\n\r\n');
    expect((await call('GET', '/_ping')).content).toBe('OK');
  });
});
