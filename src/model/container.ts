import type { Int } from '../gojson/types.ts';
import type { ImageRef } from './image.ts';

/** A namespace setting. `default`: not stated. `other`: a word that the daemon may refuse or take for a name. */
export interface NamespaceMode {
  readonly mode: 'default' | 'host' | 'private' | 'shareable' | 'none' | 'container' | 'named' | 'other';
  /** The container to be joined, or the name of the network. */
  readonly ref?: string;
  /** As the client wrote it. */
  readonly given: string;
}

/** A capability: `name` is upper case without `CAP_`, or `ALL`. */
export interface Capability {
  readonly name: string;
  readonly given: string;
}

/** What is put into a container's file tree, from wherever in the request it came. */
export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'cluster' | 'other';
  /** bind: the host path, cleaned as the daemon cleans it; volume: its name, absent if anonymous; image: the reference. */
  readonly source?: string;
  /** Cleaned path inside the container. */
  readonly target: string;
  /** The mount itself is read-only. */
  readonly readOnly: boolean;
  /** Mounts below it may stay writable though it is read-only: the daemon was not asked to forbid that. */
  readonly writableBelow: boolean;
  /** A bind's propagation as given; absent: rprivate. */
  readonly propagation?: string;
  /** Volume driver as given; absent: the daemon's `local`. */
  readonly driver?: string;
  /** tmpfs: bytes; absent or 0: no limit but the host's memory. */
  readonly size?: Int;
  /** tmpfs: mount options. */
  readonly options: readonly string[];
  /** The flag as a user would have typed it, raw: quote it before showing. */
  readonly flag: string;
}

export interface Device {
  readonly path: string;
  /** Any of `rwm`; empty means all. */
  readonly permissions: string;
}

export interface DeviceRequest {
  readonly driver: string;
  /** -1: all. */
  readonly count: Int;
  readonly ids: readonly string[];
  readonly capabilities: readonly (readonly string[])[];
  readonly options: ReadonlyMap<string, string>;
}

/** A user as dockerd would look it up. A name means what the image's passwd says, so it may be root. */
export interface User {
  readonly given: string;
  /** The part before the colon; empty: root. */
  readonly name: string;
  readonly uid?: number;
  readonly group?: string;
  readonly gid?: number;
  readonly root: 'yes' | 'no' | 'unknown';
  readonly rootGroup: 'yes' | 'no' | 'unknown';
}

/** Security options, split as the daemon splits them. Absent: not stated. */
export interface SecurityOptions {
  /** `unconfined`, `builtin`, `custom` (a profile in the request) or absent. */
  readonly seccomp?: 'unconfined' | 'builtin' | 'custom';
  /** The `custom` profile's JSON as it was sent, for its digest. */
  readonly seccompProfile?: string;
  /** SHA-256 in hex of a `custom` profile where its text is not there: in a request that comes from a record. */
  readonly seccompDigest?: string;
  /** Profile name; `unconfined` switches it off. */
  readonly appArmor?: string;
  /** `label=disable` or a bare `disable`. */
  readonly labelDisable: boolean;
  /** The other `label=` options: `type:container_t`, `user:...`. */
  readonly labels: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly writableCgroups: boolean;
  /** Options that no known daemon takes. */
  readonly other: readonly string[];
}

export interface Limits {
  /** Bytes; 0: none. All of them absent where the request does not speak of them. */
  readonly memory?: Int;
  /** Bytes of memory and swap together; -1: no limit; 0: twice `memory`. */
  readonly memorySwap?: Int;
  readonly memoryReservation?: Int;
  readonly swappiness?: Int;
  /** Nano-CPUs, from NanoCpus or quota over period; 0: none, or in an update unchanged; less: an update that lifts the limit (quota -1). */
  readonly nanoCpus?: Int;
  /** An update's CpuPeriod without a quota, in microseconds: it changes what the stored quota is worth. */
  readonly cpuPeriodAlone?: Int;
  /** 0 or less: none. In an update it then lifts the limit; absent: unchanged. */
  readonly pids?: Int;
  readonly cpuShares?: Int;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** Realtime runtime in microseconds. */
  readonly cpuRealtime?: Int;
  /** Bytes of /dev/shm. */
  readonly shmSize?: Int;
  readonly oomKillDisable?: boolean;
  readonly oomScoreAdj?: Int;
  /** -1: unlimited. */
  readonly ulimits: readonly { readonly name: string; readonly soft: Int; readonly hard: Int }[];
  /** Names of the block I/O settings with a value. */
  readonly blkio: readonly string[];
}

export interface Port {
  /** Container port with protocol, `80/tcp`. */
  readonly port: string;
  /** Empty: all addresses of the host. */
  readonly hostIp: string;
  /** Empty or `0`: any; may be a range. */
  readonly hostPort: string;
}

export interface Restart {
  /** `no`, `always`, `unless-stopped`, `on-failure`; a service's `none` is `no`, its `any` is `always`. */
  readonly name: string;
  /** 0: no limit. */
  readonly maxRetries: Int;
}

/** A network to be joined. */
export interface Endpoint {
  /** Name or id as asked. A NetworkID inside the endpoint's settings overrides the key and stands here. */
  readonly network: string;
  readonly driverOptions: ReadonlyMap<string, string>;
  readonly links: readonly string[];
  readonly flag: string;
}

/**
 * A container as it is asked for or stored, one shape whatever it came from. What the request does not
 * state is absent, so that an update says only what it changes.
 */
export interface Container {
  /**
   * `create`, a container's `update`, a `service`'s tasks, a managed `plugin`, an `image`'s configuration; `stored`: as
   * the daemon keeps it, with the image's part in it.
   */
  readonly origin: 'create' | 'update' | 'service' | 'plugin' | 'image' | 'stored';
  readonly name?: string;
  readonly image?: ImageRef;
  readonly user?: User;
  readonly privileged: boolean;
  readonly capAdd: readonly Capability[];
  readonly capDrop: readonly Capability[];
  readonly namespaces: {
    readonly network: NamespaceMode;
    readonly pid: NamespaceMode;
    readonly ipc: NamespaceMode;
    readonly uts: NamespaceMode;
    readonly user: NamespaceMode;
    readonly cgroup: NamespaceMode;
  };
  /** The container whose cgroup is to be joined (`Cgroup: container:x`). */
  readonly joinCgroup?: string;
  readonly links: readonly string[];
  readonly mounts: readonly Mount[];
  readonly volumesFrom: readonly string[];
  readonly devices: readonly Device[];
  readonly deviceRules: readonly string[];
  readonly deviceRequests: readonly DeviceRequest[];
  readonly security: SecurityOptions;
  /** Absent: the daemon's default list. Empty: nothing is masked. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly readOnlyRoot: boolean;
  readonly groupAdd: readonly string[];
  readonly sysctls: ReadonlyMap<string, string>;
  readonly cgroupParent?: string;
  readonly runtime?: string;
  readonly annotations: ReadonlyMap<string, string>;
  readonly limits: Limits;
  readonly restart?: Restart;
  readonly ports: readonly Port[];
  readonly publishAllPorts: boolean;
  /** Names alone: values are secrets. */
  readonly env: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly logging?: { readonly driver: string; readonly options: ReadonlyMap<string, string> };
  readonly autoRemove: boolean;
}

/** Whether a container is described whole, so that what is absent is unset. An update says only what it changes. */
export function isWhole({ origin }: Pick<Container, 'origin'>): boolean {
  return origin === 'create' || origin === 'service' || origin === 'stored';
}
