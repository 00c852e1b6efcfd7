import { describe, expect, test } from 'vitest';
import { Refusal } from '../model/error.ts';
import type { Fact } from '../model/fact.ts';
import type { RequestObject } from '../model/request.ts';
import { readContainer, readInfo, readVolume } from './answers.ts';
import { parseImage } from './image.ts';
import { fromInspect } from './inspect.ts';
import { type Known, needsOf, withFacts } from './needs.ts';

const nothing: Known = { networks: new Map(), volumes: new Map(), images: new Map() };
const defaults = { runtime: 'runc', logDriver: 'json-file' };
const all = new Set<Fact>(['image', 'volumes', 'networkNames', 'hostNetwork', 'defaults']);

function bytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function inspected(settings: object) {
  return readContainer(bytes({ Id: 'abc', Name: '/web', HostConfig: {}, Config: {}, ...settings }));
}

function stored(
  settings: object,
  known: Partial<Known> = {},
  own = defaults,
): Required<Pick<RequestObject, 'container'>> & RequestObject {
  const object = withFacts(fromInspect(inspected(settings), own), { ...nothing, ...known });
  if (object.container === undefined) throw new Error('no container');
  return { ...object, container: object.container };
}

function needs(settings: object) {
  const wanted = needsOf(fromInspect(inspected(settings), defaults), all);
  if (wanted === undefined) throw new Error('nothing is needed');
  return wanted;
}

/** What the daemon has filled in is not what anybody asked for. */
describe('fromInspect() takes out', () => {
  test.each([
    ['the shared memory that all have', { ShmSize: 67_108_864 }],
    ["the daemon's runtime", { Runtime: 'runc' }],
    ["the daemon's log driver", { LogConfig: { Type: 'json-file', Config: {} } }],
    ['the cgroup namespace of cgroup v1', { CgroupnsMode: 'host' }],
    ['lists that are empty', { Binds: null, Devices: [], Ulimits: null, PortBindings: {}, CapAdd: null }],
  ])('%s', (_, HostConfig) => {
    expect(stored({ HostConfig })).toEqual(stored({}));
  });

  test('the swap that follows from the memory', () => {
    const limits = stored({ HostConfig: { Memory: 1000, MemorySwap: 2000 } }).container.limits;
    expect(limits).toEqual(stored({ HostConfig: { Memory: 1000 } }).container.limits);
    expect(stored({ HostConfig: { Memory: 1000, MemorySwap: 3000 } }).container.limits.memorySwap).toBe(3000);
  });

  test.each([{ Privileged: true }, { PidMode: 'host' }, { IpcMode: 'host' }])(
    'the label=disable that follows from %j',
    (HostConfig) => {
      const SecurityOpt = ['label=disable'];
      expect(stored({ HostConfig: { ...HostConfig, SecurityOpt } })).toEqual(stored({ HostConfig }));
      expect(stored({ HostConfig: { SecurityOpt } }).container.security.labelDisable).toBe(true);
    },
  );

  test('the AppArmor profile that all have, and that of a privileged one', () => {
    expect(stored({ AppArmorProfile: 'docker-default' })).toEqual(stored({ AppArmorProfile: '' }));
    const HostConfig = { Privileged: true };
    expect(stored({ HostConfig, AppArmorProfile: 'unconfined' })).toEqual(stored({ HostConfig }));
  });
});

describe('fromInspect() keeps', () => {
  test('a runtime and a log driver that are not the default of this daemon', () => {
    const HostConfig = { Runtime: 'runc', LogConfig: { Type: 'json-file' } };
    const { container } = stored({ HostConfig }, {}, { runtime: 'kata', logDriver: 'journald' });
    expect(container.runtime).toBe('runc');
    expect(container.logging?.driver).toBe('json-file');
  });

  test('options of the default log driver', () => {
    const HostConfig = { LogConfig: { Type: 'json-file', Config: { tag: 'x' } } };
    expect(stored({ HostConfig }).container.logging).toEqual({
      driver: '',
      options: new Map([['tag', 'x']]),
    });
  });

  test('an AppArmor profile that no option tells of', () => {
    expect(stored({ AppArmorProfile: 'unconfined' }).container.security.appArmor).toBe('unconfined');
  });

  test('an empty list of masked paths, which is none, unlike an absent one', () => {
    expect(stored({ HostConfig: { MaskedPaths: [] } }).container.maskedPaths).toEqual([]);
    expect(stored({ HostConfig: { MaskedPaths: null } }).container.maskedPaths).toBeUndefined();
  });

  test("the image's user, and root where there is none", () => {
    expect(stored({ Config: { User: '' } }).container.user?.root).toBe('yes');
    expect(stored({ Config: { User: '1000:1000' } }).container.user?.uid).toBe(1000);
  });
});

