import { beforeEach, describe, expect, test } from 'vitest';
import { admit, ownLookUp, settle, type Trip } from './admit.ts';
import { Execs } from './facts/execs.ts';
import type { Stored } from './facts/facts.ts';
import { Guard } from './facts/guard.ts';
import type { Judged } from './ledger/draft.ts';
import { Refusal } from './model/error.ts';
import type { Message } from './model/message.ts';
import { anonymous } from './model/subject.ts';
import { silent } from './normalize/container.ts';
import type { Known } from './normalize/needs.ts';
import type { PolicySet } from './policy/compile.ts';
import { setIn } from './policyfiles/load.ts';

const source = { file: 'baseline.yaml', line: 4 };
function setOf(spec: string, more = ''): PolicySet {
  const head = 'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: baseline }\n';
  const set = setIn([{ file: source.file, text: `${head}spec: ${spec}\n${more}` }]);
  if (set === undefined) throw new Error('the policies of the test are broken');
  return set;
}
const set = setOf('{ profile: baseline }');

/** What was recorded. */
let recorded: Judged[];
beforeEach(() => {
  recorded = [];
});

type Facts = NonNullable<Trip['facts']>;

function trip(facts?: Partial<Facts>, hostFiles?: Trip['hostFiles'], policies = set): Trip {
  const asked = () => Promise.reject(new Error('asked'));
  const none: Facts = {
    isOwn: () => false,
    reached: asked,
    known: asked,
    guard: new Guard(),
    execs: new Execs(),
    ownId: undefined,
    findOwn: asked,
  };
  return {
    policySet: () => policies,
    identify: () => anonymous,
    protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
    ...(facts && { facts: { ...none, ...facts } }),
    ...(hostFiles && { hostFiles }),
    ledger: {
      commit(judged) {
        recorded.push(judged);
        return judged.decision;
      },
    },
  };
}

function storing(container: Partial<typeof silent>, unknown: readonly string[] = []): Trip {
  const stored: Stored = {
    kind: 'container',
    id: 'f'.repeat(64),
    name: 'web',
    object: { container: { ...silent, origin: 'stored', name: 'web', ...container } },
    unknown,
  };
  return trip({
    async reached({ containers }, _facts, hold, until) {
      await hold.take('used', containers, until);
      return [stored];
    },
  });
}

function post(uri: string, body?: object): Message {
  if (body === undefined) return { method: 'POST', uri, headers: {} };
  const headers = { 'Content-Type': 'application/json' };
  return { method: 'POST', uri, headers, body: Buffer.from(JSON.stringify(body)) };
}

const start = post('/v1.41/containers/web/start');

function later(milliseconds = 5000): number {
  return performance.now() + milliseconds;
}

