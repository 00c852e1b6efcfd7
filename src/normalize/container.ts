import type { Value } from '../gojson/types.ts';
import type { Container, Endpoint, Port, Restart } from '../model/container.ts';
import type { RequestObject } from '../model/request.ts';
import { parseCapabilities } from './capabilities.ts';
import type {
  createRequest,
  endpointSettings,
  hostConfig,
  restartPolicy,
  updateConfig,
} from './describe/container.ts';
import { parseImage } from './image.ts';
import { parseLimits } from './limits.ts';
import { fromAnonymous, fromBind, fromMount, fromTmpfs, type Mounted } from './mounts.ts';
import { parseNamespace } from './namespaces.ts';
import { parseSecurityOptions } from './securityOptions.ts';
import { parseUser } from './user.ts';

type CreateRequest = Value<typeof createRequest>;
type HostConfig = Value<typeof hostConfig>;

const nothing: ReadonlyMap<string, string> = new Map();

/** A container that states nothing; whatever makes one says what differs. */
export const silent: Omit<Container, 'origin'> = {
  privileged: false,
  capAdd: [],
  capDrop: [],
  namespaces: {
    network: parseNamespace('network', ''),
    pid: parseNamespace('pid', ''),
    ipc: parseNamespace('ipc', ''),
    uts: parseNamespace('uts', ''),
    user: parseNamespace('user', ''),
    cgroup: parseNamespace('cgroup', ''),
  },
  links: [],
  mounts: [],
  volumesFrom: [],
  devices: [],
  deviceRules: [],
  deviceRequests: [],
  security: { labelDisable: false, labels: [], writableCgroups: false, other: [] },
  readOnlyRoot: false,
  groupAdd: [],
  sysctls: nothing,
  annotations: nothing,
  limits: { ulimits: [], blkio: [] },
  ports: [],
  publishAllPorts: false,
  env: [],
  labels: nothing,
  autoRemove: false,
};

/** The canonical object of container.create. */
export function fromCreate(body: CreateRequest, name: string, minor: number): RequestObject {
  const host = body.HostConfig ?? {};
  const image = body.Image ? parseImage(body.Image) : undefined;
  const user = parseUser(body.User ?? '');
  const { mounts, volumes } = mountsOf(body, host, minor);
  const container: Container = {
    ...fromHostConfig(host),
    origin: 'create',
    ...(name !== '' && { name }),
    ...(image && { image }),
    ...(user && { user }),
    mounts,
    env: envNames(body.Env),
    labels: body.Labels ?? nothing,
  };
  return {
    container,
    volumes,
    endpoints: endpointsOf(body.NetworkingConfig?.EndpointsConfig, container),
    ...(image && { images: [{ role: 'run', ref: image }] }),
  };
}

/** What an update changes; `Devices` and the like in it are decoded by the daemon and dropped (E). */
export function fromUpdate(body: Value<typeof updateConfig>): RequestObject {
  return {
    container: {
      ...silent,
      origin: 'update',
      limits: parseLimits(body),
      ...resourcesOf(body),
      ...restartOf(body.RestartPolicy),
    },
  };
}

/** What stands in HostConfig, but for the mounts, which need more than it. */
export function fromHostConfig(host: HostConfig): Omit<Container, 'origin'> {
  return {
    ...silent,
    privileged: host.Privileged === true,
    capAdd: parseCapabilities(host.CapAdd),
    capDrop: parseCapabilities(host.CapDrop),
    namespaces: {
      network: parseNamespace('network', host.NetworkMode ?? ''),
      pid: parseNamespace('pid', host.PidMode ?? ''),
      ipc: parseNamespace('ipc', host.IpcMode ?? ''),
      uts: parseNamespace('uts', host.UTSMode ?? ''),
      user: parseNamespace('user', host.UsernsMode ?? ''),
      cgroup: parseNamespace('cgroup', host.CgroupnsMode ?? ''),
    },
    ...(host.Cgroup && { joinCgroup: host.Cgroup }),
    links: host.Links ?? [],
    volumesFrom: host.VolumesFrom ?? [],
    ...resourcesOf(host),
    security: parseSecurityOptions(host.SecurityOpt ?? []),
    ...(host.MaskedPaths && { maskedPaths: host.MaskedPaths }),
    ...(host.ReadonlyPaths && { readonlyPaths: host.ReadonlyPaths }),
    readOnlyRoot: host.ReadonlyRootfs === true,
    groupAdd: host.GroupAdd ?? [],
    sysctls: host.Sysctls ?? nothing,
    ...(host.Runtime && { runtime: host.Runtime }),
    annotations: host.Annotations ?? nothing,
    limits: {
      ...parseLimits(host),
      ...(host.ShmSize && { shmSize: host.ShmSize }),
      ...(host.OomScoreAdj && { oomScoreAdj: host.OomScoreAdj }),
    },
    ...restartOf(host.RestartPolicy),
    ports: portsOf(host),
    publishAllPorts: host.PublishAllPorts === true,
    ...loggingOf(host),
    autoRemove: host.AutoRemove === true,
  };
}

