/** Swarm, services, plugins, networks, checkpoints: what makes the daemon itself run or remove things. */
import type { Pattern, Row, Step } from '../row.ts';
import { createStep, post } from './build.ts';
import { pluginFiles, pluginPrivileges as privileges, tar } from './tar.ts';

const spec = (container: object, task: object = {}, more: object = {}) => ({
  Name: '{me}',
  TaskTemplate: { ContainerSpec: { Image: 'busybox', ...container }, ...task },
  Mode: { Replicated: { Replicas: 0 } },
  ...more,
});

const removeService: readonly Step[] = [{ method: 'DELETE', target: '/services/{me}' }];

function service(
  id: string,
  body: object | string,
  shows: Pattern,
  more: Partial<Row> = {},
  step: Partial<Step> = {},
): Row {
  return {
    id: `service-${id}`,
    kind: 'service',
    stoppedAt: 'create',
    steps: [post('/v1.41/services/create', body, step)],
    holds: { get: '/services/{me}', shows: { Spec: shows } },
    after: removeService,
    ...more,
  };
}

const inContainer = (pattern: Pattern): Pattern => ({ TaskTemplate: { ContainerSpec: pattern } });
const bindEtc = { Mounts: [{ Type: 'bind', Source: '/etc', Target: '/h' }] };
const boundEtc = inContainer({ Mounts: [{ Type: 'bind', Source: '/etc' }] });
const newer = { release: '26.1', why: 'newer than 20.10' } as const;
const v44 = (body: object): readonly Step[] => [post('/v1.44/services/create', body)];
const anyType = { release: '20.10', why: '26.1 reads JSON under its own Content-Type alone' } as const;

