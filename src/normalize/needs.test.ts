import { describe, expect, test } from 'vitest';
import type { Fact } from '../model/fact.ts';
import type { Message } from '../model/message.ts';
import { type Known, needsOf, withFacts } from './needs.ts';
import { normalize } from './normalize.ts';
import { parseUser, root } from './user.ts';

const all = new Set<Fact>(['image', 'volumes', 'networkNames', 'hostNetwork', 'defaults']);
const nothing: Known = { volumes: new Map(), images: new Map(), networks: new Map() };

function asked(uri: string, body: object) {
  const headers = { 'Content-Type': 'application/json' };
  const message: Message = { method: 'POST', uri, headers, body: Buffer.from(JSON.stringify(body)) };
  return normalize(message);
}

const create = (body: object) => asked('/v1.44/containers/create', body);
const service = (spec: object, more: object = {}) =>
  asked('/v1.44/services/create', { TaskTemplate: { ContainerSpec: spec }, ...more });
const mounts = [
  { Type: 'volume', Source: 'vol-a', Target: '/a' },
  { Type: 'bind', Source: '/srv', Target: '/s' },
  { Type: 'volume', Target: '/anonymous' },
];

describe('needsOf()', () => {
  test.each([
    [
      'a create',
      create({ Image: 'app', HostConfig: { Binds: ['vol-b:/b', 'vol-a:/x', '/etc:/e'], Mounts: mounts } }),
      ['vol-b', 'vol-a'],
    ],
    ['a service', service({ Image: 'app', Mounts: mounts }), ['vol-a']],
  ])('asks for the named volumes and the image of %s', (_, request, volumes) => {
    expect(needsOf(request.object, all)).toEqual({ volumes, images: ['app'], networks: [] });
  });

  test.each([
    ['its networks by id', ['f00', 'abcdefghijklmnopqrstuvwxy'], ['f00', 'abcdefghijklmnopqrstuvwxy']],
    ['none that cannot be an id', ['my-net', 'host', 'bridge', 'Web'], undefined],
  ])('asks of a service %s', (_, networks, wanted) => {
    const request = service({}, { Networks: networks.map((Target) => ({ Target })) });
    expect(needsOf(request.object, new Set<Fact>(['hostNetwork']))?.networks).toEqual(wanted);
  });

  test('asks for nothing that no policy wants', () => {
    const request = create({ Image: 'app', HostConfig: { Binds: ['vol-a:/a'], NetworkMode: 'f00' } });
    expect(needsOf(request.object, new Set())).toBeUndefined();
    // A container on the host's network says so by name.
    expect(needsOf(request.object, new Set<Fact>(['hostNetwork']))).toBeUndefined();
    expect(needsOf(request.object, new Set<Fact>(['networkNames']))?.networks).toEqual(['f00']);
  });

  test('asks for nothing where nothing is named', () => {
    expect(needsOf(create({ HostConfig: { Binds: ['/srv:/s'] } }).object, all)).toBeUndefined();
  });

  test('does not look up an image that is not run', () => {
    expect(needsOf(asked('/v1.44/images/app/tag?repo=other', {}).object, all)).toBeUndefined();
  });
});

describe('withFacts()', () => {
  test('adds the options of volumes that are there', () => {
    const { object } = create({ HostConfig: { Binds: ['vol-a:/a', 'gone:/g'] } });
    const options = new Map([['o', 'bind']]);
    const { volumes } = withFacts(object, {
      ...nothing,
      volumes: new Map([['vol-a', { driver: 'local', options }]]),
    });
    // Those of the request stay: where the volume is not there any more they count.
    expect(volumes?.map(({ name, options: { size } }) => [name, size])).toEqual([
      ['vol-a', 0],
      ['gone', 0],
      ['vol-a', 1],
    ]);
  });

  test.each([
    ['the USER of its image', {}, 'app', { uid: 1000 }],
    ['root where it has none', {}, 'rooty', { root: 'yes' }],
    ['the user that it names itself', { User: '7' }, 'app', { uid: 7 }],
  ])('gives a container %s', (_, body, Image, user) => {
    const images = new Map([
      ['app', { names: [], digests: [], user: parseUser('1000') ?? root }],
      ['rooty', { names: [], digests: [] }],
    ]);
    const { object } = create({ ...body, Image });
    expect(withFacts(object, { ...nothing, images }).container?.user).toMatchObject(user);
  });

  test('gives none where the image is not here', () => {
    const { object } = create({ Image: 'app' });
    const known = withFacts(object, { ...nothing, images: new Map([['app', 'absent']]) });
    expect(known.container?.user).toBeUndefined();
    expect(known.images?.[0]?.found).toBe('absent');
  });

  test("finds the host's network behind an id that a service names", () => {
    const { object } = service({}, { Networks: [{ Target: 'abc' }] });
    const known = withFacts(object, { ...nothing, networks: new Map([['abc', 'host']]) });
    expect(known.container?.namespaces.network.mode).toBe('host');
    expect(known.endpoints?.[0]?.network).toBe('host');
  });
});