describe('a start', () => {
  test.each([start, post('/v1.41/containers/web/restart?t=1')])(
    'is allowed where the stored container breaks nothing: $uri',
    async (message) => {
      expect(await admit(message, storing({}), later())).toMatchObject({ allow: true });
      expect(recorded).toMatchObject([{ facts: 'asked', gate: 'stored', resourceId: 'f'.repeat(64) }]);
    },
  );

  test.each([start, post('/v1.41/containers/web/restart?t=1')])(
    'is denied where it would not have been created so: $uri',
    async (message) => {
      const decision = await admit(message, storing({ privileged: true }), later());
      expect(decision).toMatchObject({
        allow: false,
        violations: [
          {
            rule: 'baseline/privileged',
            message: expect.stringMatching(/^the container `web` as it is stored: --privileged gives/),
            fix: expect.stringMatching(
              /^remove it \(docker rm\) and make it anew without that: drop --privileged/,
            ),
            source,
          },
        ],
      });
    },
  );

  // An Exception for one container that exists, by its id.
  const exceptionFor = (id: string) =>
    setOf(
      '{ profile: baseline }',
      `---\napiVersion: bulwark/v1\nkind: Exception\nmetadata: { name: old }\nspec: { rules: [baseline/privileged], match: { containers: ["${id}"] }, reason: older, expires: never }\n`,
    );

  test('of the container that an Exception names by its id is let off', async () => {
    const stored = { ...storing({ privileged: true }), policySet: () => exceptionFor('f'.repeat(64)) };
    expect(await admit(start, stored, later())).toMatchObject({ allow: true, exceptions: ['old'] });
  });

  test('of another container, or a new one of its name, is not let off by an id', async () => {
    const other = { ...storing({ privileged: true }), policySet: () => exceptionFor('e'.repeat(64)) };
    expect(await admit(start, other, later())).toMatchObject({ allow: false });
    const named = { ...storing({}), policySet: () => exceptionFor('f'.repeat(64)) };
    const create = post('/v1.41/containers/create?name=web', {
      Image: 'a',
      HostConfig: { Privileged: true },
    });
    expect(await admit(create, named, later())).toMatchObject({ allow: false });
  });

  test('is denied where the stored container has what nobody knows', async () => {
    const decision = await admit(start, storing({}, ['HostConfig.Future']), later());
    expect(decision.violations.map(({ rule }) => rule)).toEqual(['baseline/unknownFields']);
  });

  test('is denied, with the reason, where nothing could be learnt', async () => {
    const reached = async () => {
      throw new Refusal('facts-slow', 'too slow.');
    };
    const decision = await admit(start, trip({ reached }), later());
    expect(decision).toMatchObject({
      allow: false,
      action: 'container.start',
      violations: [{ rule: 'facts-slow' }],
    });
    expect(recorded).toMatchObject([{ facts: 'failed' }]);
    expect(recorded[0]?.gate).toBeUndefined();
  });

  test('is judged by the request alone where nothing is asked of the daemon, and the record says so', async () => {
    expect(await admit(start, trip(), later())).toMatchObject({ allow: true });
    expect(recorded).toMatchObject([{ facts: 'off' }]);
  });

  test('asks nothing where the request alone is denied', async () => {
    const checkpoint = post('/v1.41/containers/web/start?checkpoint=c');
    const decision = await admit(checkpoint, trip({}), later());
    expect(decision.allow).toBe(false);
    expect(recorded).toMatchObject([{ facts: 'none' }]);
  });

  test('asks nothing for policies that judge nothing', () => {
    const open = setOf('{ profile: privileged }');
    expect(admit(start, trip({}, undefined, open), later())).toMatchObject({ allow: true });
  });

  test('leaves time for the record', async () => {
    const until = later();
    let lookedUntil = 0;
    const reached: Facts['reached'] = (_reached, _facts, _hold, limit) => {
      lookedUntil = limit;
      return Promise.reject(new Refusal('facts-slow', 'too slow.'));
    };
    await admit(start, trip({ reached }), until);
    expect(lookedUntil).toBeLessThan(until - 500);
  });

  test('fails where the look-up has a bug, which denies', async () => {
    const reached = () => Promise.reject(new TypeError('a bug'));
    await expect(admit(start, trip({ reached }), later())).rejects.toThrow(TypeError);
  });
});

describe('what a request names', () => {
  const nothing: Known = { volumes: new Map(), images: new Map(), networks: new Map() };
  const create = post('/v1.41/containers/create', { Image: 'app', HostConfig: { Binds: ['data:/d'] } });
  const options = new Map([
    ['type', 'none'],
    ['o', 'bind'],
    ['device', '/etc'],
  ]);

  test('is judged as the daemon has it', async () => {
    const known = async () => ({ ...nothing, volumes: new Map([['data', { driver: 'local', options }]]) });
    const decision = await admit(create, trip({ known }), later());
    expect(decision.violations.map(({ rule }) => rule)).toEqual(['baseline/binds', 'baseline/volumes']);
    expect(recorded).toMatchObject([{ facts: 'asked' }]);
    expect(recorded[0]?.gate).toBeUndefined();
  });

  test('passes where it is not there', async () => {
    expect(await admit(create, trip({ known: async () => nothing }), later())).toMatchObject({ allow: true });
  });

  test('is not passed where it cannot be learnt', async () => {
    const known = () => Promise.reject(new Refusal('facts-slow', 'too slow.'));
    const decision = await admit(create, trip({ known }), later());
    expect(decision).toMatchObject({ allow: false, violations: [{ rule: 'facts-slow' }] });
  });
});