const services: readonly Row[] = [
  service('bind', spec(bindEtc), boundEtc),
  service(
    'bind-socket',
    spec({ Mounts: [{ Type: 'bind', Source: '/run/docker.sock', Target: '/s' }] }),
    inContainer({ Mounts: [{ Source: '/run/docker.sock' }] }),
  ),
  service(
    'bind-climb',
    spec({ Mounts: [{ Type: 'bind', Source: '/srv/../etc', Target: '/h' }] }),
    inContainer({ Mounts: [{ Source: '/srv/../etc' }] }),
  ),
  service(
    'bind-rshared',
    spec({
      Mounts: [{ Type: 'bind', Source: '/srv', Target: '/h', BindOptions: { Propagation: 'rshared' } }],
    }),
    inContainer({ Mounts: [{ BindOptions: { Propagation: 'rshared' } }] }),
  ),
  service(
    'volume-options',
    spec({
      Mounts: [
        {
          Type: 'volume',
          Source: 'x',
          Target: '/h',
          VolumeOptions: {
            DriverConfig: { Name: 'local', Options: { type: 'none', o: 'bind', device: '/etc' } },
          },
        },
      ],
    }),
    inContainer({ Mounts: [{ VolumeOptions: { DriverConfig: { Options: { o: 'bind' } } } }] }),
  ),
  service(
    'capability',
    spec({ CapabilityAdd: ['SYS_ADMIN'] }),
    inContainer({ CapabilityAdd: [/SYS_ADMIN$/] }),
  ),
  service(
    'capability-lower',
    spec({ CapabilityAdd: ['cap_sys_module'] }),
    inContainer({ CapabilityAdd: [/sys_module$/i] }),
  ),
  service('capability-all', spec({ CapabilityAdd: ['all'] }), inContainer({ CapabilityAdd: [/^all$/i] })),
  service('host-network', spec({}, { Networks: [{ Target: 'host' }] }), {
    TaskTemplate: { Networks: [{ Target: /./ }] },
  }),
  service('host-network-at-top', spec({}, {}, { Networks: [{ Target: 'host' }] }), {
    Networks: [{ Target: /./ }],
  }),
  service(
    'sysctl',
    spec({ Sysctls: { 'kernel.msgmax': '1' } }),
    inContainer({ Sysctls: { 'kernel.msgmax': '1' } }),
  ),
  service(
    'selinux',
    spec({ Privileges: { SELinuxContext: { Disable: true } } }),
    inContainer({ Privileges: { SELinuxContext: { Disable: true } } }),
  ),
  service(
    'selinux-type',
    spec({ Privileges: { SELinuxContext: { Type: 'spc_t' } } }),
    inContainer({ Privileges: { SELinuxContext: { Type: 'spc_t' } } }),
  ),
  service('seccomp', {}, inContainer({ Privileges: { Seccomp: { Mode: 'unconfined' } } }), {
    steps: v44(spec({ Privileges: { Seccomp: { Mode: 'unconfined' } } })),
    ...newer,
  }),
  service('seccomp-own', {}, inContainer({ Privileges: { Seccomp: { Mode: 'custom' } } }), {
    steps: v44(spec({ Privileges: { Seccomp: { Mode: 'custom', Profile: 'e30=' } } })),
    ...newer,
  }),
  service('apparmor', {}, inContainer({ Privileges: { AppArmor: { Mode: 'disabled' } } }), {
    steps: v44(spec({ Privileges: { AppArmor: { Mode: 'disabled' } } })),
    ...newer,
  }),
  service(
    'log-unix',
    spec({}, { LogDriver: { Name: 'syslog', Options: { 'syslog-address': 'unix:///run/docker.sock' } } }),
    { TaskTemplate: { LogDriver: { Options: { 'syslog-address': /unix/ } } } },
  ),
  service(
    'keys-lower',
    '{"name":"{me}","tasktemplate":{"containerspec":{"image":"busybox","mounts":[{"type":"bind","source":"/etc","target":"/h"}]}},"mode":{"replicated":{"replicas":0}}}',
    boundEtc,
  ),
  service(
    'twice',
    '{"Name":"{me}","TaskTemplate":{"ContainerSpec":{"Image":"busybox","Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}]}},"TaskTemplate":{},"Mode":{"Replicated":{"Replicas":0}}}',
    boundEtc,
    { stoppedAt: 'read' },
  ),
  service(
    'null-inherits',
    '{"Name":"{me}","TaskTemplate":{"ContainerSpec":{"Image":"busybox","Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}],"Mounts":[null]}},"Mode":{"Replicated":{"Replicas":0}}}',
    boundEtc,
    { stoppedAt: 'read' },
  ),
  service('chunked', spec(bindEtc), boundEtc, {}, { framing: 'chunked' }),
  service('large', `${' '.repeat(1024 * 1024)}${JSON.stringify(spec(bindEtc))}`, boundEtc, {
    stoppedAt: { '20.10': 'read', '26.1': 'create' },
  }),
  service(
    'text-plain',
    spec(bindEtc),
    boundEtc,
    { stoppedAt: 'read', ...anyType },
    { headers: [['Content-Type', 'text/plain']] },
  ),
  service('no-type', spec(bindEtc), boundEtc, { stoppedAt: 'read', ...anyType }, { headers: [] }),
  service(
    'form-type',
    spec(bindEtc),
    boundEtc,
    { stoppedAt: 'read', ...anyType },
    { headers: [['Content-Type', 'multipart/form-data; boundary=x']] },
  ),
  service('uri-does-not-parse', spec(bindEtc), boundEtc, {
    stoppedAt: 'read',
    steps: [post('/v1.41/services/create?a=#%zz', spec(bindEtc))],
  }),
  service('bad-escape', spec(bindEtc), boundEtc, {
    stoppedAt: 'read',
    steps: [post('/v1.41/services/create?%zz', spec(bindEtc))],
  }),
  service('auth-suffix', spec(bindEtc), boundEtc, {
    steps: [post('/v1.41/services/create?x=/auth', spec(bindEtc))],
  }),
  service('update', {}, boundEtc, {
    before: [post('/v1.41/services/create', spec({}))],
    steps: [post('/v1.41/services/{me}/update?version={look:/services/@me#Version.Index}', spec(bindEtc))],
  }),
  service('update-bad-pair', {}, boundEtc, {
    stoppedAt: 'read',
    before: [post('/v1.41/services/create', spec({}))],
    steps: [
      post('/v1.41/services/{me}/update?version={look:/services/@me#Version.Index}&%zz', spec(bindEtc)),
    ],
  }),
  service(
    'plugin',
    {},
    {},
    {
      holds: { get: '/services/{me}', says: 'evil/plugin' },
      steps: [
        post('/v1.41/services/create', {
          Name: '{me}',
          TaskTemplate: {
            Runtime: 'plugin',
            PluginSpec: {
              Name: '{me}',
              Remote: '127.0.0.1:5000/evil/plugin:latest',
              Disabled: true,
              Privileges: [{ Name: 'mount', Value: ['/etc'] }],
            },
          },
        }),
      ],
    },
  ),
  service('rollback', {}, boundEtc, {
    kind: 'two steps',
    stoppedAt: 'start',
    before: [
      post('/v1.41/services/create', spec(bindEtc)),
      post('/v1.41/services/{me}/update?version={look:/services/@me#Version.Index}', spec({})),
    ],
    steps: [
      post(
        '/v1.41/services/{me}/update?version={look:/services/@me#Version.Index}&rollback=previous',
        spec({}),
      ),
    ],
  }),
];

