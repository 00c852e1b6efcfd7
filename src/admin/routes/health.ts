import { z } from 'zod';
import { daemonState, problemsOf, warningsOf } from '../condition.ts';
import { ApiError } from '../problem.ts';
import { remark, remarkSchema } from '../remark.ts';
import { json, route } from '../route.ts';

const alive = json('Alive', z.strictObject({ status: z.literal('alive'), version: z.string() }));

/** The process runs; nothing else is said. */
export const healthz = route({
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the process is alive.',
  answer: alive,
  handle: (_, { version }) => ({ status: 'alive' as const, version }),
});

const ready = json(
  'Ready',
  z.strictObject({
    status: z.literal('ready'),
    policySet: z.string(),
    facts: z.string().describe('The socket of the daemon that is asked, or `off`.'),
    daemon: z
      .enum(['asks', 'waiting', 'unreachable', 'off'])
      .describe(
        'Whether the daemon asks Bulwark: `asks`; `waiting`: it has not answered yet since Bulwark started; `unreachable`: it does not answer any more, or not as it should; `off`: nobody looks.',
      ),
    warnings: z.array(remarkSchema).describe('What Bulwark does without, `off` among it.'),
  }),
);

/** Whether it decides as it should. */
export const readyz = route({
  method: 'GET',
  path: '/readyz',
  summary: 'Whether it decides as it should.',
  description:
    'Ready is who can write the ledger, has the last policies that were loaded in force, and does not know of a daemon that answers without asking it. Otherwise the answer is a problem with the code `not-ready`, whose `problems` have the codes of what is wrong.',
  answer: ready,
  errors: ['not-ready'],
  handle(_, services) {
    const problems = problemsOf(services);
    const daemon = daemonState(services);
    if (problems.length > 0 || daemon === 'silent') {
      const list = problems.map(({ code }) => code).join(', ');
      throw new ApiError('not-ready', `not ready: ${list}.`, { problems });
    }
    return {
      status: 'ready' as const,
      policySet: services.policies().set.digest,
      facts: services.facts,
      daemon,
      warnings: warningsOf(services).map(remark),
    };
  },
});
