import type { Container, Endpoint } from './container.ts';
import type { Build, Exec, ImageUse, Network, PluginUse, Swarm, Volume } from './objects.ts';

/** Kubernetes' word for what an action does to its resource. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | 'READ';

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
  /** The path inside the container of `docker cp`, absolute and clean. */
  readonly archive?: { readonly direction: 'in' | 'out'; readonly path: string };
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
