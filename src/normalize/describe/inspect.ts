import { any, bool, harmless, int, list, map, string, struct } from '../../gojson/types.ts';
import { config, endpointSettings, hostConfig } from './container.ts';
import { serviceSpec } from './service.ts';

/**
 * The answer to `GET /containers/{id}/json`, 20.10 to 29.7: what the daemon has stored of a container. Names, labels
 * and settings in it are a client's, so they are described as those of a create are, by the same structs. What a new
 * release adds falls to `unknownFields` until somebody has looked at it.
 */

const told = 'the daemon tells what has become of the container; nothing in it is a setting';
const follows = 'follows from settings in HostConfig, which are judged';
const name = 'what the container is called, which a policy does not judge';

/** What is mounted, after the daemon has resolved binds, mounts, the image's volumes and VolumesFrom. */
const mountPoint = struct('MountPoint', {
  Type: string,
  Name: string,
  Source: string,
  Destination: string,
  Driver: string,
  Mode: harmless(string, 'the options as they were given; RW and Propagation say what came of them'),
  RW: bool,
  Propagation: string,
});

const networkSettings = struct('NetworkSettings', {
  Networks: map(endpointSettings),
  Bridge: harmless(any, told),
  SandboxID: harmless(any, told),
  SandboxKey: harmless(any, told),
  Ports: harmless(any, 'the ports that are published now; HostConfig.PortBindings asks for them'),
  HairpinMode: harmless(any, told),
  LinkLocalIPv6Address: harmless(any, told),
  LinkLocalIPv6PrefixLen: harmless(any, told),
  SecondaryIPAddresses: harmless(any, told),
  SecondaryIPv6Addresses: harmless(any, told),
  EndpointID: harmless(any, told),
  Gateway: harmless(any, told),
  GlobalIPv6Address: harmless(any, told),
  GlobalIPv6PrefixLen: harmless(any, told),
  IPAddress: harmless(any, told),
  IPPrefixLen: harmless(any, told),
  IPv6Gateway: harmless(any, told),
  MacAddress: harmless(any, told),
});

export const containerInspect = struct('ContainerInspect', {
  Id: harmless(string, name),
  Name: harmless(string, name),
  Created: harmless(any, told),
  Path: harmless(string, 'acts inside the container alone'),
  Args: harmless(list(string), 'acts inside the container alone'),
  State: harmless(any, told),
  Image: string,
  ImageManifestDescriptor: harmless(any, 'tells the variant of the image'),
  ResolvConfPath: harmless(any, told),
  HostnamePath: harmless(any, told),
  HostsPath: harmless(any, told),
  LogPath: harmless(any, told),
  RestartCount: harmless(int, told),
  Driver: harmless(string, "the driver of the daemon's storage"),
  Platform: harmless(string, told),
  MountLabel: harmless(string, follows),
  ProcessLabel: harmless(string, follows),
  AppArmorProfile: string,
  ExecIDs: harmless(any, told),
  HostConfig: hostConfig,
  GraphDriver: harmless(any, told),
  Storage: harmless(any, told),
  SizeRw: harmless(int, told),
  SizeRootFs: harmless(int, told),
  Mounts: list(mountPoint),
  Config: config,
  NetworkSettings: networkSettings,
});

/** What of `GET /volumes/{name}` counts: what the volume is made of. */
export const volumeInspect = struct('VolumeInspect', {
  Name: harmless(string, 'the name by which it was asked for'),
  Driver: string,
  Options: map(string),
});

/** What of `GET /exec/{id}/json` counts. */
export const execInspect = struct('ExecInspect', {
  ContainerID: harmless(string, 'says which container is looked at, which is judged'),
});

/** The answer to `GET /services/{id}`: what its tasks are, and what they were before its last update. */
export const serviceInspect = struct('ServiceInspect', {
  ID: harmless(string, name),
  Version: harmless(any, told),
  CreatedAt: harmless(any, told),
  UpdatedAt: harmless(any, told),
  Spec: serviceSpec,
  PreviousSpec: serviceSpec,
  Endpoint: harmless(any, told),
  UpdateStatus: harmless(any, told),
  ServiceStatus: harmless(any, told),
  JobStatus: harmless(any, told),
});

/** What of `GET /networks/{id}` counts: which name an id stands for. */
export const networkInspect = struct('NetworkInspect', {
  Id: harmless(string, 'the id by which it is remembered'),
  Name: string,
});

/** What of `GET /images/{name}/json` counts: what it is called here, where it comes from, and whom it runs as. */
export const imageInspect = struct('ImageInspect', {
  RepoTags: list(string),
  RepoDigests: list(string),
  Config: struct('ImageConfig', { User: string }),
});

/** What of `GET /info` counts: what the daemon fills in where a client says nothing. */
export const daemonInfo = struct('DaemonInfo', { DefaultRuntime: string, LoggingDriver: string });
