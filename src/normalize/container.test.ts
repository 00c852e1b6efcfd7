import { describe, expect, it } from 'vitest';
import type { Container, Mount } from '../model/container.ts';
import type { RequestObject } from '../model/request.ts';
import { silent } from './container.ts';
import { normalize } from './normalize.ts';

/** The object of a create or an update with this body. */
function object(body: object, minor = 44, action = 'create?name=web'): RequestObject {
  return normalize({
    method: 'POST',
    uri: `/v1.${minor}/containers/${action}`,
    headers: { 'Content-Type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }).object;
}

function container(body: object, minor = 44): Container {
  return object(body, minor).container ?? { ...silent, origin: 'create' };
}

/** The container of a HostConfig. */
function host(HostConfig: object, minor = 44): Container {
  return container({ HostConfig }, minor);
}

describe('a container of a create', () => {
  it('says nothing that the body does not say', () => {
    expect(object({})).toEqual({
      container: { ...silent, origin: 'create', name: 'web' },
      volumes: [],
      endpoints: [{ network: 'bridge', driverOptions: new Map(), links: [], flag: '--network bridge' }],
    });
  });

  it('has one shape for all that a body can say', () => {
    const made = container({
      Image: 'reg.io/app:1',
      User: '1000:0',
      Env: ['A=secret', 'B'],
      Labels: { k: 'v' },
      HostConfig: {
        Privileged: true,
        CapAdd: ['cap_sys_admin', 'ALL'],
        CapDrop: 'NET_RAW',
        PidMode: 'host',
        IpcMode: 'container:db',
        UTSMode: 'HOST',
        UsernsMode: 'host',
        CgroupnsMode: 'private',
        NetworkMode: 'container:db',
        Cgroup: 'container:x',
        Links: ['db:db'],
        VolumesFrom: ['other:ro'],
        Devices: [{ PathOnHost: '/dev/sda', CgroupPermissions: 'r' }],
        DeviceCgroupRules: ['a *:* rwm'],
        DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }],
        SecurityOpt: ['seccomp=unconfined', 'apparmor:unconfined', 'label=type:t', 'no-new-privileges'],
        MaskedPaths: [],
        ReadonlyRootfs: true,
        GroupAdd: ['0'],
        Sysctls: { 'net.x': '1' },
        CgroupParent: '/x',
        Runtime: 'kata',
        Annotations: { a: 'b' },
        Memory: 1024,
        MemorySwap: -1,
        CpuQuota: 50_000,
        PidsLimit: 0,
        ShmSize: 64,
        OomScoreAdj: -1,
        Ulimits: [{ Name: 'nofile', Soft: 1, Hard: -1 }],
        BlkioWeight: 10,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        PortBindings: { 80: [{ HostPort: '8080' }], '53/udp': [] },
        PublishAllPorts: true,
        LogConfig: { Type: 'syslog', Config: { tag: 't' } },
        AutoRemove: true,
      },
    });
    expect(made).toMatchObject({
      image: { registry: 'reg.io', repository: 'app', tag: '1' },
      user: { uid: 1000, root: 'no', gid: 0, rootGroup: 'yes' },
      env: ['A', 'B'],
      labels: new Map([['k', 'v']]),
      privileged: true,
      capAdd: [{ name: 'SYS_ADMIN' }, { name: 'ALL' }],
      capDrop: [{ name: 'NET_RAW' }],
      namespaces: {
        pid: { mode: 'host' },
        ipc: { mode: 'container', ref: 'db' },
        uts: { mode: 'other' },
        user: { mode: 'host' },
        cgroup: { mode: 'private' },
        network: { mode: 'container', ref: 'db' },
      },
      joinCgroup: 'container:x',
      links: ['db:db'],
      volumesFrom: ['other:ro'],
      devices: [{ path: '/dev/sda', permissions: 'r' }],
      deviceRules: ['a *:* rwm'],
      deviceRequests: [{ driver: 'nvidia', count: -1, ids: [], capabilities: [['gpu']] }],
      security: { seccomp: 'unconfined', appArmor: 'unconfined', labels: ['type:t'], noNewPrivileges: true },
      maskedPaths: [],
      readOnlyRoot: true,
      groupAdd: ['0'],
      sysctls: new Map([['net.x', '1']]),
      cgroupParent: '/x',
      runtime: 'kata',
      annotations: new Map([['a', 'b']]),
      limits: {
        memory: 1024,
        memorySwap: -1,
        nanoCpus: 500_000_000,
        pids: 0,
        shmSize: 64,
        oomScoreAdj: -1,
        ulimits: [{ name: 'nofile', soft: 1, hard: -1 }],
        blkio: ['BlkioWeight'],
      },
      restart: { name: 'on-failure', maxRetries: 3 },
      ports: [
        { port: '80/tcp', hostIp: '', hostPort: '8080' },
        { port: '53/udp', hostIp: '', hostPort: '' },
      ],
      publishAllPorts: true,
      logging: { driver: 'syslog', options: new Map([['tag', 't']]) },
      autoRemove: true,
    });
    expect(made).not.toHaveProperty('readonlyPaths');
    expect(JSON.stringify(made)).not.toContain('secret');
  });

  /** Forms of uid 0 that work (E), and such as only the image can tell. */
  it.each([
    ['', undefined],
    ['0', 'yes'],
    ['00', 'yes'],
    ['+0', 'yes'],
    ['-0', 'yes'],
    ['root', 'yes'],
    ['root:', 'yes'],
    [':0', 'yes'],
    ['0:1000', 'yes'],
    ['1000:0', 'no'],
    ['0x0', 'unknown'],
    [' 0', 'unknown'],
    ['ROOT', 'unknown'],
    ['app', 'unknown'],
  ])('User %j is root: %s', (User, root) => {
    expect(container({ User }).user?.root).toBe(root);
  });

  /** A newer field than the version knows is dropped by the daemon: it protects nothing, and may harm. */
  it('counts no protection that the version does not have', () => {
    expect(host({ CgroupnsMode: 'private' }, 40).namespaces.cgroup.mode).toBe('default');
    expect(host({ CgroupnsMode: 'host' }, 40).namespaces.cgroup.mode).toBe('host');
    expect(host({ Annotations: { a: 'b' } }, 24).annotations.size).toBe(1);
  });
});

/** The mounts in short: type, source, target, what holds of them. */
function mounts(HostConfig: object, minor = 44): string[] {
  return host(HostConfig, minor).mounts.map((mount: Mount) =>
    [
      mount.type,
      mount.source ?? '-',
      mount.target,
      mount.readOnly && 'ro',
      mount.propagation,
      mount.driver,
      mount.size && `${mount.size}`,
    ]
      .filter(Boolean)
      .join(' '),
  );
}

describe('what is put into a container', () => {
  it.each<[object, string[]]>([
    [{ Binds: ['/etc:/h'] }, ['bind /etc /h']],
    // Cleaned by its text alone, as the daemon does.
    [{ Binds: ['//var/../etc/./:/h/../g:ro,rshared'] }, ['bind /etc /g ro rshared']],
    [{ Binds: ['/:/h'] }, ['bind / /h']],
    [{ Binds: ['/etc:/h:'] }, ['bind /etc /h']],
    [{ Binds: ['data:/d'] }, ['volume data /d']],
    [{ Binds: ['/d'] }, ['volume - /d']],
    [{ Binds: ['data:/d'], VolumeDriver: 'nfs' }, ['volume data /d nfs']],
    [{ Binds: ['./x:/d'] }, ['other ./x /d']],
    [{ Mounts: [{ Type: 'bind', Source: '/a:b/..', Target: '/h', ReadOnly: true }] }, ['bind / /h ro']],
    [{ Mounts: [{ Type: 'BIND', Source: '/etc', Target: '/h' }] }, ['other /etc /h']],
    [{ Mounts: [{ Type: 'volume', Source: 'v', Target: '/h' }] }, ['volume v /h']],
    [{ Mounts: [{ Type: 'image', Source: 'alpine', Target: '/h' }] }, ['image alpine /h']],
    [{ Mounts: [{ Type: 'tmpfs', Target: '/h', TmpfsOptions: { SizeBytes: 8 } }] }, ['tmpfs - /h 8']],
    [{ Tmpfs: { '/run': 'size=1k,exec' } }, ['tmpfs - /run 1024']],
  ])('%j', (HostConfig, expected) => {
    expect(mounts(HostConfig)).toEqual(expected);
  });

  it('makes a volume of any host path by the options of a mount, named or not', () => {
    const DriverConfig = { Options: { type: 'none', o: 'bind', device: '/etc' } };
    const { volumes } = object({
      HostConfig: { Mounts: [{ Type: 'volume', Target: '/h', VolumeOptions: { DriverConfig } }] },
    });
    expect(volumes).toMatchObject([
      {
        options: new Map([
          ['type', 'none'],
          ['o', 'bind'],
          ['device', '/etc'],
        ]),
      },
    ]);
    expect(volumes?.[0]).not.toHaveProperty('name');
  });
});

/** The networks that a container joins. */
function networks(body: object): string[] {
  return (object(body).endpoints ?? []).map(({ network }) => network);
}

describe('networks', () => {
  it.each<[object, string[]]>([
    [{ HostConfig: { NetworkMode: 'app' } }, ['app']],
    [{ HostConfig: { NetworkMode: 'default' } }, ['bridge']],
    [{ HostConfig: { NetworkMode: 'container:x' } }, []],
    // Endpoints take the place of NetworkMode's network (E).
    [
      { HostConfig: { NetworkMode: 'none' }, NetworkingConfig: { EndpointsConfig: { secret: {} } } },
      ['secret'],
    ],
    // A NetworkID wins over the name (E), but for the daemon's own networks.
    [{ NetworkingConfig: { EndpointsConfig: { allowed: { NetworkID: 'f00' } } } }, ['f00']],
    [{ NetworkingConfig: { EndpointsConfig: { bridge: { NetworkID: 'f00' } } } }, ['bridge']],
    [{ NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } }, ['a', 'b']],
  ])('%j', (body, expected) => {
    expect(networks(body)).toEqual(expected);
  });
});

describe('an update', () => {
  it('says only what it changes', () => {
    expect(object({ Memory: 0, CpuShares: 0, Devices: null }, 44, 'x/update').container).toEqual({
      ...silent,
      origin: 'update',
    });
  });

  it.each([
    [{ PidsLimit: 0 }, { pids: 0 }],
    [{ PidsLimit: -1 }, { pids: -1 }],
    [{ CpuQuota: -1 }, { nanoCpus: -1 }],
    [{ CpuPeriod: 1000 }, { cpuPeriodAlone: 1000 }],
    [{ CpuPeriod: 1000, CpuQuota: 1000 }, { nanoCpus: 1_000_000_000 }],
    [{ NanoCpus: 5, CpuPeriod: 1000 }, { nanoCpus: 5 }],
  ])('%j', (body, limits) => {
    expect(object(body, 44, 'x/update').container?.limits).toEqual({ ulimits: [], blkio: [], ...limits });
  });

  it('below 1.40 has no limit of processes, and may still lift one', () => {
    expect(object({ PidsLimit: 5 }, 39, 'x/update').container?.limits).not.toHaveProperty('pids');
    expect(object({ PidsLimit: -1 }, 39, 'x/update').container?.limits).toMatchObject({ pids: -1 });
  });
});
