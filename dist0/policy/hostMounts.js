import { cleanPath } from '../model/paths.js';
import { printable } from '../model/printable.js';
/** Every host path that a request mounts, in whatever spelling. */
export function hostMounts({ container, volumes = [] }) {
    const binds = (container?.mounts ?? []).filter(({ type }) => type === 'bind');
    return [
        ...binds.map(({ source = '/', readOnly, flag }) => ({
            path: cleanPath(source),
            readOnly,
            flag,
            byVolume: false,
        })),
        ...volumes.flatMap((volume) => volumePaths(volume).map((path) => ({
            path: cleanPath(path),
            readOnly: isReadOnly(volume),
            flag: volume.flag,
            byVolume: true,
        }))),
    ];
}
/** File systems that reach no path of the host: memory, or a server in the network. */
export const harmlessTypes = ['tmpfs', 'nfs', 'nfs4', 'cifs', 'smb3', 'ceph'];
/** Whether the daemon makes the volume itself, without a plugin. */
export function isLocal({ driver = '' }) {
    return driver === '' || driver === 'local';
}
/**
 * What a volume of the `local` driver mounts: `bind` as soon as `o` has that flag, whatever its `type` says (E),
 * otherwise its `type`; empty: nothing, the volume is a folder of the daemon's.
 */
export function volumeType(volume) {
    const flags = optionList(volume);
    if (flags.includes('bind') || flags.includes('rbind'))
        return 'bind';
    if (flags.includes('remount'))
        return 'remount';
    return volume.options.get('type') ?? '';
}
/** The mount options in `o`; blanks and letter case, which count for the kernel, hide none from us. */
function optionList({ options }) {
    return (options.get('o') ?? '').split(',').map((option) => option.trim().toLowerCase());
}
/** Exactly as the daemon spells it: what protects must not be guessed. */
function isReadOnly({ options }) {
    const flags = (options.get('o') ?? '').split(',');
    return flags.findLast((option) => option === 'ro' || option === 'rw') === 'ro';
}
/**
 * The host paths that a volume's options name. The daemon hands them to the kernel as they are, which follows
 * links before `..`: one with `..` in it may lead anywhere and comes out as `/`.
 */
export function volumePaths(volume) {
    return namedPaths(volume).map((path) => (path.split('/').includes('..') ? '/' : path));
}
function namedPaths(volume) {
    const type = volumeType(volume);
    const device = volume.options.get('device') ?? '';
    if (type === 'bind' || type === 'remount')
        return [device];
    if (!isLocal(volume)) {
        // `local-persist` and its kin: the place on the host that becomes the volume.
        const place = volume.options.get('mountpoint') ?? '';
        return place.startsWith('/') ? [place] : [];
    }
    if (type === 'overlay')
        return overlayPaths(volume.options.get('o') ?? '');
    // `host:/path` is a server's; a word alone, as in `proc`, is no path.
    const elsewhere = harmlessTypes.includes(type) || /^[^/]*:/.test(device) || !device.includes('/');
    return type === '' || elsewhere ? [] : [device];
}
/** The folders of an overlay. With the kernel's escapes in them nobody here reads them: then it may be any. */
function overlayPaths(options) {
    if (options.includes('\\'))
        return ['/'];
    const folders = options
        .split(',')
        .map((option) => /^(?:lowerdir|upperdir|workdir|datadir)\+?=(.*)$/.exec(option)?.[1]);
    return folders.flatMap((list) => list?.split(':') ?? []).filter((path) => path !== '');
}
/** A mount's or volume's flag as it may be shown: printable, and without the password of a network share. */
export function shownFlag(flag) {
    return printable(flag.replace(/(pass(?:word|wd)?2?=)[^,\s]*/gi, '$1***'));
}