describe('a name', () => {
  const createWeb = post('/v1.41/containers/create?name=web', {});
  const renameToWeb = post('/v1.41/containers/other/rename?name=web');

  test.each([createWeb, renameToWeb])(
    'whose container is judged goes to no other one before the daemon has answered: $uri',
    async (message) => {
      const all = storing({});
      await admit(start, all, later());
      expect(await admit(message, all, later(50))).toMatchObject({
        allow: false,
        violations: [{ rule: 'busy' }],
      });
      settle(start, all, start);
      expect(admit(message, all, later(50))).toMatchObject({ allow: true });
    },
  );

  test.each([createWeb, renameToWeb])(
    'that a container gets is not looked up before the daemon has answered: $uri',
    async (message) => {
      const all = storing({});
      expect(admit(message, all, later())).toMatchObject({ allow: true });
      expect(await admit(start, all, later(50))).toMatchObject({
        allow: false,
        violations: [{ rule: 'busy' }],
      });
      settle(message, all, message);
      expect(await admit(start, all, later(50))).toMatchObject({ allow: true });
    },
  );

  test('is free again after a denial', async () => {
    const all = storing({ privileged: true });
    await admit(start, all, later());
    expect(admit(createWeb, all, later())).toMatchObject({ allow: true });
  });

  test('is free again where the decision came too late', async () => {
    const all = storing({});
    await admit(start, all, later(-1));
    expect(admit(createWeb, all, later())).toMatchObject({ allow: true });
  });

  test('is free again after a bug', async () => {
    const all = storing({});
    const reached: Facts['reached'] = async (_reached, _facts, hold, until) => {
      await hold.take('used', ['web'], until);
      throw new TypeError('a bug');
    };
    const broken = { ...all, facts: { ...all.facts, reached } } as Trip;
    await expect(admit(start, broken, later())).rejects.toThrow(TypeError);
    expect(admit(createWeb, all, later())).toMatchObject({ allow: true });
  });

  test.each([
    post('/v1.41/containers/web/rename?name=old'),
    { ...start, method: 'DELETE', uri: '/v1.41/containers/web' },
  ])('may be taken away at any time: $uri', async (message) => {
    const all = storing({});
    await admit(start, all, later());
    expect(admit(message, all, later(50))).toMatchObject({ allow: true });
  });
});

describe('the start of an exec', () => {
  const id = 'e'.repeat(64);
  const create = post('/v1.41/containers/web/exec', { Cmd: ['true'] });
  const startExec = post(`/v1.41/exec/${id}/start`, { Detach: false });
  const answer = { ...create, status: 201, responseBody: Buffer.from(JSON.stringify({ Id: id })) };

  test('asks nothing where Bulwark saw it made', async () => {
    const all = storing({});
    await admit(create, all, later());
    settle(create, all, answer);
    expect(admit(startExec, all, later())).toMatchObject({ allow: true });
    expect(recorded.at(-1)).toMatchObject({ facts: 'none' });
  });

  test.each([
    ['nobody saw it made', () => {}],
    ['the daemon refused to make it', (all: Trip) => settle(create, all, { ...answer, status: 500 })],
  ])('is judged by its container where %s', async (_, made) => {
    const all = storing({});
    await admit(create, all, later());
    made(all);
    await admit(startExec, all, later());
    expect(recorded.at(-1)).toMatchObject({ facts: 'asked', gate: 'stored' });
  });

  test('is judged anew under other policies', async () => {
    const all = storing({});
    await admit(create, all, later());
    settle(create, all, answer);
    const others = { ...all, policySet: () => setOf('{ profile: baseline } # another') };
    await admit(startExec, others, later());
    expect(recorded.at(-1)).toMatchObject({ gate: 'stored' });
  });
});

