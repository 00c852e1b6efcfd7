import { beforeEach, describe, expect, test } from 'vitest';
import { admit, ownLookUp, type Trip } from './admit.ts';
import type { StoredContainer } from './facts/facts.ts';
import type { Judged } from './ledger/draft.ts';
import { Refusal } from './model/error.ts';
import type { Message } from './model/message.ts';
import { silent } from './normalize/container.ts';
import { compilePolicy, type PolicySet } from './policy/compile.ts';

const source = { file: 'baseline.yaml', line: 4 };
const set: PolicySet = {
  digest: '0'.repeat(64),
  documents: 1,
  policies: [
    compilePolicy({ name: 'baseline', profile: 'baseline', profileSource: source, controls: new Map() }),
  ],
};

/** What was recorded. */
let recorded: Judged[];
beforeEach(() => {
  recorded = [];
});

function trip(facts?: Trip['facts'], hostFiles?: Trip['hostFiles'], policySet = set): Trip {
  return {
    policySet: () => policySet,
    protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
    ...(facts && { facts }),
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
  const stored: StoredContainer = {
    id: 'f'.repeat(64),
    name: 'web',
    object: { container: { ...silent, origin: 'stored', name: 'web', ...container } },
    unknown,
  };
  return trip({ isOwn: () => false, reached: async () => [stored] });
}

function post(uri: string): Message {
  return { method: 'POST', uri, headers: {} };
}

const start = post('/v1.41/containers/web/start');

function later(): number {
  return performance.now() + 5000;
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

  test('is denied where the stored container has what nobody knows', async () => {
    const decision = await admit(start, storing({}, ['HostConfig.Future']), later());
    expect(decision.violations.map(({ rule }) => rule)).toEqual(['baseline/unknownFields']);
  });

  test('is denied, with the reason, where nothing could be learnt', async () => {
    const reached = async () => {
      throw new Refusal('facts-slow', 'too slow.');
    };
    const decision = await admit(start, trip({ isOwn: () => false, reached }), later());
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
    const reached = () => Promise.reject(new Error('asked'));
    const checkpoint = post('/v1.41/containers/web/start?checkpoint=c');
    const decision = await admit(checkpoint, trip({ isOwn: () => false, reached }), later());
    expect(decision.allow).toBe(false);
    expect(recorded).toMatchObject([{ facts: 'none' }]);
  });

  test('leaves time for the record', async () => {
    const until = later();
    let lookedUntil = 0;
    const reached = (_: unknown, limit: number) => {
      lookedUntil = limit;
      return Promise.reject(new Refusal('facts-slow', 'too slow.'));
    };
    await admit(start, trip({ isOwn: () => false, reached }), until);
    expect(lookedUntil).toBeLessThan(until - 500);
  });

  test('fails where the look-up has a bug, which denies', async () => {
    const reached = () => Promise.reject(new TypeError('a bug'));
    await expect(admit(start, trip({ isOwn: () => false, reached }), later())).rejects.toThrow(TypeError);
  });
});

test.each([post('/v1.41/containers/web/stop'), { ...start, method: 'GET', uri: '/v1.41/containers/json' }])(
  'what starts nothing is answered at once, and asks nothing: $uri',
  (message) => {
    const reached = () => Promise.reject(new Error('asked'));
    const decision = admit(message, trip({ isOwn: () => false, reached }), later());
    expect(decision).not.toBeInstanceOf(Promise);
    expect(decision).toMatchObject({ allow: true });
    expect(recorded).toMatchObject([{ facts: 'none' }]);
  },
);

test("Bulwark's own look-up passes without being judged or recorded", () => {
  const reached = () => Promise.reject(new Error('asked'));
  const decision = admit(start, trip({ isOwn: () => true, reached }), later());
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
    ['no policy judges one', create({ Binds: ['/srv/a:/x'] }), { ...set, policies: [] }],
  ])('costs nothing where %s', (_, message, policySet) => {
    expect(admit(message, trip(undefined, unasked, policySet), later())).toMatchObject({ allow: true });
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
