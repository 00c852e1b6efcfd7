import type { AdmissionRequest, RequestObject } from '../model/request.ts';

/** What is there already, and on whose own strength a request acts, by name or id as asked. */
export interface Reached {
  readonly containers: readonly string[];
  /** Containers that the request links to. One that is gone is no danger and no fault: a link on a network waits for it. */
  readonly linked?: readonly string[];
  /** An exec that is there already; only the daemon knows in which container. */
  readonly exec?: string;
  /** A service that goes back to what it was before, which may be older than the policies. */
  readonly service?: string;
}

const nobody: Reached = { containers: [] };

/**
 * What sets a container's programs going, acts inside it or takes its files out. `docker cp` mounts the binds and
 * volumes also of a container that never started (E 20.10, 26.1), so a look at the start alone is not enough.
 */
const reaches: Readonly<Record<string, (request: AdmissionRequest) => Reached>> = {
  'container.create': ({ object }) => ({ containers: joinedBy(object), ...linkedBy(object) }),
  'container.start': itself,
  'container.restart': itself,
  'container.attach': itself,
  'container.attach_ws': itself,
  'container.archive_stat': itself,
  'container.archive_get': itself,
  'container.archive_put': itself,
  'container.export': itself,
  'container.commit': itself,
  'exec.create': itself,
  'exec.start': ({ resource: { ref } }) => (ref ? { containers: [], exec: ref } : nobody),
  'service.update': ({ resource: { ref }, query }) =>
    // Any other word than `previous` the daemon refuses, and none is no rollback (20.10 to 29.7).
    ref && query.get('rollback')?.[0] ? { containers: [], service: ref } : nobody,
  'network.connect': ({ object }) => {
    const { containerRef: ref } = object;
    return ref ? { containers: [ref], ...linkedBy(object) } : nobody;
  },
};

/** What must be looked at, as it is stored, before a request may pass; undefined: nothing. */
export function reachedBy(request: AdmissionRequest): Reached | undefined {
  const reached = reaches[request.action]?.(request);
  if (reached === undefined) return undefined;
  const { containers, linked = [], exec, service } = reached;
  const none = containers.length + linked.length === 0 && exec === undefined && service === undefined;
  return none ? undefined : reached;
}

/** The name that a container gets by a request. */
export function nameGivenBy({ action, resource, object }: AdmissionRequest): string | undefined {
  if (action === 'container.create') return resource.ref;
  return action === 'container.rename' ? object.newName : undefined;
}

function itself({ resource: { ref } }: AdmissionRequest): Reached {
  return ref ? { containers: [ref] } : nobody;
}

/** The containers whose namespaces, cgroup or mounts a container takes part in. */
export function joinedBy({ container }: RequestObject): readonly string[] {
  if (container === undefined) return [];
  const { namespaces, joinCgroup = '', volumesFrom } = container;
  const modes = Object.values(namespaces).flatMap(({ mode, ref }) =>
    mode === 'container' && ref ? [ref] : [],
  );
  const cgroup = joinCgroup.startsWith('container:') ? [joinCgroup.slice('container:'.length)] : [];
  // `NAME[:MODE]`; a name has no colon.
  const mounts = volumesFrom.map((given) => given.split(':', 1)[0] ?? '');
  return distinct([...modes, ...cgroup, ...mounts]);
}

/** `NAME[:ALIAS]`. */
function linkedBy({ container, endpoints = [] }: RequestObject): Pick<Reached, 'linked'> {
  const links = [...(container?.links ?? []), ...endpoints.flatMap((endpoint) => endpoint.links)];
  const linked = distinct(links.map((given) => given.split(':', 1)[0] ?? ''));
  return linked.length === 0 ? {} : { linked };
}

function distinct(refs: readonly string[]): readonly string[] {
  return [...new Set(refs)].filter((ref) => ref !== '');
}
