/**
 * What only a look at the daemon's own state, or at the host's files, can stop: containers, volumes and services that were
 * there before Bulwark, links below an allowed path, names of other things, images under another name.
 */
import { planted } from '../planted.ts';
import type { Row, Step } from '../row.ts';
import { createStep, createTarget, ordinary, post, privileged } from './build.ts';
import { tar } from './tar.ts';

const file = planted.file.slice('/etc/'.length);
const readIt = ['cat', `/h/${file}`];
const copyOut = (name: string): Step => ({
  method: 'GET',
  target: `/v1.41/containers/${name}/archive?path=/h/${file}`,
});
const start = post('/v1.41/containers/{me}/start');
const makeOld = (host: object, Cmd: readonly string[] = ['sleep', '1000']): Step =>
  createStep({ NetworkMode: 'none', ...host }, { fields: { Cmd, OpenStdin: true } });
const etc = { Binds: ['/etc:/h'] };
const run: readonly Step[] = [start, post('/v1.41/containers/{me}/wait', undefined, { patience: 10_000 })];
const logs: Step = { method: 'GET', target: '/v1.41/containers/{me}/logs?stdout=1' };

function stored(
  id: string,
  kind: string,
  steps: readonly Step[],
  holds: Row['holds'],
  more: Partial<Row> = {},
): Row {
  return { id, kind, stoppedAt: 'start', steps, holds, ...more };
}

/** Seen by who looks where the path leads. */
function link(id: string, steps: readonly Step[], holds: Row['holds'], more: Partial<Row> = {}): Row {
  return { ...stored(id, 'links', steps, holds, more), stoppedAt: 'create' };
}

const old: readonly Row[] = [
  stored(
    'old-start',
    'old containers',
    [start, post('/v1.41/containers/{me}/wait', undefined, { patience: 10_000 })],
    { exists: '/etc/{me}' },
    {
      before: [makeOld(etc, ['touch', '/h/a-old-start'])],
    },
  ),
  stored(
    'old-restart',
    'old containers',
    [post('/v1.41/containers/{me}/restart?t=0')],
    {
      container: { State: { Running: true }, HostConfig: { Binds: ['/etc:/h'] } },
    },
    { before: [makeOld(etc)] },
  ),
  stored(
    'old-host-network',
    'old containers',
    [...run, logs],
    { answered: planted.hostInterface },
    {
      before: [makeOld({ NetworkMode: 'host' }, ['cat', '/proc/net/dev'])],
    },
  ),
  stored(
    'old-copy-out',
    'copies',
    [copyOut('{me}')],
    { answered: planted.secret },
    { before: [makeOld(etc)] },
  ),
  stored(
    'old-stat',
    'copies',
    [{ ...copyOut('{me}'), method: 'HEAD' }],
    { answered: 'X-Docker-Container-Path-Stat' },
    {
      before: [makeOld(etc)],
    },
  ),
  stored(
    'old-copy-in',
    'copies',
    [
      {
        method: 'PUT',
        target: '/v1.41/containers/{me}/archive?path=/h',
        headers: [['Content-Type', 'application/x-tar']],
        body: tar({ 'copied-in': 'by an attack' }),
      },
    ],
    { file: '/etc/copied-in', says: 'by an attack' },
    { before: [makeOld(etc)] },
  ),
  stored('old-exec', 'old containers', [post('/v1.41/containers/strong/exec', { Cmd: ['{me}'] })], {
    get: '/containers/strong/json',
    shows: { Execs: [{ ProcessConfig: { entrypoint: '{me}' } }] },
  }),
  stored(
    'old-exec-start',
    'old containers',
    [
      post(
        '/v1.41/exec/{look:/containers/@me/json#ExecIDs.0}/start',
        { Detach: false },
        { later: '', until: planted.secret, patience: 5000 },
      ),
    ],
    { answered: planted.secret },
    {
      before: [makeOld(etc), start, post('/v1.41/containers/{me}/exec', { Cmd: readIt, AttachStdout: true })],
    },
  ),
  stored(
    'old-attach',
    'old containers',
    [
      {
        method: 'POST',
        target: '/v1.41/containers/strong/attach?stream=1&stdin=1&stdout=1',
        framing: 'none',
        later: 'touch /h/{me}\necho do""ne\n',
        until: 'done',
        patience: 5000,
      },
    ],
    { exists: '/etc/{me}' },
  ),
  stored(
    'old-attach-logs',
    'old containers',
    [
      post('/v1.41/containers/strong/attach?logs=1&stdout=1', undefined, {
        later: '',
        until: planted.secret,
        patience: 5000,
      }),
    ],
    { answered: planted.secret },
  ),
  stored(
    'old-renamed',
    'names that move',
    [
      post('/v1.41/containers/strong/rename?name={me}-friend'),
      post('/v1.41/containers/{me}-friend/exec', { Cmd: ['{me}'] }),
    ],
    { get: '/containers/{me}-friend/json', shows: { Execs: [{ ProcessConfig: { entrypoint: '{me}' } }] } },
    {
      // Whether it goes through or not, it is called `strong` again afterwards.
      before: [],
      after: [post('/v1.41/containers/{me}-friend/rename?name=strong')],
      alone: true,
    },
  ),
];

