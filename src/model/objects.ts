import type { Int } from '../gojson/types.ts';
import type { User } from './container.ts';
import type { ImageRef } from './image.ts';

/** A volume that a request makes. */
export interface Volume {
  /** Absent: anonymous. */
  readonly name?: string;
  /** Absent: the daemon's `local`. */
  readonly driver?: string;
  readonly options: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  /** The command or flag as a user would have typed it, raw. */
  readonly flag: string;
}

/** A network that a request makes. */
export interface Network {
  readonly name: string;
  /** Empty: `bridge`. */
  readonly driver: string;
  readonly ipamDriver: string;
  readonly options: ReadonlyMap<string, string>;
  readonly ipamOptions: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly configOnly: boolean;
  readonly configFrom?: string;
}

export interface Exec {
  readonly privileged: boolean;
  /** Absent: the container's user. */
  readonly user?: User;
  /** Names alone. */
  readonly env: readonly string[];
}

/** A `docker build` as far as the daemon's plugin sees it: parameters, never the Dockerfile. */
export interface Build {
  /** The classic builder, whose parameters act, or BuildKit, opaque but for some of them. */
  readonly builder: 'classic' | 'buildkit';
  readonly remote?: string;
  readonly networkMode: string;
  readonly argNames: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly securityOpts: readonly string[];
  readonly extraHosts: readonly string[];
  readonly cgroupParent?: string;
  /** Types of the outputs as the CLI names them (`local`, `tar`, `image` ...); `registry` for an image that is pushed. */
  readonly outputs: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly memory?: Int;
  readonly memorySwap?: Int;
  readonly nanoCpus?: Int;
  readonly shmSize?: Int;
  readonly ulimits: readonly { readonly name: string; readonly soft: Int; readonly hard: Int }[];
}

export interface ImageUse {
  readonly role: 'run' | 'pull' | 'import' | 'load' | 'build' | 'tag' | 'commit' | 'push' | 'save';
  /** Absent where the request names none (load, an untagged build). */
  readonly ref?: ImageRef;
  /** Every tag of the repository is meant. */
  readonly allTags?: boolean;
  /** Where the content comes from: a URL, or absent for a body or a registry. */
  readonly from?: string;
  /** The id with which a stored container keeps it, whatever the name stands for by now. */
  readonly id?: string;
  /** What the daemon has under that id or name; absent: nobody has looked. */
  readonly found?: FoundImage | 'absent';
}

/** An image as the daemon has it. */
export interface FoundImage {
  /** All its names here, with tags and with digests. */
  readonly names: readonly ImageRef[];
  /**
   * Those with a digest, by the repositories from which it was pulled or to which it was pushed. What is built, committed,
   * imported or loaded has none (E 20.10, 26.1, with the classic store; containerd's gives one to everything).
   */
  readonly digests: readonly ImageRef[];
  /** Its USER; absent: root. */
  readonly user?: User;
}

/** A managed plugin that is installed, changed or removed. */
export interface PluginUse {
  /** The names by which it would be known, as asked: local name and remote. */
  readonly names: readonly string[];
  /** Settings given by `plugin.set` or a service's PluginSpec, `KEY=value`. */
  readonly settings: readonly string[];
}

/** A change of the swarm itself. */
export interface Swarm {
  readonly nodeRole?: string;
  /** Addresses of managers whose swarm the host joins and so obeys. */
  readonly remotes: readonly string[];
  /** URLs that say who may be a manager, with their options. */
  readonly externalCas: readonly string[];
  readonly externalCaOptions: ReadonlyMap<string, string>;
  /** The request brings the authority (certificate or key) that says who may be a manager. */
  readonly signingCa: boolean;
  readonly logging?: { readonly driver: string; readonly options: ReadonlyMap<string, string> };
  /** The plugin that gives a secret its value. */
  readonly secretDriver?: string;
  readonly secretDriverOptions?: ReadonlyMap<string, string>;
  /** How a secret's or configuration's text is completed: `golang`. */
  readonly templating?: string;
}

/** A checkpoint of a container, which the daemon keeps in a folder of the host, as root. */
export interface Checkpoint {
  /** Its name, a folder below `dir`; empty for the list. May hold `..` on releases up to 29.7. */
  readonly id: string;
  /** The folder as asked; absent: the daemon's own. */
  readonly dir?: string;
}
