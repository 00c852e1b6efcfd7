import type { Against } from './docs/profiles/row.ts';

/** A way to weaken isolation or to cost the host something: a field of `fixtures/security-fields.json`, and who stops it. */
export type Weakening = readonly [field: string, rule: string, against: Against];

const host = (fields: object): Against => ({ host: fields });
const config = (fields: object): Against => ({ config: fields });
const option = (text: string): Against => host({ SecurityOpt: ['no-new-privileges', text] });
const mount = (fields: object): Against => host({ Mounts: [{ Target: '/x', ...fields }] });
const update = (body: object): Against => ({ uri: '/v1.44/containers/web/update', body });
const exec = (body: object): Against => ({
  uri: '/v1.44/containers/web/exec',
  body: { Cmd: ['id'], ...body },
});
const volume = (body: object): Against => ({ uri: '/v1.44/volumes/create', body });
const network = (body: object): Against => ({ uri: '/v1.44/networks/create', body: { Name: 'n', ...body } });
const service = (spec: object, task: object = {}): Against => ({
  uri: '/v1.44/services/create',
  body: {
    Name: 's',
    TaskTemplate: { ContainerSpec: { Image: 'registry.example.com/app:1', ...spec }, ...task },
  },
});
const privileges = (fields: object): Against => service({ Privileges: fields });
const build = (query: string): Against => ({ uri: `/v1.44/build?${query}` });
const endpoint = (fields: object): Against =>
  config({ NetworkingConfig: { EndpointsConfig: { app: fields } } });
const privilege = (Name: string, Value: string[]): Against => ({
  uri: '/v1.44/services/create',
  body: {
    TaskTemplate: {
      Runtime: 'plugin',
      PluginSpec: { name: 'p', remote: 'p', privileges: [{ Name, Value }] },
    },
  },
});
const bind = { type: 'none', o: 'bind', device: '/etc' };

/** Controls that no profile has, as strict as they get where a plain container still passes. */
export const strict: Readonly<Record<string, unknown>> = {
  images: { allowRegistries: ['registry.example.com'], denyTags: ['latest'] },
  archive: { in: [], out: [] },
  env: { denyNames: ['LD_*', '*_VISIBLE_DEVICES'] },
  labels: { reserved: ['traefik.**'] },
  tmpfs: { maxSize: '64m', allowExec: false },
  shmSize: { max: '64m' },
  cpuset: { allow: [], allowMems: [] },
};

/** Likewise, but a plain container has not what it asks for. */
export const stricter: Readonly<Record<string, unknown>> = { readOnlyRoot: { require: true } };

