import { z } from 'zod';
import { control } from '../control.js';
import { judgeLimit } from '../limit.js';
import { showBytes } from '../show.js';
import { bytes } from '../values.js';
const kind = {
    run: '--shm-size',
    build: '--shm-size',
    example: '64m',
    without: 'shared memory takes 64 MiB at most',
    show: showBytes,
};
const upTo1g = { max: 1024 ** 3 };
export const shmSize = control({
    name: 'shmSize',
    flags: ['docker run --shm-size', 'docker build --shm-size'],
    about: '/dev/shm lies in memory: what a container puts there is memory that the host lacks. Without the flag it is 64 MiB.',
    reads: ['container', 'build'],
    fields: ['HostConfig.ShmSize', 'BuildQuery.shmsize'],
    parameters: z.strictObject({
        max: bytes.optional().describe('The most that may be asked for, as in `1GiB`.'),
    }),
    profiles: {},
    check({ object }, { max }) {
        const value = object.container ? object.container.limits.shmSize : object.build?.shmSize;
        return judgeLimit(object, kind, { value }, { max });
    },
    examples: [
        { docker: 'docker run --shm-size 8g alpine', with: {} },
        { docker: 'docker run alpine', with: upTo1g },
        { docker: 'docker run --shm-size 1024m alpine', with: upTo1g },
        { docker: 'docker run --shm-size 2g alpine', with: upTo1g, breaks: ['max'] },
        { docker: 'DOCKER_BUILDKIT=0 docker build --shm-size 2g .', with: upTo1g, breaks: ['max'] },
    ],
});
