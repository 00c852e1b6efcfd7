import { describe, expect, it } from 'vitest';
import type { Code } from '../model/codes.ts';
import { Refusal } from '../model/error.ts';
import type { AdmissionRequest } from '../model/request.ts';
import { normalize } from './normalize.ts';

const json = { 'Content-Type': 'application/json' };

function request(method: string, path: string, body?: unknown): AdmissionRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return normalize({
    method,
    uri: path,
    headers: text === undefined ? {} : json,
    ...(text !== undefined && { body: new TextEncoder().encode(text) }),
  });
}

function codeOf(method: string, path: string, body?: unknown): string {
  try {
    request(method, path, body);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'read';
}

describe('normalize() refuses what cannot be read in one way', () => {
  it.each<[Code, string, string, unknown?]>([
    ['uri-form', 'GET', 'http://x/info'],
    ['uri-characters', 'GET', '/info#x'],
    ['uri-escape', 'GET', '/%zz'],
    ['uri-not-clean', 'GET', '/containers/%2e%2e/json'],
    ['version-form', 'GET', '/v1.041/info'],
    ['version-too-old', 'POST', '/v1.23/containers/x/start'],
    ['unknown-route', 'GET', '/containers'],
    ['unknown-route', 'POST', '/v1.41/containers/x/copy'],
    ['unknown-route', 'HEAD', '/containers/json'],
    ['query-malformed', 'GET', '/info?a;b'],
    ['query-duplicate', 'POST', '/containers/create?name=a&name=b', {}],
    ['body-absent', 'POST', '/containers/create'],
    ['start-with-body', 'POST', '/containers/x/start', { Binds: [] }],
    ['start-with-body', 'POST', '/containers/x/start', { HostConfig: {} }],
    // 20.10 to 26.1 take these for the HostConfig, also where they are empty: no mask is none.
    ['hostconfig-at-top-level', 'POST', '/containers/create', { Privileged: true }],
    ['hostconfig-at-top-level', 'POST', '/containers/create', { MASKEDPATHS: [] }],
    ['hostconfig-at-top-level', 'POST', '/containers/create', { Cpuset: '0', HostConfig: {} }],
    ['hostconfig-at-top-level', 'POST', '/containers/create', { Memory: 1, HostConfig: {} }],
    ['body-syntax', 'POST', '/containers/create', '{'],
    ['body-trailing-data', 'POST', '/containers/create', '{}{"HostConfig":{"Privileged":true}}'],
    ['body-not-utf8', 'POST', '/containers/create', '{"Image":"\\ud800"}'],
    [
      'body-duplicate-key',
      'POST',
      '/containers/create',
      '{"HostConfig":{},"hostconfig":{"Privileged":true}}',
    ],
    [
      'body-duplicate-key',
      'POST',
      '/networks/x/connect',
      '{"EndpointConfig":{"NetworkID":"a","networkid":"b"}}',
    ],
    ['body-key-not-ascii', 'POST', '/containers/create', '{"Ho\u017ftConfig":{"Privileged":true}}'],
    ['body-key-not-ascii', 'POST', '/services/create', '{"Ta\\u017fkTemplate":{}}'],
    ['body-null-element', 'POST', '/containers/create', '{"HostConfig":{"Binds":[null]}}'],
    [
      'body-null-element',
      'POST',
      '/containers/create',
      '{"NetworkingConfig":{"EndpointsConfig":{"x":null}}}',
    ],
    ['body-null-element', 'POST', '/containers/create', '{"HostConfig":{"Ulimits":[null]}}'],
    ['body-null-element', 'POST', '/plugins/pull?remote=x', '[null]'],
    ['body-wrong-type', 'POST', '/containers/x/exec', { Privileged: 'true' }],
    // A bare string stands for a list in some fields of a create, and nowhere else.
    ['body-wrong-type', 'POST', '/containers/x/exec', { Cmd: 'id' }],
    ['body-wrong-type', 'POST', '/swarm/init', 'null'],
    ['body-too-deep', 'POST', '/volumes/create', `{"X":${'['.repeat(200)}`],
    ['body-too-many-values', 'POST', '/volumes/create', { X: Array(60_000).fill(0) }],
    ['parameter-json', 'POST', '/build?labels=%7B'],
    ['changes-unreadable', 'POST', '/commit?changes=RUN%20id'],
  ])('%s: %s %s %j', (code, method, path, body) => {
    expect(codeOf(method, path, body)).toBe(code);
  });
});

describe('normalize() names what is acted on', () => {
  it.each<[string, string, unknown, string, string | undefined]>([
    ['POST', '/containers/create?name=web', {}, 'container', 'web'],
    ['POST', '/containers/create', {}, 'container', undefined],
    ['POST', '/containers/a%2fb/start', undefined, 'container', 'a/b'],
    ['POST', '/containers/x/rename?name=y', undefined, 'container', 'x'],
    ['POST', '/commit?container=x', undefined, 'container', 'x'],
    ['POST', '/containers/x/exec', { Cmd: ['id'] }, 'exec', 'x'],
    ['POST', '/exec/e/start', {}, 'exec', 'e'],
    ['POST', '/volumes/create', { Name: 'v' }, 'volume', 'v'],
    ['POST', '/volumes/create', {}, 'volume', undefined],
    ['POST', '/networks/create', { Name: 'n' }, 'network', 'n'],
    ['POST', '/networks/n/connect', { Container: 'c' }, 'network', 'n'],
    ['POST', '/services/create', { Name: 's' }, 'service', 's'],
    ['POST', '/services/id/update?version=1', { Name: 's' }, 'service', 'id'],
    ['POST', '/secrets/create', { Name: 's' }, 'secret', 's'],
    ['POST', '/plugins/pull?remote=r&name=p', [], 'plugin', 'p'],
    ['POST', '/plugins/pull?remote=r', [], 'plugin', 'r'],
    ['POST', '/plugins/create?name=p', undefined, 'plugin', 'p'],
    ['DELETE', '/containers/x/checkpoints/c', undefined, 'checkpoint', 'x'],
    ['POST', '/images/create?fromImage=a', undefined, 'image', undefined],
    ['POST', '/images/a/tag?repo=b', undefined, 'image', 'a'],
    ['GET', '/containers/json', undefined, 'container', undefined],
    ['OPTIONS', '/any', undefined, 'system', undefined],
  ])('%s %s %j: %s %s', (method, path, body, kind, ref) => {
    expect(request(method, path, body).resource).toEqual({ kind, ...(ref !== undefined && { ref }) });
  });
});

describe('normalize() says what the request speaks of', () => {
  it.each<[string, string, unknown, object]>([
    [
      'POST',
      '/containers/x/exec',
      { Privileged: true, User: '0', Env: ['A=b'] },
      { exec: { privileged: true, user: { root: 'yes' }, env: ['A'] } },
    ],
    ['POST', '/containers/x/exec', {}, { exec: { privileged: false, env: [] } }],
    ['POST', '/exec/e/start', {}, {}],
    [
      'POST',
      '/volumes/create',
      { Name: 'v', Driver: 'local', DriverOpts: { type: 'none', o: 'bind', device: '/' } },
      {
        volumes: [
          {
            name: 'v',
            driver: 'local',
            options: new Map([
              ['type', 'none'],
              ['o', 'bind'],
              ['device', '/'],
            ]),
            flag: 'docker volume create --opt type=none --opt o=bind --opt device=/ v',
          },
        ],
      },
    ],
    [
      'POST',
      '/networks/create',
      {
        Name: 'n',
        Driver: 'macvlan',
        Options: { parent: 'eth0' },
        IPAM: { Driver: 'x' },
        ConfigFrom: { Network: 't' },
      },
      {
        network: {
          name: 'n',
          driver: 'macvlan',
          options: new Map([['parent', 'eth0']]),
          ipamDriver: 'x',
          configFrom: 't',
        },
      },
    ],
    // A NetworkID joins another network than the path says (E 20.10, S 29.7).
    [
      'POST',
      '/networks/allowed/connect',
      { Container: 'c', EndpointConfig: { NetworkID: 'f00' } },
      { containerRef: 'c', endpoints: [{ network: 'f00' }] },
    ],
    ['POST', '/networks/n/disconnect', { Container: 'c', Force: true }, { containerRef: 'c' }],
    ['POST', '/containers/x/rename?name=y', undefined, { newName: 'y' }],
    [
      'HEAD',
      '/containers/x/archive?path=/h/../etc',
      undefined,
      { archive: { direction: 'out', path: '/etc' } },
    ],
    ['GET', '/containers/x/archive?path=etc', undefined, { archive: { direction: 'out', path: '/etc' } }],
    ['PUT', '/containers/x/archive?path=/', undefined, { archive: { direction: 'in', path: '/' } }],
    ['POST', '/containers/x/start?checkpoint=../../c', undefined, { checkpoint: { id: '../../c' } }],
    [
      'POST',
      '/containers/x/checkpoints',
      { CheckpointID: 'c', CheckpointDir: '/etc' },
      { checkpoint: { id: 'c', dir: '/etc' } },
    ],
    ['GET', '/containers/x/checkpoints?dir=/etc', undefined, { checkpoint: { id: '', dir: '/etc' } }],
    ['DELETE', '/containers/x/checkpoints/c?dir=/etc', undefined, { checkpoint: { id: 'c', dir: '/etc' } }],
    [
      'POST',
      '/plugins/pull?remote=r&name=p',
      [
        { Name: 'host pid namespace', Value: ['true'] },
        { Name: 'host ipc namespace', Value: ['true'] },
        { Name: 'device', Value: ['/dev/sda'] },
        { Name: 'allow-all-devices', Value: ['true'] },
      ],
      {
        plugin: { names: ['p', 'r'] },
        container: {
          origin: 'plugin',
          privileged: false,
          namespaces: { pid: { mode: 'host' }, ipc: { mode: 'host' } },
          devices: [{ path: '/dev/sda' }],
          deviceRules: ['a *:* rwm'],
        },
      },
    ],
    // A privilege that no release knows counts as all.
    [
      'POST',
      '/plugins/p/upgrade?remote=r',
      [{ Name: 'new', Value: [] }],
      { plugin: { names: ['p', 'r'] }, container: { privileged: true } },
    ],
    ['POST', '/plugins/p/set', ['A=1'], { plugin: { names: ['p'], settings: ['A=1'] } }],
    ['POST', '/plugins/p/disable?force=1', undefined, { plugin: { names: ['p'] } }],
    ['DELETE', '/plugins/reg.io/p:1', undefined, { plugin: { names: ['reg.io/p:1'] } }],
    [
      'POST',
      '/swarm/init',
      {
        Spec: {
          CAConfig: { ExternalCAs: [{ URL: 'https://ca', Options: { a: 'b' } }], SigningCAKey: 'k' },
          TaskDefaults: { LogDriver: { Name: 'gelf' } },
        },
      },
      {
        swarm: {
          externalCas: ['https://ca'],
          externalCaOptions: new Map([['a', 'b']]),
          signingCa: true,
          logging: { driver: 'gelf' },
        },
      },
    ],
    [
      'POST',
      '/swarm/update?version=1',
      { TaskDefaults: { LogDriver: { Name: 'gelf' } } },
      { swarm: { signingCa: false, logging: { driver: 'gelf' } } },
    ],
    ['POST', '/swarm/join', { RemoteAddrs: ['evil:2377'] }, { swarm: { remotes: ['evil:2377'] } }],
    [
      'POST',
      '/nodes/n/update?version=1',
      { Role: 'manager', Labels: { a: 'b' } },
      { swarm: { nodeRole: 'manager' }, labels: new Map([['a', 'b']]) },
    ],
    [
      'POST',
      '/secrets/create',
      { Name: 's', Data: 'c2VjcmV0', Driver: { Name: 'vault' } },
      { swarm: { secretDriver: 'vault' } },
    ],
    [
      'POST',
      '/configs/create',
      { Name: 's', Templating: { Name: 'golang' } },
      { swarm: { templating: 'golang' } },
    ],
  ])('%s %s %j', (method, path, body, object) => {
    expect(request(method, path, body).object).toMatchObject(object);
  });

  it('but not of secrets', () => {
    const told = [
      request('POST', '/secrets/create', { Name: 's', Data: 'c2VjcmV0' }),
      request('POST', '/configs/create', { Name: 's', Data: 'c2VjcmV0' }),
      request('POST', '/swarm/join', { JoinToken: 'c2VjcmV0', RemoteAddrs: ['a'] }),
      request('POST', '/swarm/unlock', { UnlockKey: 'c2VjcmV0' }),
      request('POST', '/swarm/init', { Spec: { CAConfig: { SigningCAKey: 'c2VjcmV0' } } }),
      request('POST', '/containers/x/exec', { Env: ['A=c2VjcmV0'] }),
      request('POST', '/containers/create', { Env: ['A=c2VjcmV0'] }),
    ];
    const text = JSON.stringify(told, (_, value) => (value instanceof Map ? [...value] : value));
    expect(text).not.toContain('c2VjcmV0');
  });
});

describe('normalize() tells what it does not know', () => {
  it.each<[string, string, unknown, string[]]>([
    ['POST', '/containers/create?new=1', { HostConfig: { New: 1 } }, ['?new', 'HostConfig.New']],
    ['POST', '/containers/create?toString=1', {}, ['?toString']],
    ['GET', '/containers/json?new=', undefined, []],
    [
      'POST',
      '/services/create',
      { TaskTemplate: { ContainerSpec: { Privileged: true } } },
      ['TaskTemplate.ContainerSpec.Privileged'],
    ],
    // dockerode repeats the body in the query, and docker-py the container in an exec's body.
    ['POST', '/containers/create?name=a&Image=x&HostConfig=%5B%5D', { name: 'a', Image: 'x' }, []],
    ['POST', '/containers/x/exec', { Container: 'x', Cmd: ['id'] }, []],
  ])('%s %s %j', (method, path, body, unknown) => {
    expect(request(method, path, body).unknown).toEqual(unknown);
  });
});