describe('the container in which Bulwark runs', () => {
  const id = 'b'.repeat(64);
  const byId = post(`/v1.41/containers/${id.slice(0, 6)}/kill`);

  /** @param look what asking the daemon for it does */
  function inContainer(look: () => Promise<void>): Trip {
    const all = trip({
      async findOwn() {
        await look();
        Object.assign(all.facts ?? {}, { ownId: id });
      },
    });
    return { ...all, protect: { ...all.protect, container: 'bulwark' } };
  }

  test('is known by its id too, for which the daemon is asked once', async () => {
    let asked = 0;
    const all = inContainer(async () => {
      asked += 1;
    });
    for (let at = 0; at < 2; at += 1) {
      const decision = await admit(byId, all, later());
      expect(decision.violations.map(({ rule }) => rule)).toEqual(['baseline/actions.self']);
    }
    expect(asked).toBe(1);
  });

  test('is not touched where the daemon does not say which it is', async () => {
    const all = inContainer(() => Promise.reject(new Refusal('facts-slow', 'too slow.')));
    expect(await admit(byId, all, later())).toMatchObject({
      allow: false,
      violations: [{ rule: 'facts-slow' }],
    });
  });
});

test.each([post('/v1.41/containers/web/stop'), { ...start, method: 'GET', uri: '/v1.41/containers/json' }])(
  'what starts nothing is answered at once, and asks nothing: $uri',
  (message) => {
    const decision = admit(message, trip({}), later());
    expect(decision).not.toBeInstanceOf(Promise);
    expect(decision).toMatchObject({ allow: true });
    expect(recorded).toMatchObject([{ facts: 'none' }]);
  },
);

test("Bulwark's own look-up passes without being judged or recorded", () => {
  const decision = admit(start, trip({ isOwn: () => true }), later());
  expect(decision).toMatchObject({ allow: true, action: ownLookUp });
  expect(recorded).toEqual([]);
});

describe('a path of the host', () => {
  const create = (HostConfig: object): Message => ({
    method: 'POST',
    uri: '/v1.41/containers/create',
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify({ Image: 'alpine', HostConfig })),
  });

  /** A host with these links. */
  function linking(links: Readonly<Record<string, string>>): NonNullable<Trip['hostFiles']> {
    return {
      leads: async (paths) =>
        new Map(paths.flatMap((path) => (links[path] === undefined ? [] : [[path, links[path]]]))),
    };
  }

  const unasked: NonNullable<Trip['hostFiles']> = { leads: () => Promise.reject(new Error('asked')) };

  test('passes where it leads nowhere else', async () => {
    const decision = await admit(create({ Binds: ['/srv/a:/x'] }), trip(undefined, linking({})), later());
    expect(decision.allow).toBe(true);
    expect(recorded[0]?.request?.object.leads).toBeUndefined();
  });

  test('passes where it leads to what may be bound, and the record says where', async () => {
    const hostFiles = linking({ '/srv/a': '/srv/b' });
    const decision = await admit(create({ Binds: ['/srv/a:/x'] }), trip(undefined, hostFiles), later());
    expect(decision.allow).toBe(true);
    expect(recorded[0]?.request?.object.leads).toEqual(new Map([['/srv/a', '/srv/b']]));
  });

  test.each([
    create({ Binds: ['/srv/a:/x'] }),
    create({ Mounts: [{ Type: 'bind', Source: '/srv/a', Target: '/x' }] }),
  ])('is denied where a link leads to what may not be', async (message) => {
    const decision = await admit(message, trip(undefined, linking({ '/srv/a': '/etc' })), later());
    expect(decision).toMatchObject({
      allow: false,
      violations: [
        { rule: 'baseline/binds', message: expect.stringContaining('`/srv/a` leads to `/etc` on this host') },
      ],
    });
  });

  test('is denied where nobody can tell where it leads', async () => {
    const leads = async () => {
      throw new Refusal('host-files-slow', 'too slow.');
    };
    const decision = await admit(create({ Binds: ['/srv/a:/x'] }), trip(undefined, { leads }), later());
    expect(decision).toMatchObject({ allow: false, violations: [{ rule: 'host-files-slow' }] });
    expect(recorded).toMatchObject([{ facts: 'off', request: { action: 'container.create' } }]);
  });

  test.each([
    ['the request has none', create({ Binds: ['data:/x'] }), set],
    ['no policy judges one', create({ Binds: ['/srv/a:/x'] }), setOf('{}')],
  ])('costs nothing where %s', (_, message, policies) => {
    expect(admit(message, trip(undefined, unasked, policies), later())).toMatchObject({ allow: true });
  });

  test('is not looked at where the request is denied as it is written', () => {
    const decision = admit(create({ Binds: ['/etc:/x'] }), trip(undefined, unasked), later());
    expect(decision).toMatchObject({ allow: false, violations: [{ rule: 'baseline/binds' }] });
  });

  test('of a stored container is followed when it starts', async () => {
    const mount = { type: 'bind', source: '/srv/a', target: '/x', flag: '-v /srv/a:/x' } as const;
    const mounts = [{ ...mount, readOnly: false, writableBelow: false, options: [] }];
    const stored = storing({ mounts });
    const hostFiles = linking({ '/srv/a': '/etc' });
    expect(await admit(start, { ...stored, hostFiles: linking({}) }, later())).toMatchObject({ allow: true });
    expect(await admit(start, { ...stored, hostFiles }, later())).toMatchObject({
      allow: false,
      violations: [
        {
          rule: 'baseline/binds',
          message: expect.stringMatching(
            /^the container `web` as it is stored: .*`\/srv\/a` leads to `\/etc`/,
          ),
        },
      ],
    });
  });

  test('of a stored container that nobody can follow keeps it from starting', async () => {
    const mount = { type: 'bind', source: '/srv/a', target: '/x', flag: '-v /srv/a:/x' } as const;
    const stored = storing({ mounts: [{ ...mount, readOnly: false, writableBelow: false, options: [] }] });
    const leads = async () => {
      throw new Refusal('host-files-unreadable', 'EIO.');
    };
    const decision = await admit(start, { ...stored, hostFiles: { leads } }, later());
    expect(decision).toMatchObject({ allow: false, violations: [{ rule: 'host-files-unreadable' }] });
  });
});

