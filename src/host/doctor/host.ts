import type { Status } from '../../admin/routes/status.ts';
import type { Config } from '../../config/config.ts';
import type { Daemon } from '../daemon.ts';
import type { DaemonJson } from '../daemonJson.ts';
import type { Listening } from '../listening.ts';

/** What was gathered about a host: a plain value. What is absent could not be looked at, and stands in `unseen`. */
export interface Host {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly unseen: readonly Unseen[];
  /** What is wrong with the configuration of `serve`, as text; with any, `config` is what holds without it. */
  readonly configErrors: readonly string[];
  readonly config: Config;
  /** How Bulwark is started on this host. */
  readonly start: string;
  readonly daemon: DaemonFacts;
  readonly plugins: PluginFacts;
  /** What a running `serve` says of itself. */
  readonly serve?: Status;
  readonly policies: { readonly errors: readonly Remark[]; readonly warnings: readonly Remark[] };
  readonly files: FileFacts;
  readonly system: SystemFacts;
}

/** What could not be looked at. */
export interface Unseen {
  readonly what: string;
  readonly why: string;
}

export interface Remark {
  /** Where and what. */
  readonly text: string;
  readonly fix: string;
}

export interface DaemonFacts {
  /** Its unix socket. */
  readonly socket: string;
  readonly process: Daemon;
  /** Empty where there is no file. */
  readonly json?: DaemonJson;
  /** Why dockerd would not take the file. */
  readonly jsonBroken?: string;
  /** Why it does not answer, or with an error. */
  readonly silent?: string;
  /** As `26.1.5+dfsg1`. */
  readonly version?: string;
  readonly info?: Info;
  readonly managed?: readonly ManagedPlugin[];
  readonly containers?: readonly Container[];
  /** Other processes that are called dockerd, as command lines. */
  readonly others: readonly string[];
}

/** Of `GET /info`. */
export interface Info {
  /** As they were when the daemon started: a reload changes the chain and not this (E: 20.10, 26.1). */
  readonly plugins: readonly string[];
  readonly securityOptions: readonly string[];
  readonly liveRestore: boolean;
  readonly experimental: boolean;
  readonly loggingDriver: string;
  readonly storageDriver: string;
}

export interface ManagedPlugin {
  /** Without `:latest`. */
  readonly name: string;
  readonly enabled: boolean;
}

export interface Container {
  readonly name: string;
  /** Host paths that it can write. */
  readonly writes: readonly string[];
}

export interface PluginFacts {
  /** Files by which dockerd finds plugins, in the order in which it looks. */
  readonly found: readonly PluginFile[];
  /** Whether somebody listens on Bulwark's own socket. */
  readonly authzSocket?: Listening;
  /** The process that listens there; `elsewhere`: none that can be seen on this host does. */
  readonly server?: { readonly pid: number; readonly uid: number } | 'elsewhere';
}

export interface PluginFile {
  readonly name: string;
  readonly path: string;
  /** Of a socket; absent of files that name one. */
  readonly listening?: Listening;
}

/** Owner and permissions of a place. */
export interface Permissions {
  readonly path: string;
  /** What it is to Bulwark. */
  readonly role: string;
  readonly uid: number;
  readonly gid: number;
  /** The permission bits. */
  readonly mode: number;
}

export interface FileFacts {
  /** Whoever can write one of these can change what Bulwark does: the places themselves and all folders above. */
  readonly trusted: readonly Permissions[];
  /** What nobody else may read or use, such as keys. */
  readonly secret: readonly Permissions[];
  /** The daemon's socket. */
  readonly socket?: Permissions;
  /** Who is in the group of the daemon's socket. */
  readonly group?: { readonly name: string; readonly members: readonly string[] };
  /** Sockets of other programs that start containers as root. */
  readonly sideDoors: readonly Permissions[];
  /** Users who may own what is trusted: root, and who runs Bulwark. */
  readonly owners: readonly number[];
}

export interface SystemFacts {
  readonly clock?: { readonly isSynchronised: boolean };
  /** The latest time that is written down here, in milliseconds since 1970, and where. */
  readonly latest?: { readonly time: number; readonly where: string };
  /** Bytes and inodes of the ledger's disk; `inodes` is 0 where the file system does not count them. */
  readonly disk?: {
    readonly free: number;
    readonly freeInodes: number;
    readonly inodes: number;
    readonly ledger: number;
  };
  /** What the kernel has for keeping containers apart. */
  readonly security: { readonly selinux: boolean; readonly appArmor: boolean };
  /** Places where Bulwark would find other files than the daemon. */
  readonly otherFiles?: readonly string[];
}
