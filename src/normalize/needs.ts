import { type Container, type Endpoint, isWhole, type Mount } from '../model/container.ts';
import type { Fact } from '../model/fact.ts';
import { mayBeNetworkId } from '../model/networkId.ts';
import type { FoundImage, ImageUse, Volume } from '../model/objects.ts';
import type { AdmissionRequest, RequestObject } from '../model/request.ts';
import type { VolumeFacts } from './answers.ts';
import { builtIn } from './container.ts';
import { parseNamespace } from './namespaces.ts';
import { root } from './user.ts';

/** What must be asked of the daemon about things that are named. */
export interface Needs {
  /** Names of volumes. */
  readonly volumes: readonly string[];
  /** Names or ids of images. */
  readonly images: readonly string[];
  /** Names or ids of networks. */
  readonly networks: readonly string[];
}

/** What the daemon answered. */
export interface Known {
  /** What volumes are made of, by name; one that is not there is left out. */
  readonly volumes: ReadonlyMap<string, VolumeFacts>;
  /** Images by the name or id that was asked for. */
  readonly images: ReadonlyMap<string, FoundImage | 'absent'>;
  /** The names of networks by the name or id that was asked for. */
  readonly networks: ReadonlyMap<string, string>;
}

/** What an object names and does not describe, as far as the policies ask for it; undefined: nothing. */
export function needsOf(object: RequestObject, facts: ReadonlySet<Fact>): Needs | undefined {
  const { container, images = [], endpoints = [] } = object;
  const volumes =
    facts.has('volumes') && container !== undefined && isWhole(container) ? volumesIn(container) : [];
  const run = images.filter(({ role }) => facts.has('image') && role === 'run');
  const isService = container?.origin === 'service';
  const joins = facts.has('networkNames') || (facts.has('hostNetwork') && isService);
  const networks = joins ? networksIn(container, endpoints).filter(mayBeId) : [];
  if (volumes.length + run.length + networks.length === 0) return undefined;
  return { volumes, images: run.flatMap((use) => imageKey(use) ?? []), networks };
}

/** Names of volumes that the daemon makes for a request where it has none of that name. */
export function volumesMadeBy({ action, resource, object }: AdmissionRequest): readonly string[] {
  if (action === 'volume.create') return resource.ref === undefined ? [] : [resource.ref];
  return action === 'container.create' && object.container !== undefined ? volumesIn(object.container) : [];
}

/** What an image is asked for by. */
function imageKey({ id, ref }: ImageUse): string | undefined {
  return id ?? ref?.given;
}

function networksIn(container: Container | undefined, endpoints: readonly Endpoint[]): readonly string[] {
  const { mode, given = '' } = container?.namespaces.network ?? {};
  return [...new Set([...endpoints.map(({ network }) => network), ...(mode === 'named' ? [given] : [])])];
}

function volumesIn({ mounts }: Container): readonly string[] {
  const names = mounts.flatMap(({ type, source }) => (type === 'volume' && source ? [source] : []));
  return [...new Set(names)];
}

/** The daemon's own networks go by name (20.10 to 29.7). */
function mayBeId(network: string): boolean {
  return mayBeNetworkId(network) && !builtIn.has(network);
}

/**
 * An object with what is known of the things that it names: the volumes that are there already, what its image is, and
 * its networks by their names.
 */
export function withFacts(object: RequestObject, known: Known): RequestObject {
  const { container, images = [], endpoints = [], volumes = [] } = object;
  const found = images.map((use) => {
    const image = known.images.get(imageKey(use) ?? '');
    // A stored container whose image is gone has nothing left that vouches for it.
    const gone = image === 'absent' && use.id !== undefined;
    return image === undefined ? use : { ...use, found: gone ? nameless : image };
  });
  const joined = endpoints.map((endpoint) => {
    const network = known.networks.get(endpoint.network) ?? endpoint.network;
    return { ...endpoint, network };
  });
  const there = (container?.mounts ?? []).flatMap((mount) => madeOf(mount, known.volumes));
  return {
    ...object,
    ...(container && { container: containerWith(container, found, joined, known.networks) }),
    ...(images.length > 0 && { images: found }),
    ...(endpoints.length > 0 && { endpoints: joined }),
    ...(there.length > 0 && { volumes: [...volumes, ...there] }),
  };
}

const nameless: FoundImage = { names: [], digests: [] };

const noLabels: ReadonlyMap<string, string> = new Map();

/** The volume that a mount names, where it is there, with the options that it was made with. */
function madeOf({ type, source, flag }: Mount, known: Known['volumes']): Volume[] {
  const facts = type === 'volume' && source !== undefined ? known.get(source) : undefined;
  if (facts === undefined || source === undefined) return [];
  // The daemon's own name for one that was given none (20.10 to 29.7).
  const name = /^[0-9a-f]{64}$/.test(source) ? {} : { name: source };
  return [{ ...name, ...facts, labels: noLabels, flag }];
}

function containerWith(
  container: Container,
  images: NonNullable<RequestObject['images']>,
  endpoints: readonly Endpoint[],
  networks: Known['networks'],
): Container {
  const run = images.find(({ role }) => role === 'run')?.found;
  const itsUser = run === undefined || run === 'absent' ? undefined : (run.user ?? root);
  const user = container.user ?? (isWhole(container) ? itsUser : undefined);
  const host = container.origin === 'service' && endpoints.some(({ network }) => network === 'host');
  const name = host ? 'host' : networks.get(container.namespaces.network.given);
  const network = name === undefined ? container.namespaces.network : parseNamespace('network', name);
  return { ...container, ...(user && { user }), namespaces: { ...container.namespaces, network } };
}
