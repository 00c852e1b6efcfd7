import type { Row } from './row.ts';

const published = (HostIp: string, HostPort: string) => ({
  host: { PortBindings: { '80/tcp': [{ HostIp, HostPort }] } },
});
const option = (text: string) => ({ host: { SecurityOpt: ['no-new-privileges', text] } });
const exec = (body: object) => ({
  uri: '/v1.44/containers/web/exec',
  body: { Cmd: ['id'], ...body },
});

/** Section 5 of the CIS Docker Benchmark, containers at run time; v1.6.0 and v1.7.0 number alike. */
export const cisRuntime: readonly Row[] = [
  {
    item: '5.1',
    asks: 'No swarm mode where it is not needed.',
    controls: ['actions'],
    against: [
      { uri: '/v1.44/swarm/init', body: { ListenAddr: '0.0.0.0' } },
      { uri: '/v1.44/swarm/join', body: { RemoteAddrs: ['192.0.2.1'] } },
    ],
    differs: 'A host does not become part of one; one that is there stays, and may be left.',
  },
  {
    item: '5.2',
    asks: 'An AppArmor profile, where the host has AppArmor.',
    controls: ['appArmor'],
    against: [option('apparmor=unconfined')],
    differs:
      "Docker's own applies unasked; no request can switch it off. Whether the host has AppArmor no request says.",
  },
  {
    item: '5.3',
    asks: 'SELinux options, where the host has SELinux.',
    controls: ['seLinux'],
    against: [option('label=disable'), option('label=type:spc_t')],
    differs:
      'A daemon with `selinux-enabled` labels every container unasked, so that no option is required; none can switch it off.',
  },
  {
    item: '5.4',
    asks: 'No more capabilities than needed.',
    controls: ['capabilities'],
    against: [{ host: { CapAdd: ['SYS_ADMIN'] } }, { host: { CapDrop: [] } }],
    differs: "`baseline` leaves Docker's default fourteen; `restricted` asks for --cap-drop ALL.",
  },
  {
    item: '5.5',
    asks: 'No privileged container.',
    controls: ['privileged'],
    against: [{ host: { Privileged: true } }],
    differs: 'Nothing.',
  },
  {
    item: '5.6',
    asks: 'No sensitive folder of the host in a container.',
    controls: ['binds', 'dockerSocket', 'volumes'],
    against: ['/', '/boot', '/dev', '/etc', '/lib', '/proc', '/sys', '/usr'].map((path) => ({
      host: { Binds: [`${path}:/x:ro`] },
    })),
    differs: 'More: read-only ones as well, what lies below them, and volumes that bind them.',
  },
  {
    item: '5.7',
    asks: 'No sshd inside a container.',
    controls: [],
    differs: 'Not covered: what runs inside is not looked at.',
  },
  {
    item: '5.8',
    asks: 'No port of the host below 1024.',
    controls: ['ports'],
    against: [published('127.0.0.1', '80')],
    differs: 'Left open by `baseline`: a web server there is everyday work.',
  },
  {
    item: '5.9',
    asks: 'No port open that is not needed.',
    controls: ['ports'],
    against: [{ host: { PublishAllPorts: true } }],
    differs: 'Which are needed nobody can see; `restricted` denies -P, which opens all that the image names.',
  },
  {
    item: '5.10',
    asks: "Not the host's network.",
    controls: ['hostNamespaces'],
    against: [{ host: { NetworkMode: 'host' } }],
    differs: 'Nothing.',
  },
  {
    item: '5.11',
    asks: 'A limit of memory.',
    controls: ['memory', 'memorySwap'],
    against: [{ host: { Memory: 0 } }, { host: { MemorySwap: -1 } }],
    differs:
      'How much is for the administrator: `memory: { required: true, max: 2GiB }`. Swap is limited as well.',
  },
  {
    item: '5.12',
    asks: 'A weight of CPU after what the container is worth.',
    controls: ['cpus'],
    against: [{ host: { NanoCpus: 0 } }],
    differs:
      'A limit (--cpus) instead of a weight, which says nothing as long as nobody knows the weights of the others.',
  },
  {
    item: '5.13',
    asks: 'A root file system that is read-only.',
    controls: ['readOnlyRoot'],
    against: [{ host: { ReadonlyRootfs: false } }],
    add: { readOnlyRoot: { require: true } },
    differs:
      'In no profile, as in the Pod Security Standards: many images write to their root, and a user without capabilities changes nothing there but what the image gave it.',
  },
  {
    item: '5.14',
    asks: 'Ports are published on an address of the host that is named.',
    controls: ['ports'],
    against: [published('', '8080'), published('0.0.0.0', '8080')],
    differs:
      "More: on the host's own loopback alone, until `ports.hostIps` has others. Services cannot name an address.",
  },
  {
    item: '5.15',
    asks: 'Restarts stop after five failures.',
    controls: ['restart'],
    against: [
      { host: { RestartPolicy: { Name: 'always' } } },
      { host: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 0 } } },
    ],
    differs:
      'No restart at all passes as well. What restarts for ever also comes back with the daemon, past all that is decided here.',
  },
  {
    item: '5.16',
    asks: "Not the host's processes.",
    controls: ['hostNamespaces'],
    against: [{ host: { PidMode: 'host' } }],
    differs: 'Nothing.',
  },
  {
    item: '5.17',
    asks: "Not the host's IPC.",
    controls: ['hostNamespaces'],
    against: [{ host: { IpcMode: 'host' } }],
    differs: 'Nothing.',
  },
  {
    item: '5.18',
    asks: 'No device of the host, or with no more rights than needed.',
    controls: ['devices'],
    against: [
      {
        host: { Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda', CgroupPermissions: 'r' }] },
      },
      { host: { DeviceCgroupRules: ['b 8:* r'] } },
    ],
    differs:
      'More: cgroup rules and CDI names as well. GPUs by number pass in `baseline` and none in `restricted`, until `devices.maxGpus` says how many.',
  },
  {
    item: '5.19',
    asks: "The daemon's ulimits are not overridden without need.",
    controls: ['ulimits'],
    against: [{ host: { Ulimits: [{ Name: 'rtprio', Soft: 99, Hard: 99 }] } }],
    differs:
      'Less: `restricted` stops a real-time priority, which would pass every limit of CPU; the memory behind the others counts towards --memory. `ulimits.max` names more.',
  },
  {
    item: '5.20',
    asks: 'No mount with shared propagation.',
    controls: ['binds'],
    against: [{ host: { Binds: ['/srv/project:/x:rshared'] } }],
    differs: 'Nothing.',
  },
  {
    item: '5.21',
    asks: "Not the host's UTS namespace.",
    controls: ['hostNamespaces'],
    against: [{ host: { UTSMode: 'host' } }],
    differs: 'Nothing.',
  },
  {
    item: '5.22',
    asks: 'Seccomp is not switched off.',
    controls: ['seccomp'],
    against: [option('seccomp=unconfined'), option('seccomp={}')],
    differs:
      "More: a profile of one's own, which may allow anything, counts as well, until its digest is listed.",
  },
  {
    item: '5.23',
    asks: 'No privileged exec.',
    controls: ['exec'],
    against: [exec({ Privileged: true })],
    differs: 'Nothing.',
  },
  {
    item: '5.24',
    asks: 'No exec as root.',
    controls: ['user', 'exec'],
    against: [exec({ User: 'root' }), exec({ User: '0' })],
    differs:
      "By the control `user`: --user is held against the same rules as a container's. `exec.users` can say more.",
  },
  {
    item: '5.25',
    asks: 'No cgroup of its own choice.',
    controls: ['cgroupParent'],
    against: [{ host: { CgroupParent: '/' } }],
    differs: 'Nothing.',
  },
  {
    item: '5.26',
    asks: 'No process gains rights.',
    controls: ['noNewPrivileges'],
    against: [{ host: { SecurityOpt: [] } }],
    differs: "Left open by `baseline`: sudo and su work there. The daemon's own default does not count.",
  },
  {
    item: '5.27',
    asks: 'The health of a container is checked.',
    controls: [],
    differs: 'Not covered: what lacks a check harms nobody but itself.',
  },
  {
    item: '5.28',
    asks: 'The image that runs is the newest of its kind, and known by its version.',
    controls: ['images'],
    against: [{ config: { Image: 'registry.example.com/app:latest' } }, { config: { Image: 'alpine' } }],
    add: { images: { denyTags: ['latest'] } },
    differs:
      'In no profile: `latest` is the tag of every image that is built here without one. Whether a version is the newest no request says.',
  },
  {
    item: '5.29',
    asks: 'A limit of processes.',
    controls: ['pids'],
    against: [{ host: { PidsLimit: 0 } }, { host: { PidsLimit: -1 } }],
    differs: 'More: 4096 at most, since their numbers are one pool of the whole host.',
  },
  {
    item: '5.30',
    asks: 'Not the default bridge, docker0.',
    controls: [],
    differs:
      'Not covered: `bridge` belongs to nobody, and a container that names no network is there. `"icc": false` in daemon.json keeps containers apart on it.',
  },
  {
    item: '5.31',
    asks: "Not the host's user namespace.",
    controls: ['hostNamespaces'],
    against: [{ host: { UsernsMode: 'host' } }],
    differs: 'Nothing. It matters where the daemon maps users (`userns-remap`).',
  },
  {
    item: '5.32',
    asks: "Not the daemon's socket in a container.",
    controls: ['dockerSocket', 'binds'],
    against: [{ host: { Binds: ['/var/run/docker.sock:/x'] } }, { host: { Binds: ['/run:/x:ro'] } }],
    differs:
      'More: read-only, by a folder above it, a link or a volume, and the sockets of containerd and of plugins.',
  },
];
