/** container.create: every field that weakens isolation, in the spellings the daemon takes. */
import type { Pattern, Row } from '../row.ts';
import { type More, mounted, privileged, stores } from './build.ts';

function capability(id: string, add: unknown, stored: RegExp, drop?: readonly string[]): Row {
  const host = { CapAdd: add, ...(drop && { CapDrop: drop }) };
  return stores(`cap-${id}`, 'capabilities', host, { HostConfig: { CapAdd: [stored] } });
}

const capabilities: readonly Row[] = [
  capability('plain', ['SYS_ADMIN'], /^(CAP_)?SYS_ADMIN$/),
  capability('prefix', ['CAP_SYS_ADMIN'], /SYS_ADMIN$/),
  capability('lower', ['sys_module'], /SYS_MODULE$/i),
  capability('lower-prefix', ['cap_sys_ptrace'], /SYS_PTRACE$/i),
  capability('mixed', ['Cap_Dac_Read_Search'], /DAC_READ_SEARCH$/i),
  capability('all', ['ALL'], /^ALL$/),
  capability('all-lower', ['all'], /^ALL$/i),
  capability('all-mixed', ['AlL'], /^ALL$/i),
  capability('bare-string', 'NET_ADMIN', /NET_ADMIN$/),
  capability('after-drop-all', ['SYS_RAWIO'], /SYS_RAWIO$/, ['ALL']),
  capability('behind-allowed', ['NET_BIND_SERVICE', 'SYS_BOOT'], /SYS_BOOT$/),
];

const namespaces: readonly Row[] = [
  ['network', 'NetworkMode'],
  ['pid', 'PidMode'],
  ['ipc', 'IpcMode'],
  ['uts', 'UTSMode'],
  ['userns', 'UsernsMode'],
  ['cgroupns', 'CgroupnsMode'],
].map(([id = '', field = '']) =>
  stores(`host-${id}`, 'host namespaces', { [field]: 'host' }, { HostConfig: { [field]: 'host' } }),
);

function security(id: string, options: readonly string[], stored: Pattern, release?: Row['release']): Row {
  const why = 'the daemon of 20.10 does not know this option or refuses its value';
  return stores(`security-${id}`, 'security options', { SecurityOpt: options }, stored, {
    ...(release && { release, why }),
  });
}

const allowAll = '{"defaultAction":"SCMP_ACT_ALLOW"}';
const noSeccomp: Pattern = { SeccompProfile: 'unconfined' };
const noAppArmor: Pattern = { AppArmorProfile: 'unconfined' };
const optionStored = (option: string): Pattern => ({ HostConfig: { SecurityOpt: [option] } });

const securityOptions: readonly Row[] = [
  security('seccomp', ['seccomp=unconfined'], noSeccomp),
  security('seccomp-colon', ['seccomp:unconfined'], noSeccomp),
  security('seccomp-last', ['seccomp={}', 'seccomp=unconfined'], noSeccomp),
  security('seccomp-first-harmless', ['no-new-privileges', 'seccomp=unconfined'], noSeccomp),
  security('seccomp-inline', [`seccomp=${allowAll}`], { SeccompProfile: allowAll }),
  security('seccomp-inline-colon', [`seccomp:${allowAll}`], { SeccompProfile: allowAll }),
  security('seccomp-empty-profile', ['seccomp={}'], { SeccompProfile: '{}' }),
  security('apparmor', ['apparmor=unconfined'], noAppArmor),
  security('apparmor-colon', ['apparmor:unconfined'], noAppArmor),
  security('apparmor-own', ['apparmor=my-weak-profile'], { AppArmorProfile: 'my-weak-profile' }),
  security('label', ['label=disable'], optionStored('label=disable')),
  security('label-colon', ['label:disable'], optionStored('label:disable')),
  security('label-bare', ['disable'], optionStored('disable')),
  security('label-type', ['label=type:spc_t'], optionStored('label=type:spc_t')),
  security('label-type-colon', ['label:type:spc_t'], optionStored('label:type:spc_t')),
];