describe('the mounts of a stored container', () => {
  const Mounts = [{ Type: 'bind', Source: '/etc', Destination: '/h', RW: true, Propagation: 'rprivate' }];

  test('are told once, by the flag that asked for them', () => {
    const { mounts } = stored({ HostConfig: { Binds: ['/etc/:/h'] }, Mounts }).container;
    expect(mounts.map(({ flag, source }) => ({ flag, source }))).toEqual([
      { flag: '-v /etc/:/h', source: '/etc' },
    ]);
  });

  test('include what VolumesFrom took over', () => {
    const { mounts } = stored({ HostConfig: { VolumesFrom: ['strong'] }, Mounts }).container;
    expect(mounts).toMatchObject([{ type: 'bind', source: '/etc', target: '/h', readOnly: false }]);
  });

  test.each([
    ['another source', { Source: '/root' }],
    ['more rights', { RW: true }, '/etc:/h:ro'],
    ['another propagation', { Propagation: 'rshared' }],
  ])('are told twice where the daemon resolved %s', (_, differs, bind = '/etc:/h') => {
    const resolved = Mounts.map((mount) => ({ ...mount, ...differs }));
    expect(stored({ HostConfig: { Binds: [bind] }, Mounts: resolved }).container.mounts).toHaveLength(2);
  });

  test('of a kind that nobody knows are kept as such', () => {
    expect(stored({ Mounts: [{ Type: 'portal', Destination: '/x' }] }).container.mounts[0]?.type).toBe(
      'other',
    );
  });

  test('bring what their volumes are made of', () => {
    const settings = {
      Mounts: [{ Type: 'volume', Name: 'v', Source: '/var/lib/docker/x', Destination: '/x', RW: true }],
    };
    expect(needs(settings).volumes).toEqual(['v']);
    const v = readVolume(bytes({ Driver: 'local', Options: { type: 'none', o: 'bind', device: '/etc' } }));
    const { volumes } = stored(settings, { volumes: new Map([['v', v]]) });
    expect(volumes?.[0]).toMatchObject({
      name: 'v',
      options: new Map([
        ['type', 'none'],
        ['o', 'bind'],
        ['device', '/etc'],
      ]),
    });
  });
});

describe('the networks of a stored container', () => {
  const settings = { NetworkSettings: { Networks: { app: { NetworkID: 'f00' } } } };

  test('go by the name of the id, which is what the daemon acts on', () => {
    expect(needs(settings).networks).toEqual(['f00']);
    const networks = new Map([['f00', 'secret']]);
    expect(stored(settings, { networks }).endpoints?.[0]?.network).toBe('secret');
    expect(stored(settings).endpoints?.[0]?.network).toBe('f00');
  });

  test("need no look-up where they are the daemon's own", () => {
    const own = { NetworkSettings: { Networks: { bridge: { NetworkID: 'f00' } } } };
    expect(needsOf(fromInspect(inspected(own), defaults), all)).toBeUndefined();
    expect(stored(own).endpoints?.[0]?.network).toBe('bridge');
  });
});

describe('the image of a stored container', () => {
  const settings = { Image: 'sha256:1', Config: { Image: 'app' } };
  const named = { names: [parseImage('app')], digests: [] };

  test('is looked up by its id, since the name may stand for another one by now', () => {
    expect(needs(settings).images).toEqual(['sha256:1']);
    const { images } = stored(settings, { images: new Map([['sha256:1', named]]) });
    expect(images).toMatchObject([{ role: 'run', ref: { given: 'app' }, found: named }]);
  });

  test('has no name left where it is gone', () => {
    const { images } = stored(settings, { images: new Map([['sha256:1', 'absent']]) });
    expect(images?.[0]?.found).toEqual({ names: [], digests: [] });
  });
});

/** Closed: what cannot be read in one way is no container that may start. */
describe('readContainer() refuses', () => {
  test.each([
    ['what is no JSON', 'not found'],
    ['what is no container', '{"message":"gone"}'],
    ['a container without its settings', '{"Id":"a","Config":{}}'],
    ['a wrong type', '{"Id":"a","Config":{},"HostConfig":{"Privileged":"no"}}'],
    ['a null in a list', '{"Id":"a","Config":{},"HostConfig":{"Binds":[null]}}'],
    ['a key given twice', '{"Id":"a","Config":{},"HostConfig":{"Privileged":true,"privileged":false}}'],
  ])('%s', (_, text) => {
    expect(() => readContainer(Buffer.from(text))).toThrow(Refusal);
    expect(() => readContainer(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'facts-unreadable' }),
    );
  });

  test('nothing that a newer daemon adds, which is unknown instead', () => {
    expect(inspected({ HostConfig: { FuturePrivilege: true } }).unknown).toEqual([
      'HostConfig.FuturePrivilege',
    ]);
  });
});

test("readInfo() gives the daemon's defaults", () => {
  const info = { DefaultRuntime: 'runc', LoggingDriver: 'local', Containers: 3 };
  expect(readInfo(bytes(info))).toEqual({ runtime: 'runc', logDriver: 'local' });
});
