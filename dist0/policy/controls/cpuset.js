import { z } from 'zod';
import { printable } from '../../model/printable.js';
import { control } from '../control.js';
import { showList } from '../show.js';
const rangePattern = /^(\d{1,6})(?:-(\d{1,6}))?$/;
/** A kernel's list of CPUs or memory nodes, `0-3,8`. Undefined where it is none; the kernel refuses it then. */
function readList(text) {
    const ranges = [];
    for (const part of text.split(',')) {
        const [matched, start = '', end = start] = rangePattern.exec(part.trim()) ?? [];
        const range = { first: Number(start), last: Number(end) };
        if (matched === undefined || range.last < range.first)
            return undefined;
        ranges.push(range);
    }
    return ranges;
}
/** Whether every number of one list is in another, whose ranges may meet or overlap. */
function within(asked, allowed) {
    const sorted = allowed.toSorted((a, b) => a.first - b.first);
    return asked.every(({ first, last }) => {
        let next = first;
        for (const range of sorted)
            if (range.first <= next && next <= range.last)
                next = range.last + 1;
        return next > last;
    });
}
function judge(flag, asked, allow) {
    if (allow === undefined || asked === undefined || asked === '' || allow.includes('*'))
        return [];
    const numbers = readList(asked);
    if (numbers !== undefined && within(numbers, readList(allow.join(',')) ?? []))
        return [];
    return [
        {
            message: `${flag} ${printable(asked)} takes what is not handed out here.`,
            fix: allow.length === 0 ? `drop ${flag}.` : `use numbers of ${showList(allow)}.`,
            value: printable(asked),
        },
    ];
}
const list = z.array(z.union([z.literal('*'), z.string().regex(rangePattern, 'not a number or a range')]));
const allowed = { allow: ['0-3', '4', '8'] };
export const cpuset = control({
    name: 'cpuset',
    flags: ['docker run --cpuset-cpus', 'docker run --cpuset-mems', 'docker update --cpuset-cpus'],
    about: 'Containers that choose their CPUs and memory nodes can crowd those that are meant for others. Without the flags a container may run on all.',
    reads: ['container'],
    fields: ['Resources.CpusetCpus', 'Resources.CpusetMems'],
    parameters: z.strictObject({
        allow: list
            .optional()
            .describe('CPUs that --cpuset-cpus may name: numbers, ranges such as `0-3`, `*` for all; absent: any.'),
        allowMems: list.optional().describe('Memory nodes that --cpuset-mems may name, likewise.'),
    }),
    profiles: {},
    check({ object: { container } }, { allow, allowMems }) {
        if (container === undefined)
            return [];
        const { cpusetCpus, cpusetMems } = container.limits;
        return [
            ...judge('--cpuset-cpus', cpusetCpus, allow),
            ...judge('--cpuset-mems', cpusetMems, allowMems).map((finding) => ({ part: 'mems', ...finding })),
        ];
    },
    examples: [
        { docker: 'docker run --cpuset-cpus 7 --cpuset-mems 1 alpine', with: {} },
        { docker: 'docker run alpine', with: allowed },
        { docker: 'docker run --cpuset-cpus 0,2-4 alpine', with: allowed },
        { docker: 'docker run --cpuset-cpus 0-8 alpine', with: allowed, breaks: [''] },
        { docker: 'docker run --cpuset-cpus 5 alpine', with: allowed, breaks: [''] },
        { docker: 'docker run --cpuset-cpus 5 alpine', with: { allow: ['*'] } },
        { docker: 'docker run --cpuset-cpus 3-0 alpine', with: allowed, breaks: [''] },
        { docker: 'docker run --cpuset-cpus all alpine', with: allowed, breaks: [''] },
        { docker: 'docker run --cpuset-mems 1 alpine', with: { allowMems: ['0'] }, breaks: ['mems'] },
        { docker: 'docker update --cpuset-cpus 7 web', with: allowed, breaks: [''] },
    ],
});