/** The devices and the cgroup parent, which stand among the resources. */
function resourcesOf(
  stated: Pick<HostConfig, 'Devices' | 'DeviceCgroupRules' | 'DeviceRequests' | 'CgroupParent'>,
): Pick<Container, 'devices' | 'deviceRules' | 'deviceRequests' | 'cgroupParent'> {
  return {
    devices: (stated.Devices ?? []).map((device) => ({
      path: device.PathOnHost ?? '',
      permissions: device.CgroupPermissions ?? '',
    })),
    deviceRules: stated.DeviceCgroupRules ?? [],
    deviceRequests: (stated.DeviceRequests ?? []).map((request) => ({
      driver: request.Driver ?? '',
      count: request.Count ?? 0,
      ids: request.DeviceIDs ?? [],
      capabilities: request.Capabilities ?? [],
      options: request.Options ?? nothing,
    })),
    ...(stated.CgroupParent && { cgroupParent: stated.CgroupParent }),
  };
}

function restartOf(policy: Value<typeof restartPolicy> | undefined): { restart?: Restart } {
  if (policy === undefined || (!policy.Name && !policy.MaximumRetryCount)) return {};
  return { restart: { name: policy.Name || 'no', maxRetries: policy.MaximumRetryCount ?? 0 } };
}

function loggingOf({ LogConfig: log }: HostConfig): Pick<Container, 'logging'> {
  const options = log?.Config ?? nothing;
  return log?.Type || options.size > 0 ? { logging: { driver: log?.Type ?? '', options } } : {};
}

/** An empty list of bindings publishes the port too, at random on all addresses (S, up to 29.7). */
function portsOf(host: HostConfig): Port[] {
  return [...(host.PortBindings ?? [])].flatMap(([key, bindings]) => {
    const port = key.includes('/') ? key : `${key}/tcp`;
    const stated = bindings.length > 0 ? bindings : [{ HostIp: '', HostPort: '' }];
    return stated.map(({ HostIp: hostIp = '', HostPort: hostPort = '' }) => ({ port, hostIp, hostPort }));
  });
}

/** `K=V` sets a variable and `K` alone removes one; values are secrets and end here. */
export function envNames(env: readonly string[] | undefined): string[] {
  return (env ?? []).map((entry) => entry.split('=', 1)[0] ?? '');
}

function mountsOf(body: CreateRequest, host: HostConfig, minor: number): Mounted {
  const driver = host.VolumeDriver ?? '';
  const all = [
    ...(host.Binds ?? []).map((bind) => fromBind(bind, driver, minor)),
    ...(host.Mounts ?? []).map((mount) => fromMount(mount, minor)),
    ...[...(host.Tmpfs ?? [])].map(([target, options]) => fromTmpfs(target, options)),
    ...[...(body.Volumes?.keys() ?? [])].map((target) => fromAnonymous(target, driver)),
  ];
  return { mounts: all.flatMap(({ mounts }) => mounts), volumes: all.flatMap(({ volumes }) => volumes) };
}

/** The daemon's own networks, for which the key counts and not a NetworkID beside it. */
export const builtIn: ReadonlySet<string> = new Set(['bridge', 'default', 'host', 'none']);

/** Endpoints take the place of NetworkMode's network (E 20.10, 26.1). */
export function endpointsOf(
  stated: ReadonlyMap<string, Value<typeof endpointSettings>> | undefined,
  { namespaces: { network } }: Container,
): Endpoint[] {
  if (stated !== undefined && stated.size > 0) {
    return [...stated].map(([name, settings]) => toEndpoint(name, settings, `--network ${name}`));
  }
  if (network.mode === 'container') return [];
  const name = network.mode === 'default' ? 'bridge' : network.given;
  return [{ network: name, driverOptions: nothing, links: [], flag: `--network ${name}` }];
}

/** An endpoint of a network; a NetworkID in its settings wins over the name (E 20.10, 28; S 29.7). */
export function toEndpoint(name: string, settings: Value<typeof endpointSettings>, flag: string): Endpoint {
  const id = settings.NetworkID ?? '';
  return {
    network: id === '' || builtIn.has(name) ? name : id,
    driverOptions: settings.DriverOpts ?? nothing,
    links: settings.Links ?? [],
    flag,
  };
}
