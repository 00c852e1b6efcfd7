import { z } from 'zod';
import { Refusal } from '../../model/error.ts';
import { ApiError } from '../problem.ts';
import { json, route } from '../route.ts';
import type { Services } from '../services.ts';

const alive = json('Alive', z.strictObject({ status: z.literal('alive'), version: z.string() }));

/** The process runs; nothing else is said. */
export const healthz = route({
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the process is alive.',
  answer: alive,
  handle: (_, { version }) => ({ status: 'alive' as const, version }),
});

const ready = json('Ready', z.strictObject({ status: z.literal('ready'), policySet: z.string() }));

/** Whether it decides as it should. */
export const readyz = route({
  method: 'GET',
  path: '/readyz',
  summary: 'Whether it decides as it should.',
  description:
    'Ready is who can write the ledger and has the last policies that were loaded in force. Otherwise the answer is a problem with the code `not-ready`, whose `problems` have the codes of what is wrong.',
  answer: ready,
  errors: ['not-ready'],
  handle(_, services) {
    const problems = problemsOf(services);
    if (problems.length > 0) {
      const list = problems.map(({ code }) => code).join(', ');
      throw new ApiError('not-ready', `not ready: ${list}.`, { problems });
    }
    return { status: 'ready' as const, policySet: services.policies().set.digest };
  },
});

/** A batch that takes longer than this counts as stalled, in milliseconds. */
const longestBatch = 1000;

function problemsOf({ state, policies }: Services): readonly Refusal[] {
  const { failure, lag } = state();
  const stalled = `a batch of records has been under way for ${(lag / 1000).toFixed(1)} s.`;
  const [broken, ...others] = policies().problems;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return [
    ...(failure ? [new Refusal(failure.code, failure.detail)] : []),
    ...(failure === undefined && lag > longestBatch ? [new Refusal('ledger-stalled', stalled)] : []),
    ...(broken ? [new Refusal('policies-broken', `${broken.file}: ${broken.message}${more}.`)] : []),
  ];
}
