import { JsonError, readJson } from '../gojson/read.ts';
import type { GoType, Value } from '../gojson/types.ts';
import { Refusal } from '../model/error.ts';
import type { ImageRef } from '../model/image.ts';
import type { FoundImage } from '../model/objects.ts';
import { printable, quote } from '../model/printable.ts';
import {
  containerInspect,
  daemonInfo,
  execInspect,
  imageInspect,
  networkInspect,
  serviceInspect,
  volumeInspect,
} from './describe/inspect.ts';
import type { serviceSpec } from './describe/service.ts';
import { parseImage } from './image.ts';
import { newestMinor } from './target.ts';
import { parseUser } from './user.ts';

/**
 * Reads the daemon's answers to Bulwark's own look-ups, as strictly as a client's body: what a client has put into a
 * container comes back in them. They are asked for without a version, and so hold every field that the daemon has.
 */

/** What the daemon fills in where a client says nothing, as its `/info` tells. */
export interface DaemonDefaults {
  readonly runtime: string;
  readonly logDriver: string;
}

/** What a volume is made of, whoever made it. */
export interface VolumeFacts {
  readonly driver: string;
  readonly options: ReadonlyMap<string, string>;
}

type Inspect = Value<typeof containerInspect>;

/** A stored container as inspect tells it, read but not yet understood. */
export interface Inspected {
  readonly id: string;
  /** Without the slash before it. */
  readonly name: string;
  /** The id of its image; empty where the daemon tells none. */
  readonly image: string;
  readonly settings: Inspect & {
    readonly HostConfig: NonNullable<Inspect['HostConfig']>;
    readonly Config: NonNullable<Inspect['Config']>;
  };
  /** Fields with a value that no description knows, by path. */
  readonly unknown: readonly string[];
}

/** @throws Refusal `facts-unreadable` */
export function readContainer(bytes: Uint8Array): Inspected {
  const what = 'a container';
  const { value, unknown } = read(bytes, containerInspect, what);
  const { Id: id, Name: name = '', Image: image = '', HostConfig, Config } = value;
  if (!id || HostConfig === undefined || Config === undefined) {
    throw unreadable(what, 'it lacks the id or the settings.');
  }
  return { id, name: name.replace(/^\//, ''), image, settings: { ...value, HostConfig, Config }, unknown };
}

/** @throws Refusal `facts-unreadable` */
export function readVolume(bytes: Uint8Array): VolumeFacts {
  const { Driver: driver = '', Options: options = new Map() } = read(bytes, volumeInspect, 'a volume').value;
  return { driver, options };
}

/** @throws Refusal `facts-unreadable` */
export function readImage(bytes: Uint8Array): FoundImage {
  const { RepoTags, RepoDigests, Config } = read(bytes, imageInspect, 'an image').value;
  const digests = refsOf(RepoDigests);
  const user = parseUser(Config?.User ?? '');
  return { names: [...refsOf(RepoTags), ...digests], digests, ...(user && { user }) };
}

/** Untagged, older releases say `<none>` (S 20.10 to 24). */
function refsOf(names: readonly string[] = []): ImageRef[] {
  return names.filter((name) => !name.startsWith('<none>')).map(parseImage);
}

/** A service as it is and as it was before, which a rollback brings back; there may be none. */
export interface InspectedService {
  readonly name: string;
  readonly specs: readonly Value<typeof serviceSpec>[];
  /** Fields with a value that no description knows, by path. */
  readonly unknown: readonly string[];
}

/** @throws Refusal `facts-unreadable` */
export function readService(bytes: Uint8Array): InspectedService {
  const what = 'a service';
  const { value, unknown } = read(bytes, serviceInspect, what);
  const { Spec: spec, PreviousSpec: previous } = value;
  if (spec === undefined) throw unreadable(what, 'it lacks the specification.');
  return { name: spec.Name ?? '', specs: previous === undefined ? [spec] : [spec, previous], unknown };
}

/** @throws Refusal `facts-unreadable` */
export function readNetwork(bytes: Uint8Array): { readonly id: string; readonly name: string } {
  const { Id: id = '', Name: name = '' } = read(bytes, networkInspect, 'a network').value;
  return { id, name };
}

/**
 * The id of the container in which an exec runs.
 *
 * @throws Refusal `facts-unreadable`
 */
export function readExec(bytes: Uint8Array): string {
  const what = 'an exec';
  const { ContainerID: id } = read(bytes, execInspect, what).value;
  if (!id) throw unreadable(what, 'it lacks the container.');
  return id;
}

/** @throws Refusal `facts-unreadable` */
export function readInfo(bytes: Uint8Array): DaemonDefaults {
  const { DefaultRuntime: runtime = '', LoggingDriver: logDriver = '' } = read(
    bytes,
    daemonInfo,
    'itself',
  ).value;
  return { runtime, logDriver };
}

function read<T extends GoType>(bytes: Uint8Array, type: T, what: string) {
  try {
    return readJson(bytes, type, newestMinor);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const place = error.path === '' ? '' : `${quote(error.path)}: `;
    throw unreadable(what, `${place}${printable(error.message)}.`);
  }
}

function unreadable(what: string, why: string): Refusal {
  return new Refusal('facts-unreadable', `what the daemon tells of ${what} cannot be read: ${why}`);
}