const removeNetwork: readonly Step[] = [{ method: 'DELETE', target: '/networks/{me}' }];

function network(id: string, body: object | string, shows: Pattern, more: Partial<Row> = {}): Row {
  return {
    id: `network-${id}`,
    kind: 'network',
    stoppedAt: 'create',
    steps: [post('/v1.41/networks/create', body)],
    holds: { get: '/networks/{me}', shows },
    after: removeNetwork,
    ...more,
  };
}

const bridgeName = { 'com.docker.network.bridge.name': 'br-host' };
const joined: Row['holds'] = { container: { NetworkSettings: { Networks: { secret: {} } } } };
const secretId = '{look:/networks/secret#Id}';

const networks: readonly Row[] = [
  network('bridge-name', { Name: '{me}', Driver: 'bridge', Options: bridgeName }, { Options: bridgeName }),
  network('bridge-name-no-driver', { Name: '{me}', Options: bridgeName }, { Options: bridgeName }),
  network('bridge-name-keys-lower', { name: '{me}', options: bridgeName }, { Options: bridgeName }),
  network(
    'bridge-name-twice',
    `{"Name":"{me}","Options":{},"Options":${JSON.stringify(bridgeName)}}`,
    { Options: bridgeName },
    { stoppedAt: 'read' },
  ),
  network(
    'macvlan-parent',
    { Name: '{me}', Driver: 'macvlan', Options: { parent: 'eth0' } },
    { Options: { parent: 'eth0' } },
  ),
  network(
    'macvlan-passthru',
    { Name: '{me}', Driver: 'macvlan', Options: { parent: 'eth0', macvlan_mode: 'passthru' } },
    { Options: { macvlan_mode: 'passthru' } },
  ),
  network(
    'ipvlan-parent',
    { Name: '{me}', Driver: 'ipvlan', Options: { parent: 'eth0' } },
    { Options: { parent: 'eth0' } },
  ),
  network(
    'config-only-parent',
    { Name: '{me}', ConfigOnly: true, Options: { parent: 'eth0' } },
    { Options: { parent: 'eth0' } },
  ),
  {
    id: 'network-create-other',
    kind: 'network by id',
    stoppedAt: 'create',
    steps: [createStep({ NetworkMode: 'secret' })],
    holds: { container: { HostConfig: { NetworkMode: 'secret' } } },
  },
  {
    id: 'network-create-endpoint',
    kind: 'network by id',
    stoppedAt: 'create',
    steps: [
      createStep(
        { NetworkMode: 'allowed' },
        { fields: { NetworkingConfig: { EndpointsConfig: { secret: {} } } } },
      ),
    ],
    holds: joined,
  },
  {
    id: 'network-create-none-endpoint',
    kind: 'network by id',
    stoppedAt: 'create',
    steps: [
      createStep(
        { NetworkMode: 'none' },
        { fields: { NetworkingConfig: { EndpointsConfig: { secret: {} } } } },
      ),
    ],
    holds: joined,
  },
  {
    id: 'network-create-networkid',
    kind: 'network by id',
    stoppedAt: 'create',
    steps: [
      createStep(
        { NetworkMode: 'allowed' },
        {
          fields: {
            Cmd: ['sleep', '1000'],
            NetworkingConfig: { EndpointsConfig: { allowed: { NetworkID: secretId } } },
          },
        },
      ),
      post('/v1.41/containers/{me}/start'),
    ],
    holds: { get: '/networks/secret', says: '"Name":"{me}"' },
  },
  {
    id: 'network-connect',
    kind: 'network by id',
    stoppedAt: 'create',
    before: [createStep({})],
    steps: [post('/v1.41/networks/secret/connect', { Container: '{me}' })],
    holds: joined,
  },
  {
    id: 'network-connect-networkid',
    kind: 'network by id',
    stoppedAt: 'create',
    before: [createStep({}, { fields: { Cmd: ['sleep', '1000'] } }), post('/v1.41/containers/{me}/start')],
    steps: [
      post('/v1.41/networks/allowed/connect', { Container: '{me}', EndpointConfig: { NetworkID: secretId } }),
    ],
    holds: { container: { NetworkSettings: { Networks: { secret: {} } } } },
  },
];

