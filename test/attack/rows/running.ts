/** What acts on a running container, on Bulwark's own, and by forms that never show: exec, update, kill, tag, archive. */
import type { Row, Step } from '../row.ts';
import { createTarget, ordinary, post } from './build.ts';
import { tar } from './tar.ts';

const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const;

function exec(
  id: string,
  target: string,
  body: object | string,
  more: Partial<Row> = {},
  step: Partial<Step> = {},
): Row {
  return {
    id: `exec-${id}`,
    kind: 'exec',
    stoppedAt: 'create',
    steps: [post(target, body, step)],
    holds: {
      get: '/containers/target/json',
      shows: { Execs: [{ ProcessConfig: { privileged: true, entrypoint: '{me}' } }] },
    },
    ...more,
  };
}

const asRoot = { Cmd: ['{me}'], Privileged: true };
const execTarget = '/v1.41/containers/target/exec';

const execs: readonly Row[] = [
  exec('privileged', execTarget, asRoot),
  exec('no-version', '/containers/target/exec', asRoot),
  exec('by-id', '/v1.41/containers/{look:/containers/target/json#Id}/exec', asRoot),
  exec('key-lower', execTarget, '{"cmd":["{me}"],"privileged":true}'),
  exec('key-escaped', execTarget, '{"Cmd":["{me}"],"Pri\\u0076ileged":true}'),
  exec('twice', execTarget, '{"Cmd":["{me}"],"Privileged":false,"Privileged":true}', { stoppedAt: 'read' }),
  exec('fold', execTarget, '{"Cmd":["{me}"],"Privileged":false,"privileged":true}', { stoppedAt: 'read' }),
  exec('null-keeps', execTarget, '{"Cmd":["{me}"],"Privileged":true,"Privileged":null}', {
    stoppedAt: 'read',
  }),
  exec('with-user', execTarget, { ...asRoot, User: '1000' }),
  exec('chunked', execTarget, asRoot, {}, { framing: 'chunked' }),
  exec('encoded', '/v1.41/containers/tar%67et/exe%63', asRoot),
  exec('encoded-slash', '/v1.41/containers/target%2fexec', asRoot),
  exec('large', execTarget, `${' '.repeat(1024 * 1024)}${JSON.stringify(asRoot)}`, {
    stoppedAt: { '20.10': 'read', '26.1': 'create' },
  }),
  exec('auth-suffix', `${execTarget}?x=/auth`, asRoot),
  exec('fragment', `${execTarget}?x=#y`, asRoot, { stoppedAt: 'read' }),
];

/** Parameters in a form body win over the query, and no plugin sees them. */
const forms: readonly Row[] = [
  {
    id: 'form-tag',
    kind: 'form body',
    stoppedAt: 'read',
    steps: [
      {
        method: 'POST',
        target: '/v1.41/images/busybox/tag?repo=harmless',
        headers: [form],
        body: 'repo={me}',
      },
    ],
    holds: { stored: 'image', says: '{me}:latest' },
    after: [
      { method: 'DELETE', target: '/images/{me}' },
      { method: 'DELETE', target: '/images/harmless' },
    ],
  },
  {
    id: 'form-tag-type-twice',
    kind: 'form body',
    stoppedAt: 'read',
    steps: [
      {
        method: 'POST',
        target: '/v1.41/images/busybox/tag?repo=harmless',
        headers: [form, ['Content-Type', 'text/plain']],
        body: 'repo={me}',
      },
    ],
    holds: { stored: 'image', says: '{me}:latest' },
    after: [{ method: 'DELETE', target: '/images/{me}' }],
  },
  {
    id: 'form-tag-type-twice-json',
    kind: 'form body',
    stoppedAt: 'read',
    steps: [
      {
        method: 'POST',
        target: '/v1.41/images/busybox/tag?repo=harmless',
        headers: [form, ['Content-Type', 'application/json']],
        body: 'repo={me}',
      },
    ],
    holds: { stored: 'image', says: '{me}:latest' },
    after: [{ method: 'DELETE', target: '/images/{me}' }],
  },
  {
    id: 'form-tag-chunked',
    kind: 'form body',
    stoppedAt: 'read',
    steps: [
      {
        method: 'POST',
        target: '/v1.41/images/busybox/tag?repo=harmless',
        headers: [form],
        body: 'repo={me}',
        framing: 'chunked',
      },
    ],
    holds: { stored: 'image', says: '{me}:latest' },
    after: [{ method: 'DELETE', target: '/images/{me}' }],
  },
  {
    id: 'form-kill',
    kind: 'form body',
    stoppedAt: 'read',
    before: [
      post(createTarget, { ...ordinary, Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: 'none' } }),
      post('/v1.41/containers/{me}/start'),
    ],
    steps: [
      {
        method: 'POST',
        target: '/v1.41/containers/{me}/kill?signal=WINCH',
        headers: [form],
        body: 'signal=KILL',
      },
    ],
    holds: { get: '/containers/{me}/json', shows: { State: { Status: 'exited' } } },
  },
  {
    id: 'form-rename',
    kind: 'form body',
    stoppedAt: 'read',
    before: [post(createTarget, ordinary)],
    steps: [
      {
        method: 'POST',
        target: '/v1.41/containers/{me}/rename?name=x',
        headers: [form],
        body: 'name={me}-moved',
      },
    ],
    holds: { container: { Name: '/{me}-moved' }, named: '{me}-moved' },
    after: [{ method: 'DELETE', target: '/containers/{me}-moved' }],
  },
];

