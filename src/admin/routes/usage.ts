import { z } from 'zod';
import { groupings } from '../../ledger/account/show.ts';
import { made } from '../../ledger/account/tally.ts';
import { quote } from '../../model/printable.ts';
import { ApiError } from '../problem.ts';
import { jsonText, route } from '../route.ts';
import { accountErrors, reachSchema } from './account.ts';
import { text, time, whole } from './filters.ts';

const listSize = 50;
const pageSize = 10;

const moment = z.string().nullable();
const count = z.int().nonnegative();

const numbers = {
  requests: count,
  allowed: count,
  denied: count,
  made: z
    .strictObject({ ...Object.fromEntries(made.map((name) => [name, count])) })
    .describe(
      'What the daemon answered to have made. Of pulls, loads, imports and builds it tells no end: those count that are not known to have failed.',
    ),
  first: moment.describe('The first of these requests; null: there was none.'),
  last: moment.describe('The last of them.'),
};

const line = z.strictObject({
  key: z.string().describe('The subject, group, action or rule.'),
  ...numbers,
  newest: z.string().optional().describe('Of a rule: the newest decision that it denied.'),
});

const bounds = {
  since: moment.describe('The beginning of the first hour that is counted; null: there is no bound.'),
  until: moment.describe('The end of the last one.'),
  account: reachSchema,
};

const list = z.strictObject({
  items: z.array(line).describe('Those with the most requests first.'),
  next: z.null().describe('There are no further pages.'),
  by: z.enum(groupings),
  ...bounds,
});

const seen = {
  first: z.string(),
  lastDay: z.string().describe('The last day on which it was so, in UTC.'),
};

const page = z.strictObject({
  subject: z.string(),
  ...numbers,
  groups: z.array(z.strictObject({ value: z.string(), ...seen })).describe('Groups that it was ever in.'),
  methods: z
    .array(z.strictObject({ value: z.enum(['tls', 'token', 'none']), ...seen }))
    .describe('How it was known.'),
  clients: z
    .array(z.strictObject({ value: z.string().nullable(), ...seen }))
    .describe('What its clients called themselves; null: all that were too many.'),
  actions: z.array(line).describe('By action, the most frequent first.'),
  rules: z.array(line).describe('Denials by rule, the most frequent first.'),
  owns: z
    .array(
      z.strictObject({
        kind: z.string(),
        count,
        newest: z
          .array(
            z.strictObject({
              id: z.string(),
              name: z.string().nullable(),
              decision: z.string(),
              time: z.string(),
            }),
          )
          .describe('The newest first, `limit` of them.'),
      }),
    )
    .describe('What it made and is still there, but execs, as far as is known.'),
  hours: z
    .array(z.strictObject({ hour: z.string(), requests: count }))
    .describe('The hours in which it asked, in their order.'),
  ...bounds,
});

const times = {
  since: time.optional().describe('From the hour of then on.'),
  until: time.optional().describe('To the end of the hour before then.'),
};

function timesOf({
  since,
  until,
}: {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}) {
  return { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
}

/** Who asked how much. */
export const usage = route({
  method: 'GET',
  path: '/v1/usage',
  summary: 'Who asked how much, what was denied and what was made, by whole hours.',
  query: z.strictObject({
    by: z.enum(groupings).optional().describe('What is counted by. Absent: `user`.'),
    ...times,
    limit: whole(1, 500).optional().describe(`At most so many lines. Absent: ${listSize}.`),
  }),
  answer: jsonText('Usage', list),
  errors: accountErrors,
  async handle({ query, signal }, { ledger }) {
    const { by = 'user', limit = listSize } = query;
    return (await ledger.ask({ kind: 'usage', by, times: timesOf(query), limit }, signal)).text ?? '';
  },
});

/** The account of one subject. */
export const subjectUsage = route({
  method: 'GET',
  path: '/v1/usage/{subject}',
  summary:
    'All that is counted of one subject: who it is, what it did, what was denied, what it made that is still there.',
  params: z.strictObject({ subject: text.describe('Its name, as decisions have it, percent-encoded.') }),
  query: z.strictObject({
    ...times,
    limit: whole(1, 500).optional().describe(`At most so many things of each kind. Absent: ${pageSize}.`),
  }),
  answer: jsonText('SubjectUsage', page),
  errors: ['subject-unknown', ...accountErrors],
  async handle({ params: { subject }, query, signal }, { ledger }) {
    const { limit = pageSize } = query;
    const { text } = await ledger.ask({ kind: 'subject', subject, times: timesOf(query), limit }, signal);
    if (text === undefined) throw new ApiError('subject-unknown', `nothing is counted of ${quote(subject)}.`);
    return text;
  },
});