const maskedPaths: readonly Row[] = [
  stores('masked-none', 'masked paths', { MaskedPaths: [] }, { HostConfig: { MaskedPaths: [] } }),
  stores('readonly-none', 'masked paths', { ReadonlyPaths: [] }, { HostConfig: { ReadonlyPaths: [] } }),
  stores(
    'masked-and-readonly-none',
    'masked paths',
    { MaskedPaths: [], ReadonlyPaths: [] },
    { HostConfig: { MaskedPaths: [], ReadonlyPaths: [] } },
  ),
  stores(
    'masked-other',
    'masked paths',
    { MaskedPaths: ['/nothing'] },
    { HostConfig: { MaskedPaths: ['/nothing'] } },
  ),
  stores(
    'readonly-fewer',
    'masked paths',
    { ReadonlyPaths: ['/proc/bus'] },
    { HostConfig: { ReadonlyPaths: ['/proc/bus'] } },
  ),
];

/** `-v`: what is typed before the colon, and the host path that the daemon makes of it. */
const bindSources: readonly (readonly [id: string, typed: string, path: string])[] = [
  ['root', '/', '/'],
  ['root-twice', '//', '/'],
  ['root-dot', '/.', '/'],
  ['root-climb', '/srv/..', '/'],
  ['root-above', '/../..', '/'],
  ['etc', '/etc', '/etc'],
  ['etc-slashes', '//etc', '/etc'],
  ['etc-many-slashes', '///etc//', '/etc'],
  ['etc-dot', '/./etc', '/etc'],
  ['etc-trailing', '/etc/', '/etc'],
  ['etc-trailing-dot', '/etc/.', '/etc'],
  ['etc-climb', '/tmp/../etc', '/etc'],
  ['etc-climb-home', '/home/me/../../etc/ssl', '/etc/ssl'],
  ['etc-file', '/etc/shadow', '/etc/shadow'],
  ['root-home-climb', '/etc/../root', '/root'],
  ['ssh-keys', '/root/.ssh', '/root/.ssh'],
  ['home', '/home', '/home'],
  ['proc', '/proc', '/proc'],
  ['proc-root', '/proc/1/root', '/proc/1/root'],
  ['proc-self-root', '/proc/self/root/etc', '/proc/self/root/etc'],
  ['sys', '/sys', '/sys'],
  ['sys-cgroup', '/sys/fs/cgroup', '/sys/fs/cgroup'],
  ['dev', '/dev', '/dev'],
  ['dev-disk', '/dev/vda', '/dev/vda'],
  ['boot', '/boot', '/boot'],
  ['lib-modules', '/lib/modules', '/lib/modules'],
  ['lib64', '/lib64', '/lib64'],
  ['usr', '/usr', '/usr'],
  ['usr-local-bin', '/usr/local/bin', '/usr/local/bin'],
  ['bin', '/bin', '/bin'],
  ['sbin', '/sbin', '/sbin'],
  ['run', '/run', '/run'],
  ['var', '/var', '/var'],
  ['var-run', '/var/run', '/var/run'],
  ['var-spool-cron', '/var/spool/cron', '/var/spool/cron'],
  ['var-lib-docker', '/var/lib/docker', '/var/lib/docker'],
  ['var-lib-containerd', '/var/lib/containerd', '/var/lib/containerd'],
  ['var-lib-kubelet', '/var/lib/kubelet', '/var/lib/kubelet'],
  ['docker-socket', '/var/run/docker.sock', '/var/run/docker.sock'],
  ['docker-socket-run', '/run/docker.sock', '/run/docker.sock'],
  ['docker-socket-climb', '/run/user/../docker.sock', '/run/docker.sock'],
  ['docker-socket-slashes', '/var//run//docker.sock', '/var/run/docker.sock'],
  ['containerd-socket', '/run/containerd/containerd.sock', '/run/containerd/containerd.sock'],
  ['containerd-folder', '/run/docker/containerd', '/run/docker/containerd'],
  ['plugin-sockets', '/run/docker/plugins', '/run/docker/plugins'],
  ['plugin-socket', '/run/docker/plugins/bulwark.sock', '/run/docker/plugins/bulwark.sock'],
  ['plugin-specs', '/usr/lib/docker/plugins', '/usr/lib/docker/plugins'],
  ['docker-configuration', '/etc/docker', '/etc/docker'],
  ['bulwark-policies', '/etc/bulwark/policies', '/etc/bulwark/policies'],
  ['nri', '/run/nri', '/run/nri'],
  ['cdi', '/etc/cdi', '/etc/cdi'],
  ['cdi-run', '/var/run/cdi', '/var/run/cdi'],
];

