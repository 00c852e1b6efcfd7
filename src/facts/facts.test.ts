import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../model/fact.ts';
import type { Message } from '../model/message.ts';
import { Facts } from './facts.ts';
import { LookUps } from './lookUps.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-facts-'));
const socket = join(folder, 'docker.sock');
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  rmSync(socket, { force: true });
});

const all = new Set<Fact>(['image', 'volumes', 'networkNames', 'hostNetwork', 'defaults']);

let server: Server | undefined;
let facts: Facts;
/** What came to the daemon, in order. */
let asked: Message[];
beforeEach(() => {
  facts = new Facts(new LookUps(socket));
  asked = [];
  server = undefined;
});

type Answer = (response: ServerResponse) => void;

function json(value: unknown, status = 200): Answer {
  return (response) => {
    response.statusCode = status;
    response.end(JSON.stringify(value));
  };
}

const everyDaemon: Readonly<Record<string, Answer>> = {
  '/info': json({ DefaultRuntime: 'runc', LoggingDriver: 'json-file' }),
  '/networks/f00': json({ Id: 'f00', Name: 'app' }),
};

/** As dockerd shows a request to its plugin: header names in Go's spelling. */
function messageOf({ method = '', url = '', rawHeaders }: IncomingMessage): Message {
  const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : []));
  return { method, uri: url, headers: Object.fromEntries(pairs) };
}

/** A daemon; `ask` is its plugin, by default the one whose facts are tested. */
async function daemon(
  answers: Readonly<Record<string, Answer>>,
  ask = (message: Message): unknown => facts.isOwn(message),
) {
  server = createServer((request, response) => {
    const message = messageOf(request);
    asked.push(message);
    ask(message);
    const answer =
      { ...everyDaemon, ...answers }[request.url ?? ''] ?? json({ message: 'No such thing' }, 404);
    answer(response);
  }).listen(socket);
  await once(server, 'listening');
}

function soon(milliseconds = 5000): number {
  return performance.now() + milliseconds;
}

const plain = { Id: 'abc', Name: '/web', HostConfig: {}, Config: { User: '1000' } };