describe('who only watches', () => {
  const audit = setOf('{ profile: baseline, mode: audit }');
  const open = setOf('{ profile: privileged }');
  const strict = setOf('{ controls: { privileged: {}, user: { nonRoot: require } } }');
  const run = (body: object) => post('/v1.41/containers/create', { Image: 'alpine', ...body });
  const weak = run({ HostConfig: { Privileged: true } });
  const rules = ({ observed = [] }: { observed?: readonly { rule: string; mode?: string }[] }) =>
    observed.map(({ rule, mode }) => `${mode}:${rule}`);

  test('denies nothing: a policy that audits', async () => {
    const decision = await admit(weak, trip(undefined, undefined, audit), later());
    expect(decision).toMatchObject({ allow: true, violations: [] });
    expect(rules(decision)).toEqual(['audit:baseline/privileged']);
  });

  test('denies nothing: a set that is tried, with its own mode and digest', async () => {
    const all = { ...trip(undefined, undefined, open), shadowSet: () => strict };
    const decision = await admit(weak, all, later());
    expect(decision.allow).toBe(true);
    expect(rules(decision)).toEqual(['shadow:baseline/privileged', 'shadow:baseline/user']);
    expect(recorded).toMatchObject([{ policySet: open.digest, shadowSet: strict.digest }]);
  });

  test('is heard beside a denial', async () => {
    const all = { ...trip(), shadowSet: () => strict };
    const decision = await admit(weak, all, later());
    expect(decision).toMatchObject({ allow: false, violations: [{ rule: 'baseline/privileged' }] });
    expect(rules(decision)).toContain('shadow:baseline/privileged');
  });

  test('knows what the daemon knows', async () => {
    const user = { given: '1000', name: '1000', uid: 1000, root: 'no', rootGroup: 'yes' } as const;
    const image = { names: [], digests: [], user };
    const known = async (): Promise<Known> => ({
      volumes: new Map(),
      networks: new Map(),
      images: new Map([['alpine', image]]),
    });
    const all = { ...trip({ known }, undefined, open), shadowSet: () => strict };
    expect(rules(await admit(run({}), all, later()))).toEqual([]);
  });

  test('passes the second gate of its own, and takes no name', async () => {
    const all = { ...storing({ privileged: true }), policySet: () => open, shadowSet: () => strict };
    const decision = await admit(start, all, later());
    expect(decision.allow).toBe(true);
    expect(rules(decision)).toContain('shadow:baseline/privileged');
    expect(all.facts?.guard.isIdle).toBe(true);
  });

  test.each([
    ['cannot be learnt', () => Promise.reject(new Refusal('facts-slow', 'too slow.')), 'facts-slow'],
    ['is met by a bug', () => Promise.reject(new Error('a bug')), 'internal-error'],
  ])('denies nothing where what it asks %s', async (_, known, rule) => {
    const all = { ...trip({ known }, undefined, open), shadowSet: () => strict };
    const decision = await admit(run({}), all, later());
    expect(decision.allow).toBe(true);
    expect(rules(decision)).toEqual([`shadow:${rule}`]);
  });

  test('holds nobody up for long', async () => {
    let asked = 0;
    const known = (_: unknown, until: number) => {
      asked = until - performance.now();
      return Promise.reject(new Refusal('facts-slow', 'too slow.'));
    };
    const all = { ...trip({ known }, undefined, open), shadowSet: () => strict };
    await admit(run({}), all, later(60_000));
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(1000);
  });
});