const bindsOf = (bind: string) => ({ Binds: [bind] });

const binds: readonly Row[] = [
  ...bindSources.map(([id, typed, path]) =>
    stores(`bind-${id}`, 'binds', bindsOf(`${typed}:/h`), mounted(path)),
  ),
  stores('bind-read-only', 'binds', bindsOf('/etc:/h:ro'), mounted('/etc')),
  stores('bind-trailing-colon', 'binds', bindsOf('/etc:/h:'), mounted('/etc')),
  stores('bind-options', 'binds', bindsOf('/etc:/h:rw,z,rslave'), mounted('/etc')),
  stores('bind-behind-harmless', 'binds', { Binds: ['/srv:/a', '/etc:/h', '/opt:/b'] }, mounted('/etc')),
  stores('bind-target-climbs', 'binds', bindsOf('/etc:/a/../h'), mounted('/etc')),
  stores('bind-shared', 'propagation', bindsOf('/srv/project:/h:shared'), {
    MountPoints: { '/h': { Propagation: 'shared' } },
  }),
  stores('bind-rshared', 'propagation', bindsOf('/srv/project:/h:ro,rshared'), {
    MountPoints: { '/h': { Propagation: 'rshared' } },
  }),
];

function mount(id: string, fields: object, at: Pattern, more: More = {}): Row {
  return stores(`mount-${id}`, 'mounts', { Mounts: [{ Type: 'bind', Target: '/h', ...fields }] }, at, more);
}

const mounts: readonly Row[] = [
  mount('etc', { Source: '/etc' }, mounted('/etc')),
  mount('root', { Source: '/' }, mounted('/')),
  mount('slashes', { Source: '//etc/' }, mounted('/etc')),
  mount('climb', { Source: '/tmp/../etc' }, mounted('/etc')),
  mount('socket', { Source: '/run/docker.sock' }, mounted('/run/docker.sock')),
  mount('read-only', { Source: '/etc', ReadOnly: true }, mounted('/etc')),
  mount('not-recursive', { Source: '/', BindOptions: { NonRecursive: true } }, mounted('/')),
  mount(
    'rshared',
    { Source: '/srv/project', BindOptions: { Propagation: 'rshared' } },
    {
      MountPoints: { '/h': { Propagation: 'rshared' } },
    },
  ),
  mount(
    'create-mountpoint',
    { Source: '/etc/cron.new', BindOptions: { CreateMountpoint: true } },
    mounted('/etc/cron.new'),
    { target: '/v1.44/containers/create?name={me}', release: '26.1', why: 'newer than 20.10' },
  ),
  mount('data-root', { Source: '/etc/docker/../../var/tmp/..' }, mounted('/var')),
];