const forbidden = '127.0.0.1:5000/forbidden/tool';

/** An image that the house has forbidden, by the ways in which a pull can be asked for. */
function pull(id: string, query: string, step: Partial<Step>, stoppedAt: Row['stoppedAt']): Row {
  return {
    id: `pull-${id}`,
    kind: 'pull',
    stoppedAt,
    steps: [{ method: 'POST', target: `/v1.41/images/create?${query}`, ...step }],
    holds: { get: `/images/${forbidden}/json`, shows: { Id: /^sha256:/ } },
    after: [{ method: 'DELETE', target: `/images/${forbidden}` }],
  };
}

const pullForm = `fromImage=${forbidden}&tag=latest`;
const tarType = ['Content-Type', 'application/x-tar'] as const;

const pulls: readonly Row[] = [
  pull('plain', `fromImage=${forbidden}&tag=latest`, {}, 'create'),
  pull('tag-in-name', `fromImage=${encodeURIComponent(`${forbidden}:latest`)}`, {}, 'create'),
  pull('twice', `fromImage=${forbidden}&tag=latest&fromImage=busybox`, {}, 'read'),
  pull('form', 'fromImage=busybox', { headers: [form], body: pullForm }, 'read'),
  pull('form-type-twice', 'fromImage=busybox', { headers: [form, tarType], body: pullForm }, 'read'),
  pull(
    'form-type-twice-import-url',
    'fromSrc=http%3A%2F%2F127.0.0.1%3A8099%2F&repo=x',
    { headers: [form, tarType], body: pullForm },
    'read',
  ),
  pull('form-type-twice-import', 'fromSrc=-&repo=x', { headers: [form, tarType], body: pullForm }, 'front'),
];

/** It stays from row to row; who finds it stopped or gone brings it back. */
const makeBulwark: readonly Step[] = [
  {
    ...post('/v1.41/containers/create?name=bulwark', {
      ...ordinary,
      Cmd: ['sleep', '1000'],
      HostConfig: { NetworkMode: 'none' },
    }),
    mayFail: true,
  },
];
const runBulwark: readonly Step[] = [...makeBulwark, post('/v1.41/containers/bulwark/start')];

function onBulwark(id: string, steps: readonly Step[], holds: Row['holds'], more: Partial<Row> = {}): Row {
  return {
    id: `bulwark-${id}`,
    kind: "Bulwark's own container",
    stoppedAt: 'create',
    before: runBulwark,
    steps,
    holds,
    ...more,
  };
}

const exited: Row['holds'] = { get: '/containers/bulwark/json', shows: { State: { Status: 'exited' } } };

const own: readonly Row[] = [
  onBulwark('stop', [post('/v1.41/containers/bulwark/stop?t=0')], exited),
  onBulwark('kill', [post('/v1.41/containers/bulwark/kill')], exited),
  onBulwark(
    'pause',
    [post('/v1.41/containers/bulwark/pause')],
    {
      container: { State: { Paused: true } },
      named: 'bulwark',
    },
    // Not unpaused: dockerd marks it paused at once, and again when containerd tells, which may be after an unpause.
    { after: [{ method: 'DELETE', target: '/v1.41/containers/bulwark?force=1' }], alone: true },
  ),
  onBulwark('restart', [post('/v1.41/containers/bulwark/restart?t=0')], {
    get: '/containers/bulwark/json',
    lacks: '{look:/containers/bulwark/json#State.StartedAt}',
  }),
  onBulwark('remove', [{ method: 'DELETE', target: '/v1.41/containers/bulwark?force=1' }], {
    missing: '/containers/bulwark/json',
  }),
  onBulwark(
    'rename',
    [post('/v1.41/containers/bulwark/rename?name={me}-moved')],
    {
      container: { Name: '/{me}-moved' },
      named: '{me}-moved',
    },
    { after: [{ method: 'DELETE', target: '/containers/{me}-moved?force=1' }] },
  ),
  onBulwark('update', [post('/v1.41/containers/bulwark/update', { Memory: 6_291_456, MemorySwap: -1 })], {
    container: { HostConfig: { Memory: 6_291_456 } },
    named: 'bulwark',
  }),
  onBulwark('exec', [post('/v1.41/containers/bulwark/exec', { Cmd: ['{me}'] })], {
    get: '/containers/bulwark/json',
    shows: { Execs: [{ ProcessConfig: { entrypoint: '{me}' } }] },
  }),
  onBulwark('exec-encoded', [post('/v1.41/containers/b%75lwark/exec', { Cmd: ['{me}'] })], {
    get: '/containers/bulwark/json',
    shows: { Execs: [{ ProcessConfig: { entrypoint: '{me}' } }] },
  }),
  onBulwark(
    'copy-in',
    [
      {
        method: 'PUT',
        target: '/v1.41/containers/bulwark/archive?path=/tmp',
        headers: [['Content-Type', 'application/x-tar']],
        body: tar({ 'planted-by-attack': 'x' }),
      },
    ],
    { get: '/containers/bulwark/changes', shows: [{ Path: '/tmp/planted-by-attack' }] },
  ),
  onBulwark('kill-by-id', [post('/v1.41/containers/{look:/containers/bulwark/json#Id}/kill')], exited),
  onBulwark(
    'remove-by-id',
    [{ method: 'DELETE', target: '/v1.41/containers/{look:/containers/bulwark/json#Id}?force=1' }],
    {
      missing: '/containers/bulwark/json',
    },
  ),
];

export const running: readonly Row[] = [...execs, ...forms, ...pulls, ...own];