describe('a policy that speaks of labels or images', () => {
  const prod = setOf(
    '{ match: { labels: { tier: prod } }, controls: { actions: { deny: [{ actions: [container.stop, exec.start], message: no. }] } } }',
  );
  const stop = post('/v1.41/containers/web/stop');
  const labelled = (tier: string) => ({
    ...storing({ labels: new Map([['tier', tier]]) }),
    policySet: () => prod,
  });

  test.each([
    ['prod', false],
    ['test', true],
  ])('means the container that a request is about: %s', async (tier, allow) => {
    const all = labelled(tier);
    expect(await admit(stop, { ...all, facts: linkedFirst(all) }, later())).toMatchObject({ allow });
    expect(recorded).toMatchObject([{ facts: 'asked' }]);
  });

  test('asks nothing where none of its controls looks at the request', () => {
    const set = setOf('{ match: { labels: { tier: prod } }, controls: { exec: {} } }');
    expect(admit(stop, trip({}, undefined, set), later())).toMatchObject({ allow: true });
  });

  test('does not go by what was said of an exec before', async () => {
    const all = labelled('prod');
    all.facts?.execs.made(
      Buffer.from('{"Id":"e1"}'),
      JSON.stringify([prod.digest, 'none', 'system:anonymous', ['system:unauthenticated']]),
    );
    expect(await admit(post('/v1.41/exec/e1/start', {}), all, later())).toMatchObject({ allow: false });
  });

  test('lets off by what the container is, and not by what nobody can tell', async () => {
    const exception =
      '---\napiVersion: bulwark/v1\nkind: Exception\nmetadata: { name: once }\nspec: { rules: ["*/memory"], match: { labels: { tier: prod } }, reason: x, expires: never }\n';
    const set = setOf('{ controls: { memory: { max: 1g } } }', exception);
    const update = post('/v1.41/containers/web/update', { Memory: 2 ** 31 });
    for (const [tier, allow] of [
      ['prod', true],
      ['test', false],
    ] as const) {
      const all = { ...labelled(tier), policySet: () => set };
      expect(await admit(update, { ...all, facts: linkedFirst(all) }, later())).toMatchObject({ allow });
    }
    expect(await admit(update, trip(undefined, undefined, set), later())).toMatchObject({ allow: false });
  });

  test('judges a request once more with all that is known of it', async () => {
    const exception =
      '---\napiVersion: bulwark/v1\nkind: Exception\nmetadata: { name: once }\nspec: { rules: ["*/memory"], match: { images: [other] }, reason: x, expires: never }\n';
    const set = setOf('{ controls: { user: { nonRoot: require } } }', exception);
    const user = { given: '1000', name: '1000', uid: 1000, root: 'no', rootGroup: 'yes' } as const;
    const known = async (): Promise<Known> => ({
      volumes: new Map(),
      networks: new Map(),
      images: new Map([['alpine', { names: [], digests: [], user }]]),
    });
    const joining = post('/v1.41/containers/create', {
      Image: 'alpine',
      HostConfig: { NetworkMode: 'container:web' },
    });
    const all = { ...storing({ user }), policySet: () => set };
    if (all.facts === undefined) throw new Error('there are no facts');
    expect(await admit(joining, { ...all, facts: { ...all.facts, known } }, later())).toMatchObject({
      allow: true,
    });
  });

  /** What is asked for though it may be gone is named as a link. */
  function linkedFirst({ facts }: Trip): Facts {
    if (facts === undefined) throw new Error('there are no facts');
    return {
      ...facts,
      reached: ({ containers, linked = [], ...more }, ...rest) =>
        facts.reached({ ...more, containers: [...containers, ...linked] }, ...rest),
    };
  }
});

