/** Volumes that reach the host: by volume.create, and by the options of a mount. */
import { planted } from '../planted.ts';
import type { Pattern, Row, Step } from '../row.ts';
import { createStep, createTarget, ordinary, post, stores } from './build.ts';

type Options = Readonly<Record<string, string>>;

const bindEtc: Options = { type: 'none', o: 'bind', device: '/etc' };
const removed: readonly Step[] = [{ method: 'DELETE', target: '/volumes/{me}?force=1' }];

/** opts.json on disk: 20.10 and 26.1 write its keys alike. */
function storedOptions({ type, o, device }: Options): Pattern {
  return {
    Options: {
      ...(type !== undefined && { MountType: type }),
      ...(o !== undefined && { MountOpts: o }),
      ...(device !== undefined && { MountDevice: device }),
    },
  };
}

function makes(id: string, options: Options, more: Partial<Row> = {}): Row {
  return {
    id: `volume-${id}`,
    kind: 'volume.create',
    stoppedAt: 'create',
    steps: [post('/v1.41/volumes/create', { Name: '{me}', Driver: 'local', DriverOpts: options })],
    holds: { volume: storedOptions(options) },
    after: removed,
    ...more,
  };
}

function makesByText(id: string, body: string, options: Options, more: Partial<Row> = {}): Row {
  return makes(id, options, { steps: [post('/v1.41/volumes/create', body)], ...more });
}

const created: readonly Row[] = [
  makes('bind', bindEtc),
  makes('rbind', { type: 'none', o: 'rbind', device: '/' }),
  makes('bind-among', { type: 'none', o: 'ro,noexec,bind', device: '/root' }),
  makes('bind-first', { type: 'none', o: 'bind,ro', device: '/etc' }),
  makes('bind-as-tmpfs', { type: 'tmpfs', o: 'bind', device: '/etc' }),
  makes('bind-as-anything', { type: 'whatever', o: 'bind', device: '/etc' }),
  makes('bind-as-nfs', { type: 'nfs', o: 'bind,addr=192.0.2.9', device: '/etc' }),
  makes('bind-climb', { type: 'none', o: 'bind', device: '/srv/../etc' }),
  makes('bind-socket', { type: 'none', o: 'bind', device: '/run/docker.sock' }),
  makes('block', { type: 'ext4', device: '/dev/vda1' }),
  makes('block-other', { type: 'xfs', o: 'ro', device: '/dev/disk/by-label/root' }),
  makes('overlay', { type: 'overlay', o: 'lowerdir=/,upperdir=/srv/u,workdir=/srv/w', device: 'overlay' }),
  makes('overlay-lower', { type: 'overlay', o: 'lowerdir=/etc:/root', device: 'x' }),
  makes('proc', { type: 'proc', device: 'proc' }),
  makes('sysfs', { type: 'sysfs', device: 'sysfs' }),
  makes('devtmpfs', { type: 'devtmpfs', device: 'devtmpfs' }),
  makes('debugfs', { type: 'debugfs', device: 'debugfs' }),
  makes('cgroup2', { type: 'cgroup2', device: 'cgroup2' }),
  makesByText('no-driver', JSON.stringify({ Name: '{me}', DriverOpts: bindEtc }), bindEtc),
  makesByText('driver-null', JSON.stringify({ Name: '{me}', Driver: null, DriverOpts: bindEtc }), bindEtc),
  makesByText('keys-lower', JSON.stringify({ name: '{me}', driveropts: bindEtc }), bindEtc),
  makesByText(
    'options-twice',
    '{"Name":"{me}","DriverOpts":{"type":"none","device":"/etc"},"DriverOpts":{"o":"bind"}}',
    bindEtc,
    { stoppedAt: 'read' },
  ),
  makesByText(
    'option-twice',
    '{"Name":"{me}","DriverOpts":{"type":"none","device":"/etc","o":"ro","o":"bind"}}',
    bindEtc,
    { stoppedAt: 'read' },
  ),
  makesByText(
    'long-s',
    '{"Name":"{me}","DriverOpt\u017f":{"type":"none","device":"/etc","o":"bind"}}',
    bindEtc,
    {
      stoppedAt: 'read',
    },
  ),
  makesByText(
    'fold-twice',
    '{"Name":"{me}","DriverOpts":{},"driverOpts":{"type":"none","device":"/etc","o":"bind"}}',
    bindEtc,
    { stoppedAt: 'read' },
  ),
  makes('no-version', bindEtc, {
    steps: [post('/volumes/create', { Name: '{me}', DriverOpts: bindEtc })],
  }),
  makes('chunked', bindEtc, {
    steps: [post('/v1.41/volumes/create', { Name: '{me}', DriverOpts: bindEtc }, { framing: 'chunked' })],
  }),
  makes('encoded-path', bindEtc, {
    steps: [post('/v1.41/volumes%2fcreate', { Name: '{me}', DriverOpts: bindEtc })],
  }),
  makes('escaped-option', bindEtc, {
    steps: [
      post(
        '/v1.41/volumes/create',
        '{"Name":"{me}","DriverOpts":{"type":"none","\\u006f":"b\\u0069nd","device":"/etc"}}',
      ),
    ],
  }),
];

