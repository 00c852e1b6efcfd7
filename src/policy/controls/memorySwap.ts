import { z } from 'zod';
import type { RequestObject } from '../../model/request.ts';
import { control, type Finding } from '../control.ts';
import { type AskedLimit, judgeLimit, type LimitKind, type LimitParameters } from '../limit.ts';
import { showBytes } from '../show.ts';
import { bytes } from '../values.ts';

const kind: LimitKind = {
  run: '--memory-swap',
  service: '--memory-swap',
  build: '--memory-swap',
  example: '512m',
  without: 'one container can fill the swap of the host and slow everybody down',
  show: (value) => (value < 0 ? '-1' : showBytes(value)),
};

/** What is asked for in words. */
function stated({ container, build }: RequestObject): AskedLimit {
  const value = container ? container.limits.memorySwap : build?.memorySwap;
  return value === undefined || value === 0 ? {} : { value, lifts: value < 0 };
}

/** What the daemon makes of --memory alone: twice as much, memory and swap together (20.10 to 29). */
function judgeImplied(object: RequestObject, { max }: LimitParameters): Finding[] | undefined {
  const { container, build } = object;
  // An update without MemorySwap leaves it as it is.
  const memory = container ? container.limits.memory : build?.memory;
  if (container?.origin === 'update' || memory === undefined || memory === 0) return undefined;
  const implied = BigInt(memory) * 2n;
  if (max === undefined || implied <= max) return [];
  return [
    {
      part: 'max',
      message: `--memory-swap is missing: memory and swap are then twice the memory, ${showBytes(implied)}, which is more than the ${showBytes(max)} that are allowed here.`,
      fix: `add --memory-swap ${showBytes(memory <= max ? memory : max)}.`,
      value: showBytes(implied),
    },
  ];
}

/** The daemon refuses --memory-swap without --memory, which alone is a limit already. */
function wayOut({ container }: RequestObject, { lifts }: AskedLimit, { max }: LimitParameters): string {
  const flag = container?.origin === 'service' ? '--limit-memory' : '--memory';
  if (lifts) return `drop --memory-swap: with ${flag} it is then twice the memory.`;
  const memory = max === undefined ? kind.example : showBytes(Math.floor(max / 2));
  return `add ${flag} ${memory}: memory and swap are then twice as much at most.`;
}

const required = { required: true };
const upTo2g = { required: true, max: 2 * 1024 ** 3 };

export const memorySwap = control({
  name: 'memorySwap',
  flags: ['docker run --memory-swap', 'docker update --memory-swap'],
  about:
    'How much memory and swap a container may have together. Without --memory nothing limits it; with it and without --memory-swap it is twice the memory.',
  reads: ['container', 'build'],
  fields: ['Resources.MemorySwap', 'ResourceRequirements.SwapBytes', 'BuildQuery.memswap'],
  parameters: z.strictObject({
    required: z
      .boolean()
      .default(false)
      .describe(
        'Whether every new container and service must have a limit, by --memory-swap or by --memory.',
      ),
    max: bytes.optional().describe('The most that memory and swap may be together, as in `2GiB`.'),
  }),
  profiles: { restricted: { required: true } },
  check({ object }, parameters) {
    const asked = stated(object);
    const implied = asked.value === undefined ? judgeImplied(object, parameters) : undefined;
    if (implied !== undefined) return implied;
    return judgeLimit(object, kind, asked, parameters).map((finding) => ({
      ...finding,
      ...(finding.part === 'required' && { fix: wayOut(object, asked, parameters) }),
    }));
  },
  examples: [
    { docker: 'docker run alpine', with: { required: false } },
    { docker: 'docker run --memory 1g --memory-swap 1g alpine', with: upTo2g },
    { docker: 'docker run --memory 1g alpine', with: upTo2g },
    { docker: 'docker run --memory 1g alpine', with: required },
    { docker: 'docker run alpine', with: required, breaks: ['required'] },
    { docker: 'docker run --memory 1500m alpine', with: upTo2g, breaks: ['max'] },
    { docker: 'docker run --memory 1g --memory-swap 3g alpine', with: upTo2g, breaks: ['max'] },
    { docker: 'docker run --memory 1g --memory-swap -1 alpine', with: upTo2g, breaks: ['max'] },
    { docker: 'docker run --memory 1g --memory-swap -1 alpine', with: required, breaks: ['required'] },
    { docker: 'docker run --memory 1g --memory-swap -1 alpine', with: { required: false } },
    { docker: 'docker update --memory 1500m web', with: upTo2g },
    { docker: 'docker update --memory-swap -1 web', with: upTo2g, breaks: ['max'] },
    { docker: 'docker service create alpine', with: required, breaks: ['required'] },
    { docker: 'docker service create --limit-memory 1g alpine', with: required },
    {
      docker: 'DOCKER_BUILDKIT=0 docker build --memory 1g --memory-swap -1 .',
      with: upTo2g,
      breaks: ['max'],
    },
  ],
});