describe('Access', () => {
  const access = (subjects: string, allow: string) =>
    `---\napiVersion: bulwark/v1\nkind: Access\nmetadata: { name: team }\nspec: { subjects: [${subjects}], allow: [{ actions: [${allow}] }] }\n`;

  test('refuses what nobody granted, before anything is asked of the daemon', async () => {
    const set = setOf('{ profile: baseline }', access('"*"', 'image.*'));
    const decision = await admit(start, trip({}, undefined, set), later());
    expect(decision).toMatchObject({ allow: false, violations: [{ rule: 'access/not-granted' }] });
    expect(recorded).toMatchObject([{ facts: 'none' }]);
  });

  test('never keeps a client from asking whether the daemon is there', async () => {
    const set = setOf('{ profile: baseline }', access('"user:alice"', 'image.*'));
    const ping = { method: 'HEAD', uri: '/_ping', headers: {} };
    expect(await admit(ping, trip(undefined, undefined, set), later())).toMatchObject({ allow: true });
  });
});

describe('an exception', () => {
  const exception = (expires: string) =>
    `---\napiVersion: bulwark/v1\nkind: Exception\nmetadata: { name: once }\nspec: { rules: [baseline/privileged], match: { subjects: ["*"] }, reason: x, expires: ${expires} }\n`;
  const weak = post('/v1.41/containers/create', { Image: 'alpine', HostConfig: { Privileged: true } });

  test('lets off, at both gates, and the record names it', async () => {
    const set = setOf('{ profile: baseline }', exception('never'));
    expect(await admit(weak, trip(undefined, undefined, set), later())).toMatchObject({
      allow: true,
      exceptions: ['once'],
    });
    const all = { ...storing({ privileged: true }), policySet: () => set };
    expect(await admit(start, all, later())).toMatchObject({ allow: true, exceptions: ['once'] });
  });

  test('does nothing once it has ended', async () => {
    const set = setOf('{ profile: baseline }', exception('2020-01-01'));
    expect(await admit(weak, trip(undefined, undefined, set), later())).toMatchObject({ allow: false });
  });
});

