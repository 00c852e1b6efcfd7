import { z } from 'zod';
import type { Container } from '../../model/container.ts';
import { control } from '../control.ts';
import { type AskedLimit, judgeLimit, type LimitKind } from '../limit.ts';

const kind: LimitKind = {
  run: '--pids-limit',
  service: '--limit-pids',
  example: '200',
  without: 'one container can start processes until the host can start no more',
  show: (value) => `${value}`,
};

/** 0 is how a client says nothing of it, but for an update, whose 0 lifts the limit (S, 20.10 to 29.7). */
function asked({ origin, limits: { pids } }: Container): AskedLimit {
  if (pids === undefined || (pids === 0 && origin !== 'update')) return {};
  return { value: pids, lifts: pids <= 0 };
}

const upTo200 = { required: true, max: 200 };

/** Process numbers are one pool of the whole host, 32,768 on many: a limit that takes most of them is none. */
const restricted = { required: true, max: 4096 };

export const pids = control({
  name: 'pids',
  flags: ['docker run --pids-limit', 'docker update --pids-limit', 'docker service create --limit-pids'],
  about:
    'Without a limit a fork bomb in one container leaves no process number to anybody on the host, so that nobody can even log in.',
  reads: ['container'],
  fields: ['Resources.PidsLimit', 'UpdateConfig.PidsLimit', 'ResourceLimits.Pids'],
  parameters: z.strictObject({
    required: z
      .boolean()
      .default(false)
      .describe('Whether every new container and service must have a limit.'),
    max: z.int().positive().optional().describe('The most processes and threads that may be asked for.'),
  }),
  profiles: { restricted: restricted },
  check({ object }, parameters) {
    const { container } = object;
    return container === undefined ? [] : judgeLimit(object, kind, asked(container), parameters);
  },
  examples: [
    { docker: 'docker run --pids-limit -1 alpine', with: { required: false } },
    { docker: 'docker run --pids-limit 100 alpine', with: upTo200 },
    { docker: 'docker run alpine', with: upTo200, breaks: ['required'] },
    { docker: 'docker run alpine', with: { required: false, max: 200 } },
    { docker: 'docker run --pids-limit 0 alpine', with: upTo200, breaks: ['required'] },
    { docker: 'docker run --pids-limit -1 alpine', with: upTo200, breaks: ['max'] },
    { docker: 'docker run --pids-limit -1 alpine', with: { required: true }, breaks: ['required'] },
    { docker: 'docker run --pids-limit 500 alpine', with: upTo200, breaks: ['max'] },
    { docker: 'docker update --memory 1g web', with: upTo200 },
    { docker: 'docker update --pids-limit 100 web', with: upTo200 },
    { docker: 'docker update --pids-limit -1 web', with: upTo200, breaks: ['max'] },
    {
      request: { method: 'POST', uri: '/v1.41/containers/web/update', body: { PidsLimit: 0 } },
      with: { required: true },
      breaks: ['required'],
    },
    { docker: 'docker service create --limit-pids 100 alpine', with: upTo200 },
    { docker: 'docker service create alpine', with: upTo200, breaks: ['required'] },
    { docker: 'docker run --pids-limit 4096 alpine', with: restricted },
    { docker: 'docker run --pids-limit 4194304 alpine', with: restricted, breaks: ['max'] },
    { docker: 'docker run alpine', with: restricted, breaks: ['required'] },
  ],
});
