import { cleanPath } from '../model/paths.js';
import { shownVolumeOption } from '../model/secrets.js';
const nothing = new Map();
/** What the daemon takes for a volume's name; anything else that is no absolute path it refuses. */
const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** Below 1.44 and where asked for, a read-only bind leaves the mounts below it writable (S, 20.10 to 29.7). */
const recursiveReadOnly = 44;
/** `-v`: `src:dst[:options]` or `/dst`, split as the daemon splits it: a colon cannot be escaped. */
export function fromBind(bind, volumeDriver, minor) {
    const parts = bind.split(':');
    const flag = `-v ${bind}`;
    const [source = '', target = ''] = parts.length === 1 ? [undefined, bind] : parts;
    const options = (parts[2] ?? '').split(',');
    const propagation = options.find((option) => /^r?(?:private|shared|slave)$/.test(option));
    const common = {
        target: cleanPath(target),
        readOnly: options.includes('ro'),
        options: [],
        flag,
        ...(propagation !== undefined && { propagation }),
    };
    if (source.startsWith('/') && parts.length > 1) {
        const writableBelow = minor < recursiveReadOnly;
        return { mounts: [{ type: 'bind', source: cleanPath(source), writableBelow, ...common }], volumes: [] };
    }
    if (parts.length > 3 || (parts.length > 1 && !volumeName.test(source))) {
        return { mounts: [{ type: 'other', source, writableBelow: true, ...common }], volumes: [] };
    }
    return asVolume({ ...common, writableBelow: false }, source, volumeDriver, nothing, nothing);
}
/** A path of the image's or the container's `Volumes`: an anonymous volume. */
export function fromAnonymous(target, volumeDriver) {
    const mount = {
        target: cleanPath(target),
        readOnly: false,
        writableBelow: false,
        options: [],
        flag: `-v ${target}`,
    };
    return asVolume(mount, '', volumeDriver, nothing, nothing);
}
/** `--tmpfs dst:options`. */
export function fromTmpfs(target, options) {
    const list = options.split(',').filter((option) => option !== '');
    const size = list.findLast((option) => option.startsWith('size='))?.slice('size='.length);
    const mount = {
        type: 'tmpfs',
        target: cleanPath(target),
        readOnly: list.includes('ro'),
        writableBelow: false,
        ...(size !== undefined && { size: kernelSize(size) }),
        options: list,
        flag: options === '' ? `--tmpfs ${target}` : `--tmpfs ${target}:${options}`,
    };
    return { mounts: [mount], volumes: [] };
}
/** The kernel's sizes of tmpfs: bytes with k, m or g. A percentage, or what cannot be read, counts as no limit. */
function kernelSize(text) {
    const parts = /^(\d+)([kmg]?)$/i.exec(text);
    if (parts === null)
        return 0;
    const power = ['', 'k', 'm', 'g'].indexOf((parts[2] ?? '').toLowerCase());
    return Number(parts[1]) * 1024 ** power;
}
/**
 * `--mount`, and a service's mounts. Options that belong to another type are read all the same: whether a
 * daemon drops or refuses them depends on its release.
 */
export function fromMount(mount, minor) {
    const { Type: type = '', Source: source = '', Target: target = '' } = mount;
    const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = mount;
    const readOnly = mount.ReadOnly === true;
    const common = {
        target: cleanPath(target),
        readOnly,
        writableBelow: type === 'bind' && (minor < recursiveReadOnly || bind?.ReadOnlyNonRecursive === true),
        options: (tmpfs?.Options ?? []).map((option) => option.join('=')),
        flag: mountFlag(mount),
        ...(bind?.Propagation && { propagation: bind.Propagation }),
    };
    const driver = volume?.DriverConfig;
    const asked = driver?.Options?.size || driver?.Name ? driver : undefined;
    const made = type === 'volume' || asked !== undefined
        ? asVolume(common, source, asked?.Name ?? '', driver?.Options ?? nothing, volume?.Labels ?? nothing)
        : { mounts: [], volumes: [] };
    switch (type) {
        case 'volume':
            return made;
        case 'bind':
            return { ...made, mounts: [{ type, source: cleanPath(source), ...common }] };
        case 'tmpfs':
            return { ...made, mounts: [{ type, ...sized(tmpfs?.SizeBytes), ...common }] };
        case 'image':
        case 'cluster':
            return { ...made, mounts: [{ type, source, ...common }] };
        default:
            return { ...made, mounts: [{ type: 'other', source, ...common }] };
    }
}
function sized(size) {
    return size === undefined ? {} : { size };
}
function asVolume(mount, name, driver, options, labels) {
    const named = { ...(name !== '' && { name }), ...(driver !== '' && { driver }) };
    return {
        mounts: [
            { ...mount, type: 'volume', ...(name !== '' && { source: name }), ...(driver !== '' && { driver }) },
        ],
        volumes: [{ ...named, options, labels, flag: mount.flag }],
    };
}
/** The mount as `--mount` would say it, without the values of driver options that may be secrets. */
function mountFlag(mount) {
    const parts = [`type=${mount.Type ?? ''}`];
    if (mount.Source)
        parts.push(`src=${mount.Source}`);
    parts.push(`dst=${mount.Target ?? ''}`);
    if (mount.ReadOnly)
        parts.push('readonly');
    if (mount.BindOptions?.Propagation)
        parts.push(`bind-propagation=${mount.BindOptions.Propagation}`);
    const driver = mount.VolumeOptions?.DriverConfig;
    if (driver?.Name)
        parts.push(`volume-driver=${driver.Name}`);
    for (const [key, value] of driver?.Options ?? [])
        parts.push(`volume-opt=${key}=${shownVolumeOption(key, value)}`);
    return `--mount ${parts.join(',')}`;
}
