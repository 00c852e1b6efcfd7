import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, makeAdmin } from '../../../test/adminOf.ts';
import type { Door } from '../door.ts';

const day = Date.UTC(2026, 10, 24);

let admin: Admin;
let server: Server;
let open: Client[];

beforeEach(async () => {
  admin = await makeAdmin();
  open = [];
  await serve({});
});

afterEach(() => {
  for (const { end } of open) end();
  server.closeAllConnections();
  server.close();
  admin.remove();
});

async function serve(door: Door): Promise<void> {
  server = createServer(admin.app({ door }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** A stream as a client sees it. */
interface Client {
  readonly response: IncomingMessage;
  text(): string;
  readonly ended: Promise<void>;
  end(): void;
}

function connect(query = '', headers: Readonly<Record<string, string>> = {}): Promise<Client> {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port, path: `/v1/decisions/stream${query}`, headers };
    const request = get(target, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more) => (text += more));
      const ended = new Promise<void>((done) => response.on('close', done));
      const client = { response, text: () => text, ended, end: () => request.destroy() };
      open.push(client);
      resolve(client);
    });
    request.on('error', reject);
  });
}

/** Names of what the events are about, in their order. */
function refs(text: string): readonly string[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '').resource.ref);
}

function ids(text: string): readonly number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

let time = day;

function add(ref: string, values = {}): void {
  time += 1000;
  admin.ledger.add({ resource: { kind: 'container', ref }, ...values }, time);
}

describe('GET /v1/decisions/stream', () => {
  it('sends its headers at once, and each decision as an event once it is there', async () => {
    add('old');
    const client = await connect();
    expect(client.response.statusCode).toBe(200);
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    await expect.poll(() => client.text()).toBe('id: 1\n: alive\n\n');
    add('one');
    add('two');
    await expect.poll(() => refs(client.text())).toEqual(['one', 'two']);
    expect(client.text()).toMatch(/event: decision\nid: 2\ndata: \{.*\}\n\nevent: decision\nid: 3\ndata: /);
  });

  it('begins with the newest that are there, where that is asked for, oldest first', async () => {
    for (const ref of ['a', 'b', 'c']) add(ref);
    const client = await connect('?recent=2');
    await expect.poll(() => refs(client.text())).toEqual(['b', 'c']);
  });

  it('sends what the filter lets through, and moves on past the rest', async () => {
    const client = await connect('?decision=deny');
    await expect.poll(() => ids(client.text())).toEqual([0]);
    add('allowed', { decision: 'allow' });
    add('denied');
    await expect.poll(() => refs(client.text())).toEqual(['denied']);
  });

  it.each([
    ['Last-Event-ID', '', { 'Last-Event-ID': '1' }],
    ['after', '?after=1', {}],
    ['Last-Event-ID before after', '?after=3', { 'Last-Event-ID': '1' }],
  ])('goes on by %s and misses nothing', async (_, query, headers) => {
    for (const ref of ['a', 'b', 'c']) add(ref);
    const client = await connect(query, headers);
    await expect.poll(() => refs(client.text())).toEqual(['b', 'c']);
  });

  it('hands over more than a portion without a pause', async () => {
    for (let at = 0; at < 250; at += 1) add(`c${at}`);
    const client = await connect('?after=0');
    await expect.poll(() => refs(client.text()).length).toBe(250);
    expect(new Set(refs(client.text())).size).toBe(250);
  });

  it('takes a ledger that ends before its place for a new one', async () => {
    add('first of the new ledger');
    const client = await connect('?after=1000');
    await expect.poll(() => refs(client.text())).toEqual(['first of the new ledger']);
  });

  it.each([
    ['?after=x', {}],
    ['?recent=101', {}],
    ['?since=2026-11-24T00:00:00Z', {}],
    ['', { 'Last-Event-ID': 'x' }],
  ])('refuses %s %j', async (query, headers) => {
    expect((await connect(query, headers)).response.statusCode).toBe(400);
  });

  it('takes eight at a time, and the ninth when one has gone', async () => {
    for (let count = 0; count < 8; count += 1) expect((await connect()).response.statusCode).toBe(200);
    const ninth = await connect();
    expect(ninth.response.statusCode).toBe(503);
    expect(ninth.response.headers['retry-after']).toBe('1');
    open[0]?.end();
    await expect.poll(async () => (await connect()).response.statusCode).toBe(200);
  });

  it('ends when the server stops', async () => {
    const client = await connect();
    admin.stopping.abort();
    await client.ended;
    expect(client.response.complete).toBe(true);
  });

  it('ends when the token that opened it does', async () => {
    server.close();
    const expires = new Date(Date.now() + 700);
    const bearer = async () => ({ id: '1', expires });
    await serve({ bearer });
    const client = await connect('', { Authorization: 'Bearer x' });
    expect(client.response.statusCode).toBe(200);
    await client.ended;
    expect(client.response.complete).toBe(true);
    expect(Date.now()).toBeGreaterThanOrEqual(expires.getTime() - 1);
  });

  it('outlasts a ledger that cannot answer for a while', async () => {
    let fails = true;
    const { ledger } = admin.services;
    const flaky: typeof ledger = {
      async ask(question, signal) {
        if (question.kind === 'after' && fails) {
          const { Refusal } = await import('../../model/error.ts');
          throw new Refusal('api-slow', 'not now.');
        }
        return ledger.ask(question, signal);
      },
    };
    server.close();
    server = createServer(admin.app({ services: { ...admin.services, ledger: flaky } }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = await connect();
    add('while it failed');
    await expect.poll(() => ids(client.text()).length).toBe(1);
    fails = false;
    await expect.poll(() => refs(client.text())).toEqual(['while it failed']);
  });
});