export const weakenings: readonly Weakening[] = [
  // 1.2
  ['Config.User', 'user', config({ User: '+0' })],
  ['Config.User', 'user', config({ User: 'app' })],
  ['Config.Image', 'images.registry', config({ Image: 'alpine:3' })],
  ['Config.Image', 'images.id', config({ Image: 'c0ffee' })],
  ['Config.Env', 'env', config({ Env: ['NVIDIA_VISIBLE_DEVICES=all'] })],
  ['Config.Labels', 'labels.reserved', config({ Labels: { 'traefik.enable': 'true' } })],
  // 1.3
  ['HostConfig.Privileged', 'privileged', host({ Privileged: true })],
  ['HostConfig.CapAdd', 'capabilities', host({ CapAdd: ['cap_sys_admin'] })],
  ['HostConfig.CapDrop', 'capabilities.drop', host({ CapDrop: null })],
  ['HostConfig.SecurityOpt', 'seccomp', option('seccomp={}')],
  ['HostConfig.SecurityOpt', 'appArmor', option('apparmor:unconfined')],
  ['HostConfig.SecurityOpt', 'seLinux', option('disable')],
  ['HostConfig.SecurityOpt', 'systemPaths', option('writable-cgroups')],
  ['HostConfig.SecurityOpt', 'noNewPrivileges', option('no-new-privileges=false')],
  ['HostConfig.MaskedPaths', 'systemPaths', host({ MaskedPaths: [] })],
  ['HostConfig.ReadonlyPaths', 'systemPaths', host({ ReadonlyPaths: [] })],
  ['HostConfig.NetworkMode', 'hostNamespaces.network', host({ NetworkMode: 'host' })],
  ['HostConfig.NetworkMode', 'joinNamespaces.network', host({ NetworkMode: 'container:db' })],
  ['HostConfig.PidMode', 'hostNamespaces.pid', host({ PidMode: 'host' })],
  ['HostConfig.PidMode', 'joinNamespaces.pid', host({ PidMode: 'container:db' })],
  ['HostConfig.IpcMode', 'hostNamespaces.ipc', host({ IpcMode: 'host' })],
  ['HostConfig.IpcMode', 'joinNamespaces.ipc', host({ IpcMode: 'container:db' })],
  ['HostConfig.UTSMode', 'hostNamespaces.uts', host({ UTSMode: 'host' })],
  ['HostConfig.UsernsMode', 'hostNamespaces.userns', host({ UsernsMode: 'host' })],
  ['HostConfig.CgroupnsMode', 'hostNamespaces.cgroup', host({ CgroupnsMode: 'host' })],
  ['HostConfig.Cgroup', 'joinNamespaces.cgroup', host({ Cgroup: 'container:db' })],
  ['HostConfig.Runtime', 'runtime', host({ Runtime: 'io.containerd.kata.v2' })],
  ['Resources.CgroupParent', 'cgroupParent', host({ CgroupParent: '/' })],
  ['Resources.Devices', 'devices', host({ Devices: [{ PathOnHost: '/dev' }] })],
  ['Resources.DeviceCgroupRules', 'devices.rules', host({ DeviceCgroupRules: ['a *:* rwm'] })],
  ['DeviceRequest.DeviceIDs', 'devices.requests', host({ DeviceRequests: [{ DeviceIDs: ['x.org/y=z'] }] })],
  ['DeviceRequest.Count', 'devices.gpus', host({ DeviceRequests: [{ Count: -1 }] })],
  ['HostConfig.Sysctls', 'sysctls', host({ Sysctls: { 'net.core.somaxconn': '1' } })],
  ['HostConfig.GroupAdd', 'groupAdd', host({ GroupAdd: ['0'] })],
  ['HostConfig.ShmSize', 'shmSize.max', host({ ShmSize: 1 << 30 })],
  ['HostConfig.OomScoreAdj', 'oom.score', host({ OomScoreAdj: -1000 })],
  ['Resources.OomKillDisable', 'oom.disable', host({ OomKillDisable: true })],
  ['HostConfig.Annotations', 'annotations', host({ Annotations: { 'run.oci.handler': 'krun' } })],
  // 1.4
  ['HostConfig.Binds', 'binds', host({ Binds: ['/etc/../root:/x'] })],
  ['HostConfig.Binds', 'dockerSocket', host({ Binds: ['/run:/x:ro'] })],
  ['Mount.Source', 'binds', mount({ Type: 'bind', Source: '/srv' })],
  ['Mount.Type', 'binds', mount({ Type: 'npipe', Source: '/srv' })],
  [
    'BindOptions.Propagation',
    'binds.propagation',
    mount({ Type: 'bind', Source: '/srv', BindOptions: { Propagation: 'rslave' } }),
  ],
  [
    'DriverConfig.Options',
    'volumes',
    mount({ Type: 'volume', VolumeOptions: { DriverConfig: { Options: bind } } }),
  ],
  [
    'DriverConfig.Name',
    'volumes.driver',
    mount({ Type: 'volume', VolumeOptions: { DriverConfig: { Name: 'rclone' } } }),
  ],
  ['TmpfsOptions.SizeBytes', 'tmpfs.maxSize', mount({ Type: 'tmpfs' })],
  ['HostConfig.Tmpfs', 'tmpfs.exec', host({ Tmpfs: { '/x': 'exec,size=1m' } })],
  ['HostConfig.VolumesFrom', 'volumesFrom', host({ VolumesFrom: ['db:ro'] })],
  ['HostConfig.VolumeDriver', 'volumes.driver', host({ Binds: ['data:/x'], VolumeDriver: 'rclone' })],
  // 1.5
  ['Resources.Memory', 'memory.required', host({ Memory: 0 })],
  ['Resources.MemorySwap', 'memorySwap.required', host({ MemorySwap: -1 })],
  ['Resources.PidsLimit', 'pids.max', host({ PidsLimit: -1 })],
  ['Resources.NanoCpus', 'cpus.required', host({ NanoCpus: 0 })],
  ['Resources.CpuQuota', 'cpus.required', host({ NanoCpus: 0, CpuQuota: -1 })],
  ['Resources.CpuRealtimeRuntime', 'cpus.realtime', host({ CpuRealtimeRuntime: 950_000 })],
  ['Resources.CpusetCpus', 'cpuset', host({ CpusetCpus: '0' })],
  ['Resources.CpusetMems', 'cpuset.mems', host({ CpusetMems: '0' })],
  ['Resources.BlkioWeight', 'blkio', host({ BlkioWeight: 1000 })],
  ['Resources.Ulimits', 'ulimits.max', host({ Ulimits: [{ Name: 'rtprio', Soft: -1, Hard: -1 }] })],
  ['HostConfig.RestartPolicy', 'restart', host({ RestartPolicy: { Name: 'always' } })],
  ['HostConfig.PortBindings', 'ports.ip', host({ PortBindings: { '80/tcp': [] } })],
  [
    'HostConfig.PortBindings',
    'ports.port',
    host({ PortBindings: { '80': [{ HostIp: '::1', HostPort: '80' }] } }),
  ],
  ['HostConfig.PublishAllPorts', 'ports.all', host({ PublishAllPorts: true })],
  ['LogConfig.Type', 'logging.driver', host({ LogConfig: { Type: 'gelf' } })],
  [
    'LogConfig.Config',
    'logging',
    host({ LogConfig: { Type: '', Config: { 'syslog-address': 'unix:///run/docker.sock' } } }),
  ],
  ['HostConfig.Links', 'joinNamespaces.links', host({ Links: ['db:db'] })],
  [
    'EndpointSettings.DriverOpts',
    'sysctls',
    endpoint({ DriverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.forwarding=1' } }),
  ],
  // 2 to 6
  ['StartQuery.checkpoint', 'actions', { uri: '/v1.44/containers/web/start?checkpoint=../x' }],
  [
    'CheckpointCreate.CheckpointDir',
    'actions',
    { uri: '/v1.44/containers/web/checkpoints', body: { CheckpointID: 'a' } },
  ],
  ['ExecCreate.Privileged', 'exec', exec({ Privileged: true })],
  ['ExecCreate.User', 'user', exec({ User: '0' })],
  ['UpdateConfig.RestartPolicy', 'restart', update({ RestartPolicy: { Name: 'always' } })],
  ['Resources.PidsLimit', 'pids.max', update({ PidsLimit: -1 })],
  ['Resources.MemorySwap', 'memorySwap.required', update({ MemorySwap: -1 })],
  ['VolumeCreate.DriverOpts', 'volumes', volume({ DriverOpts: bind })],
  ['VolumeCreate.Driver', 'volumes.driver', volume({ Driver: 'rclone' })],
  ['NetworkCreate.Driver', 'networks.driver', network({ Driver: 'host' })],
  ['NetworkCreate.Options', 'networks.options', network({ Options: { parent: 'eth0' } })],
  // 7 and 8
  ['ContainerSpec.Mounts', 'binds', service({ Mounts: [{ Type: 'bind', Source: '/etc', Target: '/x' }] })],
  ['ContainerSpec.CapabilityAdd', 'capabilities', service({ CapabilityAdd: ['SYS_ADMIN'] })],
  ['Privileges.SELinuxContext', 'seLinux', privileges({ SELinuxContext: { Disable: true } })],
  ['Privileges.Seccomp', 'seccomp', privileges({ Seccomp: { Mode: 'unconfined' } })],
  ['Privileges.AppArmor', 'appArmor', privileges({ AppArmor: { Mode: 'disabled' } })],
  ['Privileges.NoNewPrivileges', 'noNewPrivileges', privileges({ NoNewPrivileges: false })],
  ['ContainerSpec.User', 'user', service({ User: 'root' })],
  ['ContainerSpec.Groups', 'groupAdd', service({ Groups: ['0'] })],
  ['ContainerSpec.Sysctls', 'sysctls', service({ Sysctls: { 'net.core.somaxconn': '1' } })],
  ['ContainerSpec.OomScoreAdj', 'oom.score', service({ OomScoreAdj: -1000 })],
  ['TaskSpec.Networks', 'hostNamespaces.network', service({}, { Networks: [{ Target: 'host' }] })],
  ['TaskSpec.LogDriver', 'logging.driver', service({}, { LogDriver: { Name: 'gelf' } })],
  ['TaskSpec.RestartPolicy', 'restart', service({}, { RestartPolicy: { Condition: 'any' } })],
  ['ResourceLimits.MemoryBytes', 'memory.required', service({})],
  ['TaskSpec.PluginSpec', 'actions', privilege('network', ['bridge'])],
  ['PluginPrivilege.Name', 'hostNamespaces.network', privilege('network', ['host'])],
  ['PluginPrivilege.Value', 'binds', privilege('mount', ['/etc'])],
  ['PluginPullQuery.remote', 'actions', { uri: '/v1.44/plugins/pull?remote=x', body: [] }],
  // 9 to 11
  ['BuildQuery.networkmode', 'build.network', build('networkmode=host')],
  ['BuildQuery.remote', 'build.remote', build('remote=http%3A%2F%2F192.0.2.1%2Fx')],
  ['BuildQuery.securityopt', 'build.options', build('securityopt=seccomp%3Dunconfined')],
  ['BuildQuery.cgroupparent', 'cgroupParent', build('cgroupparent=%2F')],
  ['BuildQuery.version', 'build.buildkit', build('version=2')],
  ['BuildQuery.shmsize', 'shmSize.max', build('shmsize=1073741824')],
  ['BuildQuery.t', 'images.registry', build('t=alpine')],
  ['PullQuery.fromImage', 'images.registry', { uri: '/v1.44/images/create?fromImage=alpine&tag=3' }],
  [
    'ImportQuery.fromSrc',
    'images.registry',
    { uri: '/v1.44/images/create?fromSrc=http%3A%2F%2F192.0.2.1%2Fx' },
  ],
  ['ImportQuery.changes', 'env', { uri: '/v1.44/images/create?fromSrc=-&changes=ENV%20LD_PRELOAD%3Dx' }],
  ['SwarmInit.Spec', 'actions', { uri: '/v1.44/swarm/init', body: {} }],
  ['SwarmJoin.RemoteAddrs', 'actions', { uri: '/v1.44/swarm/join', body: { RemoteAddrs: ['192.0.2.1'] } }],
  ['NodeSpec.Role', 'actions', { uri: '/v1.44/nodes/n/update?version=1', body: { Role: 'manager' } }],
];
