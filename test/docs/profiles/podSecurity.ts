import type { Row } from './row.ts';

const unconfined = { host: { SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] } };

/** The Pod Security Standards' `baseline` (kubernetes.io, as of Kubernetes 1.34). */
export const podBaseline: readonly Row[] = [
  {
    item: 'HostProcess',
    asks: 'No Windows container runs as a process of its host.',
    controls: [],
    differs: 'Not covered: Bulwark guards daemons on Linux, where there is no such thing.',
  },
  {
    item: 'Host Namespaces',
    asks: "Not the host's network, processes or IPC.",
    controls: ['hostNamespaces'],
    against: [
      { host: { NetworkMode: 'host' } },
      { host: { PidMode: 'host' } },
      { host: { IpcMode: 'host' } },
    ],
    differs: "More: the host's uts, user and cgroup namespaces as well.",
  },
  {
    item: 'Privileged Containers',
    asks: 'No privileged container.',
    controls: ['privileged'],
    against: [{ host: { Privileged: true } }],
    differs: 'Nothing.',
  },
  {
    item: 'Capabilities',
    asks: 'None is added but thirteen of those that a container has anyway.',
    controls: ['capabilities'],
    against: [{ host: { CapAdd: ['SYS_ADMIN'] } }],
    differs:
      "`NET_RAW` may be named in `baseline`: Docker gives it unasked, so that naming it adds nothing. The standard's list leaves it out.",
  },
  {
    item: 'HostPath Volumes',
    asks: 'No path of the host in a container.',
    controls: ['binds', 'dockerSocket', 'volumes'],
    against: [{ host: { Binds: ['/etc:/x'] } }, { host: { Binds: ['/srv/project:/x'] } }],
    differs:
      "Less in `baseline`: a project folder in a container is what people use Docker for, so only the host's own folders and the sockets of daemons are denied. `restricted` allows no path, until an administrator fills `binds.allowPaths`. Volumes that bind count as binds.",
  },
  {
    item: 'Host Ports',
    asks: 'No port of the host, or those of a list.',
    controls: ['ports'],
    against: [
      { host: { PortBindings: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] } } },
      { host: { PublishAllPorts: true } },
    ],
    differs:
      "Less: a Pod has an address in its cluster, a container is reached by published ports or not at all. `restricted` lets them be published on the host's own loopback from 1024 on, behind whatever serves the network.",
  },
  {
    item: 'Host Probes / Lifecycle Hooks',
    asks: 'Probes and hooks connect to nothing but the Pod itself.',
    controls: [],
    differs:
      'Not covered, since there is none: a health check of Docker is a command inside the container, with its rights.',
  },
  {
    item: 'AppArmor',
    asks: 'The profile is not switched off, nor replaced but by one of a list.',
    controls: ['appArmor'],
    against: [{ host: { SecurityOpt: ['no-new-privileges', 'apparmor=unconfined'] } }],
    differs:
      'More: the standard lets pass every profile that lies on the host (`localhost/*`), here one must be listed in `appArmor.allowProfiles`.',
  },
  {
    item: 'SELinux',
    asks: 'Types for containers alone, no user or role of its own.',
    controls: ['seLinux'],
    against: [
      { host: { SecurityOpt: ['no-new-privileges', 'label=type:spc_t'] } },
      { host: { SecurityOpt: ['no-new-privileges', 'label=user:root'] } },
    ],
    differs: 'More: `label=disable`, which a Pod cannot say, is denied as well.',
  },
  {
    item: '/proc Mount Type',
    asks: 'What hides and write-protects parts of /proc stays.',
    controls: ['systemPaths'],
    against: [{ host: { MaskedPaths: [] } }, { host: { ReadonlyPaths: [] } }],
    differs: 'More: writable cgroup files count as well.',
  },
  {
    item: 'Seccomp',
    asks: 'The profile is not switched off.',
    controls: ['seccomp'],
    against: [unconfined],
    differs:
      "More: a profile of one's own comes inside the request and may allow anything, so that it passes by its digest in `seccomp.allowProfiles` alone.",
  },
  {
    item: 'Sysctls',
    asks: 'None but those of a list of safe ones.',
    controls: ['sysctls'],
    against: [{ host: { Sysctls: { 'kernel.msgmax': '65536' } } }],
    differs:
      'The same list. Settings of an interface that come as a driver option of a network count as well.',
  },
];

/** What its `restricted` asks beyond. */
export const podRestricted: readonly Row[] = [
  {
    item: 'Volume Types',
    asks: 'Volumes of the cluster, of memory and of configuration; no file server or disk that the Pod names itself.',
    controls: ['volumes', 'binds'],
    against: [
      { host: { Binds: ['/srv/project:/x'] } },
      {
        host: {
          Mounts: [
            {
              Type: 'volume',
              Target: '/x',
              VolumeOptions: {
                DriverConfig: { Name: 'local', Options: { type: 'nfs', o: 'addr=192.0.2.1', device: ':/x' } },
              },
            },
          ],
        },
      },
    ],
    differs:
      'More: a named volume counts by what it is made of, so one on a file server does not pass either, although an administrator made it, until `volumes.types` names `nfs`. Other drivers than `local` are plugins, which are root on the host.',
  },
  {
    item: 'Privilege Escalation',
    asks: 'No process gains rights by a set-user-ID program.',
    controls: ['noNewPrivileges'],
    against: [{ host: { SecurityOpt: [] } }],
    differs:
      "It must be said in each request; `no-new-privileges` in the daemon's configuration does not count, for a request can take it back. `docker service create` has no flag for it, so that services pass by the API alone.",
  },
  {
    item: 'Running as Non-root',
    asks: 'It must be said that the container does not run as root.',
    controls: ['user'],
    against: [{ config: { User: '' } }, { config: { User: 'app' } }],
    differs:
      "Stated by who runs it, or by the image's USER where the daemon can be asked. A name counts as root unless `user.allowNames` has it: the image decides which id it is.",
  },
  {
    item: 'Running as Non-root user',
    asks: 'The user id is not 0.',
    controls: ['user'],
    against: [{ config: { User: '0' } }, { config: { User: '0:1000' } }],
    differs:
      "Every spelling of 0 that the daemon takes. `docker exec --user root` is denied, too. As in the standard root's group passes; `user: { nonRoot: require, denyRootGroup: true }` denies it.",
  },
  {
    item: 'Seccomp',
    asks: 'A profile is named: that of the runtime or one of the host.',
    controls: ['seccomp'],
    against: [unconfined],
    differs:
      "Nothing need be said: without the option Docker takes the daemon's profile, which a Pod does not get unasked. Whether the daemon itself was set up with `unconfined` is in no request.",
  },
  {
    item: 'Capabilities',
    asks: 'All are dropped, and none is added but NET_BIND_SERVICE.',
    controls: ['capabilities'],
    against: [{ host: { CapDrop: [] } }, { host: { CapAdd: ['CHOWN'] } }],
    differs: 'Nothing.',
  },
];
