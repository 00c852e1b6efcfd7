import type { Value } from '../gojson/types.ts';
import type { Mount } from '../model/container.ts';
import { cleanPath } from '../model/paths.ts';
import type { Inspected } from './answers.ts';
import type { containerInspect } from './describe/inspect.ts';
import { fromAnonymous, fromBind, fromMount, fromTmpfs, type Mounted } from './mounts.ts';
import { newestMinor } from './target.ts';

type MountPoint = NonNullable<Value<typeof containerInspect>['Mounts']>[number];

/**
 * Every mount of a stored container. What its settings ask for comes first, with the flags that people know; then what
 * the daemon has resolved beyond that: volumes of the image, all that VolumesFrom took over, and whatever else is
 * mounted without being asked for. Neither list hides the other.
 */
export function storedMounts({ Config, HostConfig, Mounts: points = [] }: Inspected['settings']): Mounted {
  const driver = HostConfig.VolumeDriver ?? '';
  const asked = [
    ...(HostConfig.Binds ?? []).map((bind) => fromBind(bind, driver, newestMinor)),
    ...(HostConfig.Mounts ?? []).map((mount) => fromMount(mount, newestMinor)),
    ...[...(HostConfig.Tmpfs ?? [])].map(([target, options]) => fromTmpfs(target, options)),
  ];
  const stated = asked.flatMap(({ mounts }) => mounts);
  // `Config.Volumes` holds the image's too, and a bind in the same place stands for them.
  const anonymous = [...(Config.Volumes?.keys() ?? [])]
    .filter((target) => !stated.some((mount) => mount.target === cleanPath(target)))
    .map((target) => fromAnonymous(target, driver));
  const declared = [...stated, ...anonymous.flatMap(({ mounts }) => mounts)];
  const resolved = points.map(toMount);
  return {
    mounts: [...declared, ...resolved.filter((mount) => !declared.some((other) => isSame(other, mount)))],
    volumes: [...asked, ...anonymous].flatMap(({ volumes }) => volumes),
  };
}

/** Words of MountPoint.Type that mean themselves; any other is a kind of mount that nobody here knows. */
const types = ['bind', 'volume', 'tmpfs', 'image', 'cluster'] as const;

function toMount(point: MountPoint): Mount {
  const { Name: name = '', Source = '', Destination: target = '', Driver: driver = '', RW } = point;
  const type = types.find((known) => known === point.Type) ?? 'other';
  const source = type === 'bind' ? cleanPath(Source) : type === 'volume' ? name : Source;
  const readOnly = RW !== true;
  return {
    type,
    ...(source !== '' && { source }),
    target: cleanPath(target),
    readOnly,
    writableBelow: type === 'bind',
    // The daemon writes its default out (E 20.10, 26.1); in a Mount it is the absence of another.
    ...(type === 'bind' &&
      point.Propagation &&
      point.Propagation !== 'rprivate' && { propagation: point.Propagation }),
    ...(type === 'volume' && driver !== '' && { driver }),
    options: [],
    flag: `-v ${source}:${target}${readOnly ? ':ro' : ''}`,
  };
}

/** Whether a declared mount says all that its resolved one does. An anonymous volume has got a name since. */
function isSame(declared: Mount, resolved: Mount): boolean {
  if (declared.type !== resolved.type || declared.target !== resolved.target) return false;
  if (resolved.type === 'volume') return declared.source === resolved.source;
  if (resolved.type !== 'bind') return true;
  return (
    declared.source === resolved.source &&
    declared.readOnly === resolved.readOnly &&
    (declared.propagation ?? 'rprivate') === (resolved.propagation ?? 'rprivate')
  );
}