describe('Facts.container()', () => {
  test('reads the container by inspect, and its defaults once', async () => {
    await daemon({ '/containers/web/json': json(plain) });
    const { id, name, object } = await facts.container('web', all, soon());
    expect({ id, name, user: object.container?.user?.uid }).toEqual({ id: 'abc', name: 'web', user: 1000 });
    await facts.container('web', all, soon());
    const paths = ['/containers/web/json', '/info', '/containers/web/json'];
    expect(asked.map(({ uri }) => uri).sort()).toEqual(paths.sort());
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  test('asks for the volumes and networks that it names', async () => {
    const Mounts = [{ Type: 'volume', Name: 'data', Destination: '/d', RW: true }];
    const NetworkSettings = { Networks: { n: { NetworkID: 'f00' } } };
    await daemon({
      '/containers/web/json': json({ ...plain, Mounts, NetworkSettings }),
      '/volumes/data': json({ Driver: 'local', Options: { o: 'bind', device: '/etc', type: 'none' } }),
    });
    const { object } = await facts.container('web', all, soon());
    expect(object.volumes?.[0]?.options.get('device')).toBe('/etc');
    expect(object.endpoints?.[0]?.network).toBe('app');
  });

  test('leaves a volume out that is gone', async () => {
    const Mounts = [{ Type: 'volume', Name: 'gone', Destination: '/d', RW: true }];
    await daemon({ '/containers/web/json': json({ ...plain, Mounts }) });
    expect((await facts.container('web', all, soon())).object.volumes).toEqual([]);
  });

  test('puts a name into the path as the daemon decodes it', async () => {
    await daemon({ '/containers/a%2Fb%3Fsize%3D1/json': json(plain) });
    await facts.container('a/b?size=1', all, soon());
    expect(asked.map(({ uri }) => uri)).toContain('/containers/a%2Fb%3Fsize%3D1/json');
  });
});

describe('a service that goes back', () => {
  const spec = (Source: string) => ({
    Name: 'web',
    TaskTemplate: { ContainerSpec: { Image: 'app', Mounts: [{ Type: 'volume', Source, Target: '/d' }] } },
  });

  test('is looked at as it is and as it was, with all that it names', async () => {
    await daemon({
      '/services/web': json({ ID: 's1', Spec: spec('new-data'), PreviousSpec: spec('old-data') }),
      '/volumes/old-data': json({ Driver: 'local', Options: { o: 'bind', device: '/etc', type: 'none' } }),
    });
    const found = await facts.reached({ containers: [], service: 'web' }, all, facts.guard.hold(), soon());
    expect(found).toMatchObject([
      { kind: 'service', name: 'web' },
      { kind: 'service', name: 'web' },
    ]);
    const devices = found.flatMap(({ object }) =>
      (object.volumes ?? []).map(({ options }) => options.get('device')),
    );
    expect(devices).toContain('/etc');
  });

  test('is not found where it is not there', async () => {
    await daemon({});
    const reached = facts.reached({ containers: [], service: 'web' }, all, facts.guard.hold(), soon());
    await expect(reached).rejects.toMatchObject({ code: 'facts-not-found' });
  });
});

describe('Facts.known()', () => {
  test('asks for all at once, by names as the daemon decodes them', async () => {
    await daemon({
      '/volumes/data': json({ Driver: 'local', Options: { o: 'bind' } }),
      '/images/registry%3A5000%2Fteam%2Fapp/json': json({
        RepoTags: ['registry:5000/team/app:latest'],
        RepoDigests: ['registry:5000/team/app@sha256:abc'],
        Config: { User: '1000' },
      }),
    });
    const needs = {
      volumes: ['data', 'gone'],
      images: ['registry:5000/team/app', 'gone'],
      networks: ['f00', 'f0'],
    };
    const { volumes, images, networks } = await facts.known(needs, soon());
    expect([...volumes.keys()]).toEqual(['data']);
    expect(images.get('gone')).toBe('absent');
    expect(images.get('registry:5000/team/app')).toMatchObject({
      names: [
        { repository: 'team/app', tag: 'latest' },
        { repository: 'team/app', digest: 'sha256:abc' },
      ],
      digests: [{ registry: 'registry:5000' }],
      user: { uid: 1000 },
    });
    expect(networks).toEqual(
      new Map([
        ['f00', 'app'],
        ['f0', 'f0'],
      ]),
    );
  });

  test('remembers what a network is called, by its whole id alone', async () => {
    await daemon({ '/networks/app': json({ Id: 'f00', Name: 'app' }) });
    const needs = { volumes: [], images: [], networks: ['f00', 'app'] };
    await facts.known(needs, soon());
    await facts.known(needs, soon());
    expect(asked.map(({ uri }) => uri).sort()).toEqual(['/networks/app', '/networks/app', '/networks/f00']);
  });
});

describe('Facts.reached()', () => {
  const joining = (name: string, HostConfig: object) =>
    json({ ...plain, Id: name, Name: `/${name}`, HostConfig });

  test('follows those that a container takes part in, each once', async () => {
    await daemon({
      '/containers/a/json': joining('a', { PidMode: 'container:b', VolumesFrom: ['c:ro'] }),
      '/containers/b/json': joining('b', { NetworkMode: 'container:c' }),
      '/containers/c/json': joining('c', { IpcMode: 'container:a' }),
    });
    const found = await facts.reached({ containers: ['a'] }, all, facts.guard.hold(), soon());
    expect(found.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(asked.filter(({ uri }) => uri.startsWith('/containers/'))).toHaveLength(3);
  });

  test('holds every name by which it asked, so that none gets another container meanwhile', async () => {
    await daemon({
      '/containers/a/json': joining('a', { PidMode: 'container:b' }),
      '/containers/b/json': joining('b', {}),
    });
    const hold = facts.guard.hold();
    await facts.reached({ containers: ['a'] }, all, hold, soon());
    for (const name of ['a', 'b']) {
      const giving = Promise.resolve(facts.guard.hold().take('given', [name], soon(0)));
      await expect(giving).rejects.toMatchObject({ code: 'busy' });
    }
    hold.release();
    expect(facts.guard.hold().take('given', ['a', 'b'], soon())).toBeUndefined();
  });

  test('looks at those that are linked, if they are there, and not at their own links', async () => {
    await daemon({
      '/containers/db/json': joining('db', { PidMode: 'container:b', Links: ['/c:/db/c'] }),
      '/containers/b/json': joining('b', {}),
    });
    const reached = { containers: [], linked: ['db', 'gone'] };
    const found = await facts.reached(reached, all, facts.guard.hold(), soon());
    expect(found.map(({ name }) => name)).toEqual(['db', 'b']);
  });

  test('finds the container of an exec', async () => {
    await daemon({
      '/exec/e1/json': json({ ID: 'e1', ContainerID: 'abc', ProcessConfig: { privileged: false } }),
      '/containers/abc/json': json(plain),
    });
    expect(
      await facts.reached({ containers: [], exec: 'e1' }, all, facts.guard.hold(), soon()),
    ).toMatchObject([{ name: 'web' }]);
  });

  test('finds nothing where there is no such exec', async () => {
    await daemon({});
    const reached = facts.reached({ containers: [], exec: 'e1' }, all, facts.guard.hold(), soon());
    await expect(reached).rejects.toMatchObject({ code: 'facts-not-found' });
  });

  test('does not follow them without end', async () => {
    const chain = Array.from({ length: 60 }, (_, at) => [
      `/containers/c${at}/json`,
      joining(`c${at}`, { PidMode: `container:c${at + 1}` }),
    ]);
    await daemon(Object.fromEntries(chain));
    const reached = facts.reached({ containers: ['c0'] }, all, facts.guard.hold(), soon());
    await expect(reached).rejects.toMatchObject({ code: 'facts-too-many' });
  });
});

/** Each failure denies, and says by its code what to do. */
describe('a look-up fails with', () => {
  test('facts-not-found where there is no such container', async () => {
    await daemon({});
    await expect(facts.container('web', all, soon())).rejects.toMatchObject({ code: 'facts-not-found' });
  });

  test('facts-starting where nothing listens and nothing ever answered', async () => {
    await expect(facts.container('web', all, soon())).rejects.toMatchObject({ code: 'facts-starting' });
  });

  test('facts-starting where the socket accepts and nothing has answered yet, as when dockerd starts', async () => {
    await daemon({ '/containers/web/json': () => {}, '/info': () => {} });
    await expect(facts.container('web', all, soon(50))).rejects.toMatchObject({ code: 'facts-starting' });
  });

  test('facts-unreachable where it answered before and is gone', async () => {
    await daemon({ '/containers/web/json': json(plain) });
    await facts.container('web', all, soon());
    server?.closeAllConnections();
    server?.close();
    rmSync(socket, { force: true });
    await expect(facts.container('web', all, soon())).rejects.toMatchObject({ code: 'facts-unreachable' });
  });

  test('facts-unreachable where it breaks off in the middle of an answer', async () => {
    await daemon({
      '/containers/web/json': json(plain),
      '/containers/half/json': (response) => {
        response.write('{"Id":', () => response.destroy());
      },
    });
    await facts.container('web', all, soon());
    await expect(facts.container('half', all, soon())).rejects.toMatchObject({ code: 'facts-unreachable' });
  });

  test.each([
    ['does not answer', () => {}],
    ['stops in the middle of its answer', (response: ServerResponse) => response.write('{')],
  ])('facts-slow where a daemon that answered before %s', async (_, hang) => {
    await daemon({ '/containers/web/json': json(plain), '/containers/slow/json': hang });
    await facts.container('web', all, soon());
    await expect(facts.container('slow', all, soon(50))).rejects.toMatchObject({ code: 'facts-slow' });
  });

  test('facts-wrong-daemon where the daemon does not ask this Bulwark', async () => {
    await daemon({ '/containers/web/json': json(plain) }, () => {});
    await expect(facts.container('web', all, soon())).rejects.toMatchObject({ code: 'facts-wrong-daemon' });
  });

  test('facts-refused where another plugin forbids it', async () => {
    await daemon({ '/containers/web/json': json({ message: 'forbidden' }, 403) }, () => {});
    await expect(facts.container('web', all, soon())).rejects.toMatchObject({ code: 'facts-refused' });
  });

  test('facts-unreadable where the answer has two readings', async () => {
    await daemon({ '/containers/web/json': (response) => response.end('{"Id":"a","id":"b"}') });
    await expect(facts.container('web', all, soon())).rejects.toMatchObject({ code: 'facts-unreadable' });
  });

  test('facts-unreadable where the answer never ends', async () => {
    await daemon({
      '/containers/web/json': (response) => {
        const more = () => response.write(Buffer.alloc(65_536, ' '), () => response.destroyed || more());
        more();
      },
    });
    await expect(facts.container('web', all, soon())).rejects.toMatchObject({ code: 'facts-unreadable' });
  });
});

describe('Facts.probe()', () => {
  const ping: Readonly<Record<string, Answer>> = { '/_ping': (response) => response.end('OK') };

  test('finds a daemon that asks, by one GET of /_ping', async () => {
    await daemon(ping);
    await facts.probe(soon());
    expect(asked).toMatchObject([{ method: 'GET', uri: '/_ping' }]);
  });

  test.each<[string, Readonly<Record<string, Answer>>, string]>([
    ['facts-wrong-daemon where it answers without asking', ping, 'facts-wrong-daemon'],
    [
      'facts-refused where it fails before it asks, as when it does not reach its plugin',
      { '/_ping': json({ message: 'plugin bulwark failed with error' }, 500) },
      'facts-refused',
    ],
  ])('fails with %s', async (_, answers, code) => {
    await daemon(answers, () => {});
    await expect(facts.probe(soon())).rejects.toMatchObject({ code });
  });
});

/** Nobody but Bulwark passes as Bulwark. */
describe('Facts.isOwn() does not take for its own', () => {
  const changes: readonly (readonly [string, (own: Message) => Message])[] = [
    ['another method', (own) => ({ ...own, method: 'DELETE' })],
    ['another path', (own) => ({ ...own, uri: '/containers/other/json' })],
    ['no secret', (own) => ({ ...own, headers: {} })],
    [
      'another secret',
      (own) => replaced(own, (value) => value.replace(/^./, (char) => (char === '0' ? '1' : '0'))),
    ],
    ['another number', (own) => replaced(own, (value) => value.replace(/\d+$/, '99'))],
    ['a number and no secret', (own) => replaced(own, (value) => value.replace(/^.*-/, '-'))],
  ];

  function replaced(own: Message, change: (value: string) => string): Message {
    const entries = Object.entries(own.headers).map(([name, value]) =>
      name === 'X-Bulwark-Look-Up' ? [name, change(value)] : [name, value],
    );
    return { ...own, headers: Object.fromEntries(entries) };
  }

  test.each(changes)('a message with %s', async (_, change) => {
    const seen: boolean[] = [];
    await daemon({ '/containers/web/json': json(plain) }, (own) => {
      seen.push(facts.isOwn(change(own)), facts.isOwn(own));
    });
    await facts.container('web', all, soon());
    expect(seen).toEqual([false, true, false, true]);
  });

  test('a look-up that has been answered', async () => {
    await daemon({ '/containers/web/json': json(plain) });
    await facts.container('web', all, soon());
    expect(asked.map((message) => facts.isOwn(message))).toEqual([false, false]);
  });
});

test('fifty look-ups at once are told apart', async () => {
  const names = Array.from({ length: 50 }, (_, at) => `c${at}`);
  await daemon(
    Object.fromEntries(
      names.map((name) => [`/containers/${name}/json`, json({ ...plain, Name: `/${name}` })]),
    ),
  );
  const found = await Promise.all(names.map((name) => facts.container(name, all, soon())));
  expect(found.map(({ name }) => name)).toEqual(names);
});
