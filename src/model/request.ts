import type { Container, Endpoint } from './container.ts';
import type { Build, Checkpoint, Exec, ImageUse, Network, PluginUse, Swarm, Volume } from './objects.ts';

/** Kubernetes' word for what an action does to its resource. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | 'READ';

/**
 * What the action acts on. Mostly the name of the path; of the others:
 * container.create, volume.create, network.create, service, secret and config creates: the name they ask for;
 * container.commit: the container of `container=`; container.rename: the container as it is called before;
 * network.connect and disconnect: the network of the path, though a NetworkID may join another (`endpoints`);
 * exec.create: the container; exec.start, resize and inspect: the exec's id, which says nothing of its container;
 * checkpoints: the container; image.tag and push: the image that is there; image.pull, import, load, save
 * of several and build: none, `images` has them; plugin.pull and create: the name that they ask for.
 */
export interface Resource {
  /** Docker's word: container, image, volume, network, exec, service, plugin ... */
  readonly kind: string;
  /** Name or id as asked; absent where the action names none (lists, creates without a name). */
  readonly ref?: string;
}

/**
 * What a request speaks of, one shape for every action that speaks of it: a service's task, a plugin's
 * privileges and a container.create all have a `container`. Controls look at the parts and need not know the action.
 */
export interface RequestObject {
  readonly container?: Container;
  /** The networks to be joined, by run, connect or a service. */
  readonly endpoints?: readonly Endpoint[];
  /** Volumes that the request makes: by volume.create, or on the way by a mount with driver options. */
  readonly volumes?: readonly Volume[];
  readonly network?: Network;
  readonly exec?: Exec;
  readonly build?: Build;
  /** Images by the part that they play: run, pulled, tagged, imported, built ... */
  readonly images?: readonly ImageUse[];
  readonly plugin?: PluginUse;
  readonly swarm?: Swarm;
  /** Labels of the thing itself where no other part holds them: of a service, a node, a secret, a configuration. */
  readonly labels?: ReadonlyMap<string, string>;
  /** A checkpoint that is made, listed, removed or restored: folders of the host. */
  readonly checkpoint?: Checkpoint;
  /** The container, where the resource is another thing: network.connect and disconnect. Name or id as asked. */
  readonly containerRef?: string;
  /** The name that the resource gets: container.rename. */
  readonly newName?: string;
  /** The path inside the container of `docker cp`, absolute and clean. */
  readonly archive?: { readonly direction: 'in' | 'out'; readonly path: string };
  /**
   * Where the host paths of this object lead on this host once links are followed, by the clean path as written. Those that
   * lead nowhere else are not in it; absent: all of them, or nobody has looked.
   */
  readonly leads?: ReadonlyMap<string, string>;
}

/** The canonical admission request: what the daemon would do, in Bulwark's words. Immutable. */
export interface AdmissionRequest {
  /** As in the table of routes: `container.create`. */
  readonly action: string;
  readonly operation: Operation;
  readonly resource: Resource;
  /** Minor version of the path (41 for 1.41); undefined for a path without one, which is the daemon's highest. */
  readonly minor: number | undefined;
  /** Decoded query, known and unknown keys alike, all values in order. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly object: RequestObject;
  /** Fields and query keys with a value that no description knows, by path. */
  readonly unknown: readonly string[];
}
