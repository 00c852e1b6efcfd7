import type { Volume } from '../model/objects.ts';
import { cleanPath } from '../model/paths.ts';
import { printable, quote } from '../model/printable.ts';
import type { RequestObject } from '../model/request.ts';
import type { Finding } from './control.ts';

/** The parts of a request in which host paths stand. */
type WithHostPaths = Pick<RequestObject, 'container' | 'volumes' | 'leads'>;

/** A host path that a request brings into a container, by a bind or by a volume that binds. */
export interface HostMount {
  /** Clean. */
  readonly path: string;
  /** There where `path` is not what the request says but where that leads on this host. Clean. */
  readonly writtenAs?: string;
  readonly readOnly: boolean;
  /** As a user would have typed it, raw. */
  readonly flag: string;
  /** By the options of a volume and not by a bind. */
  readonly byVolume: boolean;
}

/** The host paths of a request, clean, each once: of these it must be known where they lead. */
export function hostPathsOf(object: WithHostPaths): readonly string[] {
  // Most requests bring neither, and shall not pay for it.
  if (object.container === undefined && object.volumes === undefined) return [];
  return [...new Set(writtenMounts(object).map(({ path }) => path))];
}

/**
 * What a control has against the host paths of a request: against each as it is written, and against what it leads to on
 * this host. Where both break the same, the first is enough.
 */
export function judgeMounts(
  object: WithHostPaths,
  judgeOne: (mount: HostMount) => Finding | undefined,
): Finding[] {
  return writtenMounts(object).flatMap((mount): Finding[] => {
    const written = judgeOne(mount);
    const path = object.leads?.get(mount.path);
    const led = path === undefined ? undefined : judgeOne({ ...mount, path, writtenAs: mount.path });
    const findings = written === undefined ? [] : [written];
    if (path === undefined || led === undefined || (written && written.part === led.part)) return findings;
    const where = `${quote(mount.path)} leads to ${quote(path)} on this host`;
    return [...findings, { ...led, message: `${led.message.replace(/\.$/, '')}: ${where}.` }];
  });
}

/** Every host path that a request mounts, in whatever spelling. */
function writtenMounts({ container, volumes = [] }: WithHostPaths): HostMount[] {
  const binds = (container?.mounts ?? []).filter(({ type }) => type === 'bind');
  return [
    ...binds.map(({ source = '/', readOnly, flag }) => ({
      path: cleanPath(source),
      readOnly,
      flag,
      byVolume: false,
    })),
    ...volumes.flatMap((volume) =>
      volumePaths(volume).map((path) => ({
        path: cleanPath(path),
        readOnly: isReadOnly(volume),
        flag: volume.flag,
        byVolume: true,
      })),
    ),
  ];
}

/** File systems that reach no path of the host: memory, or a server in the network. */
export const harmlessTypes: readonly string[] = ['tmpfs', 'nfs', 'nfs4', 'cifs', 'smb3', 'ceph'];

/** Whether the daemon makes the volume itself, without a plugin. */
export function isLocal({ driver = '' }: Volume): boolean {
  return driver === '' || driver === 'local';
}

/**
 * What a volume of the `local` driver mounts: `bind` as soon as `o` has that flag, whatever its `type` says (E),
 * otherwise its `type`; empty: nothing, the volume is a folder of the daemon's.
 */
export function volumeType(volume: Volume): string {
  const flags = optionList(volume);
  if (flags.includes('bind') || flags.includes('rbind')) return 'bind';
  if (flags.includes('remount')) return 'remount';
  return volume.options.get('type') ?? '';
}

/** The mount options in `o`; blanks and letter case, which count for the kernel, hide none from us. */
function optionList({ options }: Volume): string[] {
  return (options.get('o') ?? '').split(',').map((option) => option.trim().toLowerCase());
}

/** Exactly as the daemon spells it: what protects must not be guessed. */
function isReadOnly({ options }: Volume): boolean {
  const flags = (options.get('o') ?? '').split(',');
  return flags.findLast((option) => option === 'ro' || option === 'rw') === 'ro';
}

/**
 * The host paths that a volume's options name. The daemon hands them to the kernel as they are, which follows
 * links before `..`: one with `..` in it may lead anywhere and comes out as `/`.
 */
export function volumePaths(volume: Volume): string[] {
  return namedPaths(volume).map((path) => (path.split('/').includes('..') ? '/' : path));
}

function namedPaths(volume: Volume): string[] {
  const type = volumeType(volume);
  const device = volume.options.get('device') ?? '';
  if (type === 'bind' || type === 'remount') return [device];
  if (!isLocal(volume)) {
    // `local-persist` and its kin: the place on the host that becomes the volume.
    const place = volume.options.get('mountpoint') ?? '';
    return place.startsWith('/') ? [place] : [];
  }
  if (type === 'overlay') return overlayPaths(volume.options.get('o') ?? '');
  // `host:/path` is a server's; a word alone, as in `proc`, is no path.
  const elsewhere = harmlessTypes.includes(type) || /^[^/]*:/.test(device) || !device.includes('/');
  return type === '' || elsewhere ? [] : [device];
}

/** The folders of an overlay. With the kernel's escapes in them nobody here reads them: then it may be any. */
function overlayPaths(options: string): string[] {
  if (options.includes('\\')) return ['/'];
  const folders = options
    .split(',')
    .map((option) => /^(?:lowerdir|upperdir|workdir|datadir)\+?=(.*)$/.exec(option)?.[1]);
  return folders.flatMap((list) => list?.split(':') ?? []).filter((path) => path !== '');
}

/** A mount's or volume's flag as it may be shown: printable, and without the password of a network share. */
export function shownFlag(flag: string): string {
  return printable(flag.replace(/(pass(?:word|wd)?2?=)[^,\s]*/gi, '$1***'));
}