const devices: readonly Row[] = [
  stores(
    'device-disk',
    'devices',
    { Devices: [{ PathOnHost: '/dev/vda', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }] },
    { HostConfig: { Devices: [{ PathOnHost: '/dev/vda' }] } },
  ),
  stores(
    'device-folder',
    'devices',
    { Devices: [{ PathOnHost: '/dev', PathInContainer: '/hostdev' }] },
    { HostConfig: { Devices: [{ PathOnHost: '/dev' }] } },
  ),
  stores(
    'device-read-only',
    'devices',
    { Devices: [{ PathOnHost: '/dev/mem', PathInContainer: '/dev/mem', CgroupPermissions: 'r' }] },
    { HostConfig: { Devices: [{ CgroupPermissions: 'r' }] } },
  ),
  stores(
    'device-link',
    'devices',
    { Devices: [{ PathOnHost: '/srv/link-to-disk' }] },
    { HostConfig: { Devices: [{ PathOnHost: '/srv/link-to-disk' }] } },
  ),
  ...[
    ['all', 'a *:* rwm'],
    ['blocks', 'b *:* rw'],
    ['mem', 'c 1:1 rwm'],
    ['any-letter-a', 'a'],
  ].map(([id = '', rule = '']) =>
    stores(
      `device-rule-${id}`,
      'devices',
      { DeviceCgroupRules: [rule] },
      { HostConfig: { DeviceCgroupRules: [rule] } },
    ),
  ),
  stores(
    'device-cdi',
    'devices',
    { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.com/class=all'] }] },
    { HostConfig: { DeviceRequests: [{ DeviceIDs: ['vendor.com/class=all'] }] } },
  ),
  stores(
    'device-cdi-by-another-driver',
    'devices',
    { DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: ['vendor.com/class=all'] }] },
    { HostConfig: { DeviceRequests: [{ DeviceIDs: ['vendor.com/class=all'] }] } },
  ),
];

const others: readonly Row[] = [
  stores('privileged', 'privileged', { Privileged: true }, privileged),
  ...[
    'net.ipv4.ip_forward',
    'kernel.msgmax',
    'fs.mqueue.msg_max',
    'kernel.core_pattern',
    'net/core/somaxconn',
  ].map((name, at) =>
    stores(
      `sysctl-${at}`,
      'sysctls',
      { Sysctls: { [name]: '1' } },
      { HostConfig: { Sysctls: { [name]: '1' } } },
    ),
  ),
  stores('cgroup-parent-root', 'cgroup parent', { CgroupParent: '/' }, { HostConfig: { CgroupParent: '/' } }),
  stores(
    'cgroup-parent-docker',
    'cgroup parent',
    { CgroupParent: '/docker' },
    { HostConfig: { CgroupParent: '/docker' } },
  ),
  stores('runtime-other', 'runtime', { Runtime: 'other' }, { HostConfig: { Runtime: 'other' } }),
  stores(
    'runtime-shim',
    'runtime',
    { Runtime: 'io.containerd.kata.v2' },
    { HostConfig: { Runtime: 'io.containerd.kata.v2' } },
    { release: '26.1', why: '20.10 takes configured names alone' },
  ),
  stores(
    'annotation-systemd',
    'annotations',
    { Annotations: { 'org.systemd.property.MemoryMax': "'infinity'" } },
    { HostConfig: { Annotations: { 'org.systemd.property.MemoryMax': /./ } } },
    { target: '/v1.44/containers/create?name={me}', release: '26.1', why: 'newer than 20.10' },
  ),
];

function logs(id: string, driver: string, options: Readonly<Record<string, string>>, more: More = {}): Row {
  const stored = { HostConfig: { LogConfig: { Type: driver, Config: options } } };
  return stores(`log-${id}`, 'log drivers', { LogConfig: { Type: driver, Config: options } }, stored, more);
}

const logDrivers: readonly Row[] = [
  logs('syslog-unix', 'syslog', { 'syslog-address': 'unix:///run/docker.sock' }),
  logs('syslog-unixgram', 'syslog', { 'syslog-address': 'unixgram:///run/docker.sock' }),
  logs(
    'syslog-unix-upper',
    'syslog',
    { 'syslog-address': 'UNIX:///run/docker.sock' },
    { release: '26.1', why: '20.10 knows small letters alone' },
  ),
  logs('syslog-file', 'syslog', {
    'syslog-address': 'tcp+tls://192.0.2.9:1',
    'syslog-tls-ca-cert': '/etc/shadow',
  }),
  logs('fluentd-unix', 'fluentd', { 'fluentd-address': 'unix:///run/docker.sock' }),
  logs('splunk-file', 'splunk', {
    'splunk-token': 'x',
    'splunk-url': 'https://192.0.2.9',
    'splunk-capath': '/etc/shadow',
  }),
];

export const fields: readonly Row[] = [
  ...capabilities,
  ...namespaces,
  ...securityOptions,
  ...maskedPaths,
  ...binds,
  ...mounts,
  ...devices,
  ...others,
  ...logDrivers,
];
