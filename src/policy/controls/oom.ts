import { z } from 'zod';
import { control, type Finding } from '../control.ts';

const strict = { allowDisable: false, minScore: 0 };

export const oom = control({
  name: 'oom',
  flags: [
    'docker run --oom-kill-disable',
    'docker run --oom-score-adj',
    'docker service create --oom-score-adj',
  ],
  about:
    'When memory runs out the kernel kills someone: a container that is kept from it makes others, or the host itself, pay.',
  reads: ['container'],
  fields: ['Resources.OomKillDisable', 'HostConfig.OomScoreAdj', 'ContainerSpec.OomScoreAdj'],
  parameters: z.strictObject({
    allowDisable: z.boolean().default(false).describe('Whether --oom-kill-disable may be given.'),
    minScore: z
      .int()
      .min(-1000)
      .max(1000)
      .optional()
      .describe('The least that --oom-score-adj may be; below 0 others are killed first. Absent: any.'),
  }),
  profiles: { restricted: { allowDisable: false, minScore: 0 } },
  check({ object: { container } }, { allowDisable, minScore }) {
    const { oomKillDisable, oomScoreAdj = 0 } = container?.limits ?? {};
    const findings: Finding[] = [];
    if (oomKillDisable === true && !allowDisable) {
      findings.push({
        part: 'disable',
        message:
          '--oom-kill-disable lets the container hang with all of its memory, and without --memory the host with it.',
        fix: 'drop --oom-kill-disable.',
      });
    }
    // 0 is also what a request has that does not speak of it.
    if (minScore !== undefined && oomScoreAdj !== 0 && oomScoreAdj < minScore) {
      findings.push({
        part: 'score',
        message: `--oom-score-adj ${oomScoreAdj} makes the kernel kill others first; here it is at least ${minScore}.`,
        fix: minScore <= 0 ? 'drop --oom-score-adj.' : `use --oom-score-adj ${minScore} or more.`,
        value: `${oomScoreAdj}`,
      });
    }
    return findings;
  },
  examples: [
    { docker: 'docker run --oom-score-adj -1000 alpine', with: { allowDisable: false } },
    { docker: 'docker run alpine', with: strict },
    { docker: 'docker run --oom-score-adj 500 alpine', with: strict },
    { docker: 'docker run --oom-score-adj=-1 alpine', with: strict, breaks: ['score'] },
    { docker: 'docker service create --oom-score-adj=-500 alpine', with: strict, breaks: ['score'] },
    { docker: 'docker run --memory 64m --oom-kill-disable alpine', with: strict, breaks: ['disable'] },
    { docker: 'docker run --memory 64m --oom-kill-disable alpine', with: { allowDisable: true } },
  ],
});
