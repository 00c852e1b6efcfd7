import { z } from 'zod';
import { control } from '../control.js';
import { shownFlag, volumeType } from '../hostMounts.js';
import { showBytes } from '../show.js';
import { bytes } from '../values.js';
export const tmpfs = control({
    name: 'tmpfs',
    flags: ['docker run --tmpfs', 'docker run --mount type=tmpfs', 'docker volume create -o type=tmpfs'],
    about: "A tmpfs lies in the host's memory; without a size it may take half of it. A volume of the type tmpfs counts as well.",
    reads: ['container', 'volumes'],
    fields: [
        'HostConfig.Tmpfs',
        'HostConfig.Mounts',
        'ContainerSpec.Mounts',
        'Mount.TmpfsOptions',
        'TmpfsOptions.*',
        'DriverConfig.Options',
        'VolumeCreate.DriverOpts',
    ],
    parameters: z.strictObject({
        maxSize: bytes
            .optional()
            .describe('The most that one may hold, as in `256MiB`; a size is then required.'),
        allowExec: z.boolean().default(true).describe('Whether programs may be run from one.'),
    }),
    profiles: {},
    check({ object }, { maxSize, allowExec }) {
        return memoryMounts(object).flatMap(({ flag, size, exec }) => {
            const findings = [];
            if (maxSize !== undefined && (size <= 0 || size > maxSize)) {
                const most = showBytes(maxSize);
                const message = size <= 0
                    ? `${shownFlag(flag)} may take the host's memory without a limit.`
                    : `${shownFlag(flag)} may take ${showBytes(size)} of the host's memory; ${most} is the most here.`;
                findings.push({ part: 'maxSize', message, fix: sizeFix(flag, most) });
            }
            if (exec && !allowExec) {
                findings.push({
                    part: 'exec',
                    message: `${shownFlag(flag)} lets programs be run from memory, where no scan finds them.`,
                    fix: flag.startsWith('docker volume') ? 'add noexec to the options in `o`.' : 'drop exec.',
                });
            }
            return findings;
        });
    },
    examples: [
        { docker: 'docker run --tmpfs /x alpine', with: { allowExec: true } },
        { docker: 'docker run --tmpfs /x:size=64m alpine', with: { maxSize: 64 << 20, allowExec: false } },
        {
            docker: 'docker run --mount type=tmpfs,dst=/x,tmpfs-size=64m alpine',
            with: { maxSize: 64 << 20, allowExec: true },
        },
        {
            docker: 'docker run --tmpfs /x alpine',
            with: { maxSize: 64 << 20, allowExec: true },
            breaks: ['maxSize'],
        },
        {
            docker: 'docker run --tmpfs /x:size=65m alpine',
            with: { maxSize: 64 << 20, allowExec: true },
            breaks: ['maxSize'],
        },
        {
            docker: 'docker run --tmpfs /x:size=50% alpine',
            with: { maxSize: 64 << 20, allowExec: true },
            breaks: ['maxSize'],
        },
        {
            docker: 'docker run --tmpfs /x:size=1m,nr_blocks=9999999 alpine',
            with: { maxSize: 64 << 20, allowExec: true },
            breaks: ['maxSize'],
        },
        {
            docker: 'docker run --mount type=tmpfs,dst=/x alpine',
            with: { maxSize: 64 << 20, allowExec: true },
            breaks: ['maxSize'],
        },
        {
            docker: 'docker service create --mount type=tmpfs,dst=/x alpine',
            with: { maxSize: 64 << 20, allowExec: true },
            breaks: ['maxSize'],
        },
        {
            docker: 'docker volume create -o type=tmpfs -o device=tmpfs -o o=size=1g v',
            with: { maxSize: 64 << 20, allowExec: true },
            breaks: ['maxSize'],
        },
        {
            docker: 'docker volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,noexec v',
            with: { maxSize: 64 << 20, allowExec: false },
        },
        {
            docker: 'docker volume create -o type=tmpfs -o device=tmpfs v',
            with: { allowExec: false },
            breaks: ['exec'],
        },
        { docker: 'docker run --tmpfs /x:exec alpine', with: { allowExec: false }, breaks: ['exec'] },
        { docker: 'docker run --tmpfs /x:exec,noexec alpine', with: { allowExec: false } },
        { docker: 'docker run --tmpfs /x:noexec,exec alpine', with: { allowExec: false }, breaks: ['exec'] },
    ],
});
function memoryMounts({ container, volumes = [] }) {
    const mounts = (container?.mounts ?? []).filter(({ type }) => type === 'tmpfs');
    const made = volumes.filter((volume) => volumeType(volume) === 'tmpfs');
    return [
        ...mounts.map(({ flag, size = 0, options }) => ({
            flag,
            size: hasBlocks(options) ? 0 : exact(size),
            exec: lastOf(options, 'exec', 'noexec') === 'exec',
        })),
        ...made.map(({ flag, options }) => {
            const list = (options.get('o') ?? '').split(',');
            // The daemon adds nothing of its own to a volume's mount: without noexec programs run (S, volume/local).
            return { flag, size: sizeIn(list), exec: lastOf(list, 'exec', 'noexec') !== 'noexec' };
        }),
    ];
}
/** A size in pages, which overrides one in bytes (tmpfs(5)). */
function hasBlocks(options) {
    return options.some((option) => option.startsWith('nr_blocks='));
}
function lastOf(options, ...words) {
    return options.findLast((option) => words.includes(option));
}
/** tmpfs's `size=` in bytes; 0 where there is none, or none that is understood. */
function sizeIn(options) {
    const stated = options.findLast((option) => option.startsWith('size='))?.slice('size='.length) ?? '';
    const parts = /^(\d+)([kmg]?)$/i.exec(stated);
    if (parts === null || hasBlocks(options))
        return 0;
    const [, amount = '', unit = ''] = parts;
    return exact(Number(amount) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase()));
}
/** A number too large to be exact is larger than any memory. */
function exact(size) {
    return typeof size === 'bigint' || Number.isSafeInteger(size) ? size : 0;
}
function sizeFix(flag, most) {
    if (flag.startsWith('docker volume'))
        return `give a size of ${most} or less: -o o=size=${most}.`;
    return flag.startsWith('--mount')
        ? `use --mount type=tmpfs,dst=/x,tmpfs-size=${most}.`
        : `use --tmpfs /x:size=${most}.`;
}