const removePlugin: readonly Step[] = [
  { method: 'DELETE', target: '/plugins/{me}?force=1' },
  { method: 'DELETE', target: '/plugins/bulwark?force=1' },
];
const tarType = { headers: [['Content-Type', 'application/x-tar']] } as const;
/** Two plugins of the same content cannot be there at once. */
const makePlugin = (salt: string): Step => ({
  method: 'POST',
  target: '/v1.41/plugins/create?name={me}',
  body: tar({ ...pluginFiles, 'rootfs/salt': salt }),
  ...tarType,
});
const remote = '127.0.0.1:5000/evil/plugin';

function plugin(id: string, steps: readonly Step[], holds: Row['holds'], more: Partial<Row> = {}): Row {
  return {
    id: `plugin-${id}`,
    kind: 'plugin',
    stoppedAt: 'create',
    steps,
    holds,
    after: removePlugin,
    ...more,
  };
}

const plugins: readonly Row[] = [
  plugin('create', [makePlugin('1')], { get: '/plugins/{me}/json', shows: { Name: '{me}:latest' } }),
  plugin('create-chunked', [{ ...makePlugin('2'), framing: 'chunked' }], {
    get: '/plugins/{me}/json',
    shows: { Name: '{me}:latest' },
  }),
  plugin('create-no-type', [{ ...makePlugin('3'), headers: [] }], {
    get: '/plugins/{me}/json',
    shows: { Name: '{me}:latest' },
  }),
  plugin('create-named-bulwark', [{ ...makePlugin('4'), target: '/v1.41/plugins/create?name=bulwark' }], {
    get: '/plugins/bulwark/json',
    shows: { Name: 'bulwark:latest' },
  }),
  plugin(
    'create-named-bulwark-tag',
    [{ ...makePlugin('5'), target: '/v1.41/plugins/create?name=bulwark:latest' }],
    { get: '/plugins/bulwark/json', shows: { Name: 'bulwark:latest' } },
  ),
  plugin('pull', [post(`/v1.41/plugins/pull?remote=${remote}&name={me}`, privileges)], {
    get: '/plugins/{me}/json',
    shows: { Name: '{me}:latest' },
  }),
  plugin(
    'pull-another-privilege',
    [
      post(`/v1.41/plugins/pull?remote=${remote}&name={me}`, [
        { Name: 'a', Description: '', Value: [] },
        ...privileges.slice(0, -1),
      ]),
    ],
    { get: '/plugins/{me}/json', shows: { Name: '{me}:latest' } },
    { release: '20.10', why: "Debian's 26.1.5 compares all of them" },
  ),
  plugin('pull-as-bulwark', [post(`/v1.41/plugins/pull?remote=${remote}&name=bulwark`, privileges)], {
    get: '/plugins/bulwark/json',
    shows: { Name: 'bulwark:latest' },
  }),
  plugin(
    'pull-text-plain',
    [
      post(`/v1.41/plugins/pull?remote=${remote}&name={me}`, privileges, {
        headers: [['Content-Type', 'text/plain']],
      }),
    ],
    { get: '/plugins/{me}/json', shows: { Name: '{me}:latest' } },
    { stoppedAt: 'read', ...anyType },
  ),
  plugin(
    'set',
    [post('/v1.41/plugins/{me}/set', ['host.source=/root'])],
    { get: '/plugins/{me}/json', shows: { Settings: { Mounts: [{ Source: '/root' }] } } },
    { before: [makePlugin('6')] },
  ),
  plugin(
    'set-uri-does-not-parse',
    [post('/v1.41/plugins/{me}/set?a=#%zz', ['host.source=/root'])],
    { get: '/plugins/{me}/json', shows: { Settings: { Mounts: [{ Source: '/root' }] } } },
    { stoppedAt: 'read', before: [makePlugin('7')] },
  ),
  plugin(
    'delete',
    [{ method: 'DELETE', target: '/v1.41/plugins/{me}?force=1' }],
    { missing: '/plugins/{me}/json' },
    { before: [makePlugin('8')] },
  ),
  plugin(
    'enable',
    [post('/v1.41/plugins/{me}/enable?timeout=5')],
    { exists: '/etc/bulwark-plugin-ran' },
    { before: [post(`/v1.41/plugins/pull?remote=${remote}&name={me}`, privileges)] },
  ),
  plugin(
    'upgrade',
    [post(`/v1.41/plugins/{me}/upgrade?remote=${remote}`, privileges)],
    { get: '/plugins/{me}/json', shows: { PluginReference: /evil/ } },
    { before: [makePlugin('9')] },
  ),
];