/** `--mount type=volume,volume-opt=...`: a volume on the way. */
function byMount(id: string, mount: object, holds: Row['holds'], more: Partial<Row> = {}): Row {
  return {
    id: `mount-volume-${id}`,
    kind: 'volume options of a mount',
    stoppedAt: 'create',
    steps: [createStep({ Mounts: [{ Type: 'volume', Target: '/h', ...mount }] })],
    holds,
    after: removed,
    ...more,
  };
}

const driver = (name: string | undefined, Options: object) => ({
  VolumeOptions: { DriverConfig: { ...(name !== undefined && { Name: name }), Options } },
});
const bound: Row['holds'] = { volume: storedOptions(bindEtc) };

const onTheWay: readonly Row[] = [
  byMount('named', { Source: '{me}', ...driver('local', bindEtc) }, bound),
  byMount('driver-unnamed', { Source: '{me}', ...driver(undefined, bindEtc) }, bound),
  byMount('driver-empty', { Source: '{me}', ...driver('', bindEtc) }, bound),
  byMount(
    'overlay',
    { Source: '{me}', ...driver('local', { type: 'overlay', o: 'lowerdir=/', device: 'x' }) },
    {
      volume: storedOptions({ type: 'overlay', o: 'lowerdir=/' }),
    },
  ),
  byMount(
    'block',
    { Source: '{me}', ...driver('local', { type: 'ext4', device: '/dev/vda1' }) },
    {
      volume: storedOptions({ type: 'ext4', device: '/dev/vda1' }),
    },
  ),
  byMount('unnamed', driver('local', { ...bindEtc, device: '/etc/unnamed-volume' }), {
    stored: 'volumes',
    says: '/etc/unnamed-volume',
  }),
  byMount('read-only', { Source: '{me}', ReadOnly: true, ...driver('local', bindEtc) }, bound),
  byMount('folded', {}, bound, {
    steps: [
      post(
        createTarget,
        JSON.stringify({
          ...ordinary,
          HostConfig: {
            Mounts: [
              {
                type: 'volume',
                source: '{me}',
                target: '/h',
                volumeoptions: { driverconfig: { name: 'local', options: bindEtc } },
              },
            ],
          },
        }),
      ),
    ],
  }),
];

/** Two steps, and the host's file comes back. */
const used: readonly Row[] = [
  {
    id: 'volume-then-run',
    kind: 'two steps',
    stoppedAt: 'create',
    steps: [
      post('/v1.41/volumes/create', { Name: '{me}', DriverOpts: bindEtc }),
      createStep(
        { NetworkMode: 'none', Binds: ['{me}:/h'] },
        { fields: { Cmd: ['cat', `/h/${planted.file.slice('/etc/'.length)}`] } },
      ),
      post('/v1.41/containers/{me}/start'),
      post('/v1.41/containers/{me}/wait', undefined, { patience: 10_000 }),
      { method: 'GET', target: '/v1.41/containers/{me}/logs?stdout=1' },
    ],
    holds: { answered: planted.secret },
    after: removed,
  },
  {
    id: 'volume-then-copy',
    kind: 'two steps',
    stoppedAt: 'create',
    steps: [
      post('/v1.41/volumes/create', { Name: '{me}', DriverOpts: bindEtc }),
      createStep({ Binds: ['{me}:/h'] }),
      {
        method: 'GET',
        target: `/v1.41/containers/{me}/archive?path=/h/${planted.file.slice('/etc/'.length)}`,
      },
    ],
    holds: { answered: planted.secret },
    after: removed,
  },
  stores(
    'volume-driver-of-binds',
    'volume driver',
    {
      Binds: ['{me}:/h'],
      VolumeDriver: 'local',
      Mounts: [{ Type: 'volume', Source: '{me}-2', Target: '/i', ...driver('local', bindEtc) }],
    },
    { MountPoints: { '/i': { Name: '{me}-2' } } },
    { after: [...removed, { method: 'DELETE', target: '/volumes/{me}-2?force=1' }] },
  ),
];

export const volumes: readonly Row[] = [...created, ...onTheWay, ...used];