describe('who asks', () => {
  const alice = { name: 'alice', groups: ['web', 'system:authenticated'], method: 'token' as const };
  const list = { method: 'GET', uri: '/v1.41/containers/json', headers: {} };
  const ping = { method: 'GET', uri: '/_ping', headers: {} };
  const refused = () => new Refusal('certificate-expired', 'it has.');
  const refusing: readonly [string, Trip['identify']][] = [
    [
      'at once',
      () => {
        throw refused();
      },
    ],
    ['later', () => Promise.reject(refused())],
  ];

  test.each<[string, Trip['identify']]>([
    ['at once', () => alice],
    ['later', async () => alice],
  ])('is whom the decision and its record name: %s', async (_, identify) => {
    expect(await admit(list, { ...trip(), identify }, later())).toMatchObject({
      allow: true,
      subject: alice,
    });
    expect(recorded).toMatchObject([{ decision: { subject: alice } }]);
  });

  test.each(refusing)(
    'is refused %s: what was asked stands in the record, and nobody asked it',
    async (_, identify) => {
      const decision = await admit(list, { ...trip(), identify }, later());
      expect(decision).toMatchObject({
        allow: false,
        action: 'container.list',
        subject: anonymous,
        refusedName: true,
        violations: [{ rule: 'certificate-expired', message: 'it has.' }],
      });
      expect(recorded).toMatchObject([{ request: { action: 'container.list' }, policySet: set.digest }]);
    },
  );

  // Else no client could tell why.
  test.each(refusing)('may ask for the version, refused or not: %s', async (_, identify) => {
    expect(await admit(ping, { ...trip(), identify }, later())).toMatchObject({ allow: true });
  });

  test.each(refusing)('is refused %s also where the request cannot be read', async (_, identify) => {
    const decision = await admit({ ...list, uri: '/nonsense' }, { ...trip(), identify }, later());
    expect(decision).toMatchObject({ allow: false, violations: [{ rule: 'unknown-route' }] });
  });

  test('that cannot be found out for a fault is nobody, and it is not asked on', async () => {
    const broken = new Error('a bug');
    const identify = () => Promise.reject(broken);
    await expect(admit(list, { ...trip(), identify }, later())).rejects.toBe(broken);
    expect(() =>
      admit(
        list,
        {
          ...trip(),
          identify: () => {
            throw broken;
          },
        },
        later(),
      ),
    ).toThrow(broken);
    expect(recorded).toEqual([]);
  });
});

describe('a volume', () => {
  const create = post('/v1.41/volumes/create', { Name: 'data' });
  const having = (...names: readonly string[]): Partial<Facts> => ({
    known: async ({ volumes }) => ({
      ...{ images: new Map(), networks: new Map() },
      volumes: new Map(
        volumes
          .filter((name) => names.includes(name))
          .map((name) => [name, { driver: 'local', options: new Map() }]),
      ),
    }),
  });
  const obligations = () => recorded.map((one) => one.obligations);

  test.each<[string, Message, readonly string[], readonly string[] | undefined]>([
    ['new', create, [], ['own volume data']],
    ['there already', create, ['data'], undefined],
    [
      'new, by a container',
      post('/v1.41/containers/create', { HostConfig: { Binds: ['data:/d', 'logs:/l', '/srv/x:/s'] } }),
      ['logs'],
      ['own volume data'],
    ],
    ['without a name', post('/v1.41/volumes/create', {}), [], undefined],
  ])('that is %s', async (_, message, there, owned) => {
    expect(await admit(message, trip(having(...there)), later())).toMatchObject({ allow: true });
    expect(obligations()).toEqual([owned]);
  });

  test('is looked for also where no policy asks', async () => {
    const open = setOf('{ profile: privileged }');
    await admit(create, trip(having(), undefined, open), later());
    expect(obligations()).toEqual([['own volume data']]);
  });

  test('is that of who asked first, until the daemon has answered', async () => {
    const all = trip(having());
    await Promise.all([admit(create, all, later()), admit(create, all, later())]);
    settle(create, all, { ...create, status: 201 });
    // The second one is under way still, and has claimed nothing.
    await admit(create, all, later());
    expect(obligations()).toEqual([['own volume data'], undefined, ['own volume data']]);
  });

  test('cannot be claimed by what is denied', async () => {
    const all = trip(having());
    const denied = post('/v1.41/containers/create', { HostConfig: { Binds: ['data:/d', '/:/host'] } });
    expect(await admit(denied, all, later())).toMatchObject({ allow: false });
    await admit(create, all, later());
    expect(obligations()).toEqual([undefined, ['own volume data']]);
  });

  test('of which nothing can be learnt is not made', async () => {
    const known = () => Promise.reject(new Refusal('facts-slow', 'too slow.'));
    expect(await admit(create, trip({ known }), later())).toMatchObject({
      allow: false,
      violations: [{ rule: 'facts-slow' }],
    });
  });
});