const checkpoint = (
  id: string,
  steps: readonly Step[],
  holds: Row['holds'],
  more: Partial<Row> = {},
): Row => ({
  id: `checkpoint-${id}`,
  kind: 'checkpoint',
  stoppedAt: 'create',
  steps,
  holds,
  ...more,
});

const checkpoints: readonly Row[] = [
  checkpoint(
    'create-folder',
    [post('/v1.41/containers/target/checkpoints', { CheckpointID: 'state', CheckpointDir: '/etc/{me}' })],
    { exists: '/etc/{me}' },
  ),
  checkpoint(
    'create-text-plain',
    [
      post(
        '/v1.41/containers/target/checkpoints',
        { CheckpointID: 'state', CheckpointDir: '/etc/{me}' },
        { headers: [['Content-Type', 'text/plain']] },
      ),
    ],
    { exists: '/etc/{me}' },
    { stoppedAt: 'read', ...anyType },
  ),
  checkpoint('list-folder', [{ method: 'GET', target: '/v1.41/containers/target/checkpoints?dir=/srv' }], {
    answered: 'a-checkpoint-list-folder',
  }),
  checkpoint(
    'delete-folder',
    [{ method: 'DELETE', target: '/v1.41/containers/target/checkpoints/{me}?dir=/srv' }],
    { gone: '/srv/{me}' },
  ),
  checkpoint(
    'delete-folder-encoded',
    [{ method: 'DELETE', target: '/v1.41/containers/target/checkpoint%73/{me}?dir=%2fsrv' }],
    { gone: '/srv/{me}' },
  ),
];

