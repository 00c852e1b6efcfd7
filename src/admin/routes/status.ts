import { z } from 'zod';
import type { InForce } from '../../policyfiles/inForce.ts';
import { daemonState, daemonStates, problemsOf, warningsOf } from '../condition.ts';
import { remark, remarkSchema } from '../remark.ts';
import { json, route } from '../route.ts';
import type { Services } from '../services.ts';

/** A policy set that is in force, or tried beside that. */
const setStatus = z.strictObject({
  digest: z.string().describe('SHA-256 over the files, in hex.'),
  documents: z.int(),
  since: z.iso.datetime().describe('When it came into force.'),
  broken: z.boolean().describe('The last reload changed nothing, since the policies on the disk are broken.'),
  brokenSince: z.iso.datetime().optional().describe('Since when they are. Absent: they are not.'),
  read: z.iso.datetime().describe('When the files were last read.'),
  looked: z.iso.datetime().optional().describe('When it was last looked whether they have changed.'),
});

/** How Bulwark fares, all in one. */
export const statusSchema = z.strictObject({
  version: z.string(),
  started: z.iso.datetime().describe('When `serve` was started.'),
  facts: z
    .string()
    .describe(
      'The socket of the daemon that is asked, or `off`: no second gate, and nobody looks whether it asks.',
    ),
  daemon: z.strictObject({
    state: z
      .enum(daemonStates)
      .describe(
        'Whether the daemon asks Bulwark: `asks`; `silent`: it answers and does not ask; `waiting`: it has not answered yet since Bulwark started; `unreachable`: it does not answer any more, or not as it should; `off`: nobody looks.',
      ),
    since: z.iso.datetime().optional().describe('Since when that is known. Absent with `off`.'),
  }),
  policySet: setStatus,
  shadow: setStatus.optional().describe('The set that is tried beside it, `serve --shadow`. Absent: none.'),
  ledger: z.strictObject({
    writable: z.boolean().describe('False: what cannot be recorded is denied.'),
    queued: z.int().describe('Entries that are not durable yet.'),
    lag: z.number().describe('How long the batch under way has taken, in milliseconds; 0: none is.'),
  }),
  decisions: z
    .strictObject({ allowed: z.int(), denied: z.int() })
    .describe('Requests that were answered since the start.'),
  problems: z.array(remarkSchema).describe('What must be mended. Empty: all is well.'),
  warnings: z.array(remarkSchema).describe('What Bulwark does without.'),
});

export type Status = z.infer<typeof statusSchema>;

/** What `bulwark status` shows. */
export const status = route({
  method: 'GET',
  path: '/v1/status',
  summary: 'How Bulwark fares: whether the daemon asks it, what is in force, what is wrong.',
  answer: json('Status', statusSchema),
  handle: (_, services) => statusOf(services),
});

function statusOf(services: Services): Status {
  const { version, facts, beat, shadow } = services;
  const { failure, queued, lag } = services.state();
  return {
    version,
    started: new Date(performance.timeOrigin).toISOString(),
    facts,
    daemon: { state: daemonState(services), ...(beat && { since: beat().since.toISOString() }) },
    policySet: statusOfSet(services.policies()),
    ...(shadow && { shadow: statusOfSet(shadow()) }),
    ledger: { writable: failure === undefined, queued, lag },
    decisions: decisionsOf(services),
    ...remarksOf(services),
  };
}

function statusOfSet(inForce: InForce): Status['policySet'] {
  const { set, documents, since, problems, brokenSince, read, looked } = inForce;
  return {
    digest: set.digest,
    documents: documents.length,
    since: since.toISOString(),
    broken: problems.length > 0,
    ...(brokenSince && { brokenSince: brokenSince.toISOString() }),
    read: read.toISOString(),
    ...(looked && { looked: looked.toISOString() }),
  };
}

function decisionsOf({ counters }: Services): Status['decisions'] {
  let [allowed, denied] = [0, 0];
  for (const { allow, deny } of counters.actions.values()) {
    allowed += allow;
    denied += deny;
  }
  return { allowed, denied };
}

/** A daemon that cannot be reached leaves Bulwark ready, but an administrator must see to it. */
function remarksOf(services: Services): Pick<Status, 'problems' | 'warnings'> {
  const problems = problemsOf(services).map(remark);
  const warnings = warningsOf(services).map(remark);
  return daemonState(services) === 'unreachable'
    ? { problems: [...warnings, ...problems], warnings: [] }
    : { problems, warnings };
}