const joins: readonly Row[] = [
  stored('volumes-from', 'joins', [createStep({ VolumesFrom: ['strong'] }), copyOut('{me}')], {
    answered: planted.secret,
  }),
  stored(
    'join-network',
    'joins',
    [
      createStep({ NetworkMode: 'container:strong' }, { fields: { Cmd: ['cat', '/proc/net/dev'] } }),
      ...run,
      logs,
    ],
    { answered: planted.hostInterface },
  ),
  stored(
    'join-pid',
    'joins',
    [
      createStep(
        { NetworkMode: 'none', PidMode: 'container:strong' },
        { fields: { Cmd: ['cat', '/proc/1/cmdline'] } },
      ),
      ...run,
      logs,
    ],
    { answered: 'docker-init' },
  ),
  stored(
    'join-ipc',
    'joins',
    [
      createStep(
        { NetworkMode: 'none', IpcMode: 'container:strong' },
        { fields: { Cmd: ['ls', '/dev/shm'] } },
      ),
      ...run,
      logs,
    ],
    { answered: 'of-the-host' },
  ),
];

const bindVolume: Step = post('/v1.41/volumes/create', {
  Name: '{me}',
  DriverOpts: { type: 'none', o: 'bind', device: '/etc' },
});
const removeVolume: readonly Step[] = [{ method: 'DELETE', target: '/volumes/{me}?force=1' }];

const reached: readonly Row[] = [
  stored(
    'old-volume',
    'old volumes',
    [createStep({ Binds: ['{me}:/h'] }), copyOut('{me}')],
    { answered: planted.secret },
    { stoppedAt: 'create', before: [bindVolume], after: removeVolume },
  ),
  stored(
    'old-volume-mount',
    'old volumes',
    [createStep({ Mounts: [{ Type: 'volume', Source: '{me}', Target: '/h' }] }), copyOut('{me}')],
    { answered: planted.secret },
    { stoppedAt: 'create', before: [bindVolume], after: removeVolume },
  ),
  link('link', [createStep({ Binds: ['/srv/link:/h'] }), copyOut('{me}')], {
    answered: planted.secret,
  }),
  link(
    'link-mount',
    [createStep({ Mounts: [{ Type: 'bind', Source: '/srv/link', Target: '/h' }] }), copyOut('{me}')],
    { answered: planted.secret },
  ),
  link('link-below', [createStep({ Binds: ['/srv/link/ssl:/h'] })], {
    container: { MountPoints: { '/h': { Source: '/srv/link/ssl' } } },
  }),
  link(
    'link-made-inside',
    [
      createStep(
        { NetworkMode: 'none', Binds: ['/srv/project:/p'] },
        { fields: { Cmd: ['ln', '-sfn', '/etc', '/p/{me}'] } },
      ),
      ...run,
      post('/v1.41/containers/create?name={me}-2', {
        ...ordinary,
        HostConfig: { Binds: ['/srv/project/{me}:/h'] },
      }),
      copyOut('{me}-2'),
    ],
    { answered: planted.secret },
    { after: [{ method: 'DELETE', target: '/containers/{me}-2?force=1' }] },
  ),
];

const forbiddenId = '{look:/images/forbidden/tool/json#Id}';

const images: readonly Row[] = [
  stored(
    'image-by-id',
    'images',
    [post(createTarget, { ...ordinary, Image: forbiddenId })],
    {
      container: { Image: forbiddenId },
    },
    { stoppedAt: 'create' },
  ),
  stored(
    'image-retagged',
    'images',
    [post('/v1.41/images/forbidden/tool/tag?repo={me}'), post(createTarget, { ...ordinary, Image: '{me}' })],
    { container: { Image: forbiddenId } },
    { stoppedAt: 'create', after: [{ method: 'DELETE', target: '/images/{me}' }] },
  ),
  stored(
    'image-other-name',
    'images',
    [post(createTarget, { ...ordinary, Image: 'app' })],
    { container: { Image: forbiddenId } },
    { stoppedAt: 'create' },
  ),
];

const oldVersions = { release: '20.10', why: 'versions below 1.24 are refused from 25 on' } as const;
const legacyStart = (id: string, target: string, body: object, more: Partial<Row> = {}): Row => ({
  id: `legacy-start-${id}`,
  kind: 'start with a HostConfig',
  stoppedAt: 'read',
  before: [createStep({})],
  steps: [post(target, body)],
  holds: { container: { HostConfig: { Binds: ['/etc:/h'] } } },
  ...oldVersions,
  ...more,
});

const legacy: readonly Row[] = [
  legacyStart('plain', '/v1.23/containers/{me}/start', etc),
  legacyStart('wrapped', '/v1.23/containers/{me}/start', { HostConfig: etc }),
  legacyStart('v1.12', '/v1.12/containers/{me}/start', etc),
  legacyStart(
    'privileged',
    '/v1.23/containers/{me}/start',
    { Privileged: true },
    { holds: { container: privileged } },
  ),
  legacyStart('encoded-version', '/v1%2E23/containers/{me}/start', etc),
  {
    id: 'legacy-copy',
    kind: 'start with a HostConfig',
    stoppedAt: 'read',
    before: [makeOld(etc)],
    steps: [post('/v1.23/containers/{me}/copy', { Resource: `/h/${file}` })],
    holds: { answered: planted.secret },
    ...oldVersions,
  },
];

export const second: readonly Row[] = [...old, ...joins, ...reached, ...images, ...legacy];