const nodeId = '{look:/info#Swarm.NodeID}';
const nodeVersion = '{look:/nodes#0.Version.Index}';
const node = (Availability: string) => ({ Role: 'manager', Availability });
const backToActive: readonly Step[] = [
  post(`/v1.41/nodes/${nodeId}/update?version=${nodeVersion}`, node('active')),
];
const drained: Row['holds'] = { get: '/nodes', says: '"Availability":"drain"' };

function swarm(id: string, steps: readonly Step[], holds: Row['holds'], more: Partial<Row> = {}): Row {
  return { id: `swarm-${id}`, kind: 'swarm', stoppedAt: 'create', steps, holds, ...more };
}

const swarmVersion = 'version={look:/swarm#Version.Index}';
const externalCa = (host: string) => ({
  Name: 'default',
  CAConfig: { ExternalCAs: [{ Protocol: 'cfssl', URL: `https://${host}/sign` }] },
});

const swarms: readonly Row[] = [
  swarm(
    'node-drain',
    [post(`/v1.41/nodes/${nodeId}/update?version=${nodeVersion}`, node('drain'))],
    drained,
    {
      after: backToActive,
    },
  ),
  swarm(
    'node-drain-bad-pair',
    [post(`/v1.41/nodes/${nodeId}/update?version=${nodeVersion}&%zz`, node('drain'))],
    drained,
    { stoppedAt: 'read', after: backToActive },
  ),
  swarm('external-ca', [post(`/v1.41/swarm/update?${swarmVersion}`, externalCa('a.example'))], {
    get: '/swarm',
    shows: { Spec: { CAConfig: { ExternalCAs: [{ URL: 'https://a.example/sign' }] } } },
  }),
  swarm(
    'external-ca-bad-pair',
    [post(`/v1.41/swarm/update?${swarmVersion}&a;b`, externalCa('b.example'))],
    {
      get: '/swarm',
      shows: { Spec: { CAConfig: { ExternalCAs: [{ URL: 'https://b.example/sign' }] } } },
    },
    { stoppedAt: 'read' },
  ),
  swarm(
    'external-ca-text-plain',
    [
      post(`/v1.41/swarm/update?${swarmVersion}`, externalCa('c.example'), {
        headers: [['Content-Type', 'text/plain']],
      }),
    ],
    { get: '/swarm', shows: { Spec: { CAConfig: { ExternalCAs: [{ URL: 'https://c.example/sign' }] } } } },
    { stoppedAt: 'read', ...anyType },
  ),
  swarm(
    'autolock',
    [
      post(`/v1.41/swarm/update?${swarmVersion}`, {
        Name: 'default',
        EncryptionConfig: { AutoLockManagers: true },
      }),
    ],
    { get: '/swarm', shows: { Spec: { EncryptionConfig: { AutoLockManagers: true } } } },
  ),
];

const outOfSwarm: readonly Step[] = [{ ...post('/v1.41/swarm/leave?force=1'), mayFail: true }];
const init = { ListenAddr: '192.0.2.2', AdvertiseAddr: '192.0.2.2' };
const inSwarm: Row['holds'] = { get: '/info', shows: { Swarm: { LocalNodeState: 'active' } } };

/** These take the daemon out of its swarm, so they come last of all. */
export const lastly: readonly Row[] = [
  swarm('init', [post('/v1.41/swarm/init', init)], inSwarm, { before: outOfSwarm, alone: true }),
  swarm('init-uri-does-not-parse', [post('/v1.41/swarm/init?a=#%zz', init)], inSwarm, {
    before: outOfSwarm,
    alone: true,
    stoppedAt: 'read',
  }),
  swarm('init-no-type', [post('/v1.41/swarm/init', init, { headers: [] })], inSwarm, {
    before: outOfSwarm,
    alone: true,
    stoppedAt: 'read',
    ...anyType,
  }),
];

export const cluster: readonly Row[] = [...services, ...networks, ...plugins, ...checkpoints, ...swarms];
