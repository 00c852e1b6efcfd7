import { z } from 'zod';
import { control, type Finding } from '../control.ts';
import { judgeLimit, type LimitKind } from '../limit.ts';
import { showBytes } from '../show.ts';
import { bytes } from '../values.ts';

const kind: LimitKind = {
  run: '--memory',
  service: '--limit-memory',
  build: '--memory',
  example: '512m',
  without: "one container can take all of the host's memory",
  show: showBytes,
};

const reservation: LimitKind = {
  run: '--memory-reservation',
  example: '256m',
  without: 'nothing is set aside',
  show: showBytes,
};

const parameters = z.strictObject({
  required: z
    .boolean()
    .default(false)
    .describe('Whether every new container and service must have a limit. Builds need none.'),
  max: bytes.optional().describe('The most that may be asked for, as in `2GiB`.'),
});

const none: z.infer<typeof parameters> = { required: false };
const upTo2g = { required: true, max: 2 * 1024 ** 3 };

export const memory = control({
  name: 'memory',
  flags: [
    'docker run --memory',
    'docker run --memory-reservation',
    'docker update --memory',
    'docker service create --limit-memory',
  ],
  about: "Without a limit one container can take all of the host's memory, and the kernel then kills others.",
  reads: ['container', 'build'],
  fields: [
    'Resources.Memory',
    'Resources.MemoryReservation',
    'ResourceLimits.MemoryBytes',
    'BuildQuery.memory',
  ],
  parameters,
  profiles: { restricted: { required: true } },
  check({ object }, parameters) {
    const { container, build } = object;
    const findings: Finding[] = judgeLimit(
      object,
      kind,
      { value: container ? container.limits.memory : build?.memory },
      parameters,
    );
    const set = { value: container?.limits.memoryReservation };
    findings.push(...judgeLimit(object, reservation, set, { max: parameters.max }));
    return findings;
  },
  examples: [
    { docker: 'docker run alpine', with: none },
    { docker: 'docker run --memory 1g alpine', with: upTo2g },
    { docker: 'docker run -m 2048m alpine', with: upTo2g },
    { docker: 'docker run alpine', with: upTo2g, breaks: ['required'] },
    { docker: 'docker run --memory 0 alpine', with: upTo2g, breaks: ['required'] },
    { docker: 'docker run --memory-reservation 1g alpine', with: upTo2g, breaks: ['required'] },
    { docker: 'docker run --memory 3g alpine', with: upTo2g, breaks: ['max'] },
    { docker: 'docker run --memory 1g --memory-reservation 3g alpine', with: upTo2g, breaks: ['max'] },
    { docker: 'docker update --memory 1g web', with: upTo2g },
    { docker: 'docker update --cpus 1 web', with: upTo2g },
    { docker: 'docker update --memory 3g web', with: upTo2g, breaks: ['max'] },
    { docker: 'docker service create --limit-memory 1g alpine', with: upTo2g },
    { docker: 'docker service create alpine', with: upTo2g, breaks: ['required'] },
    { docker: 'docker service create --limit-memory 3g alpine', with: upTo2g, breaks: ['max'] },
    { docker: 'docker service update --limit-memory 0 web', with: upTo2g, breaks: ['required'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build .', with: upTo2g },
    { docker: 'DOCKER_BUILDKIT=0 docker build --memory 3g .', with: upTo2g, breaks: ['max'] },
  ],
});
