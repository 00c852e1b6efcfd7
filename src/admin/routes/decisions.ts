import { z } from 'zod';
import { recordSchema } from '../../ledger/record.ts';
import { quote } from '../../model/printable.ts';
import { ApiError } from '../problem.ts';
import { jsonText, route } from '../route.ts';
import { filterOf, filterQuery, whole } from './filters.ts';
import { ownerSchema } from './owners.ts';

const [recorded] = recordSchema.options;

/** A decision, as lists have it. */
export const decisionSchema = recorded.extend({
  corrected: z
    .string()
    .optional()
    .describe(
      'The code of the denial that was answered in place of this allow. Absent: it was answered as it is.',
    ),
  owner: ownerSchema
    .optional()
    .describe(
      'Who made what it is about, by what is known by now; no part of the record. Absent: that is not known.',
    ),
});

const pageSize = 50;

const page = z.strictObject({
  items: z.array(decisionSchema).describe('Newest first.'),
  next: z.string().nullable().describe('The `cursor` of the next page; null: this is the last.'),
});

/** Decisions that the ledger has. */
export const decisions = route({
  method: 'GET',
  path: '/v1/decisions',
  summary: 'Decisions, newest first, a page at a time.',
  description: 'A page is cut where it would be larger than 1 MiB; `next` goes on there.',
  query: filterQuery.extend({
    limit: whole(1, 500).optional().describe(`At most so many. Absent: ${pageSize}.`),
    cursor: z.string().max(40).optional().describe('Goes on where a page ended: its `next`.'),
  }),
  answer: jsonText('Decisions', page),
  errors: ['ledger-cursor', 'ledger-unreadable', 'api-busy', 'api-slow'],
  async handle({ query, signal }, { ledger }) {
    const { limit = pageSize, cursor } = query;
    const question = {
      kind: 'page',
      filter: filterOf(query),
      limit,
      ...(cursor !== undefined && { cursor }),
    } as const;
    return (await ledger.ask(question, signal)).text ?? '';
  },
});

const place = z.strictObject({ file: z.string(), line: z.int() });

const explanation = z.strictObject({
  decision: recorded
    .partial({ v: true, seq: true, prev: true, hash: true })
    .describe('The record, as stored; of one that is still being counted, without its place in the chain.'),
  command: z
    .array(z.string())
    .optional()
    .describe('The docker command that the request amounts to. Absent: there is none.'),
  route: z.string().optional().describe('Method and path. Absent: the request could not be read.'),
  response: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('denied') }),
      z.strictObject({ kind: z.literal('corrected'), reason: z.string() }),
      z.strictObject({ kind: z.literal('read') }),
      z.strictObject({ kind: z.literal('awaited') }),
      z.strictObject({
        kind: z.literal('settled'),
        outcome: z.enum(['done', 'failed', 'unknown']),
        status: z.int().optional(),
        newId: z.string().optional(),
        time: z.string(),
      }),
    ])
    .describe(
      'What came of it. `denied`: nothing; `corrected`: nothing, since it was allowed too late; `read`: not recorded; `awaited`: not known yet, or lost.',
    ),
  owner: ownerSchema
    .optional()
    .describe('Who made what it is about, by what is known by now. Absent: that is not known.'),
  byAccess: z
    .boolean()
    .optional()
    .describe('Whether Access documents alone denied it, so that no policy was asked but those that watch.'),
  policies: z
    .array(
      z.strictObject({
        policy: z.string(),
        only: z
          .array(z.enum(['images', 'labels', 'hosts', 'containers']))
          .optional()
          .describe(
            'What its match asks about beside subject and action: where that does not hold, it was not asked.',
          ),
        controls: z.array(
          z.strictObject({
            control: z.string(),
            source: place,
            broken: z.boolean(),
            letOff: z
              .literal(true)
              .optional()
              .describe('It passed or was let off: an exception that was used speaks of it.'),
            mode: z.enum(['audit', 'warn']).optional().describe('Absent: it denies.'),
          }),
        ),
      }),
    )
    .optional()
    .describe(
      'What it was held against: the policies that speak of its subject and action. Absent: it was refused before, or the set is not known any longer.',
    ),
  exceptions: z
    .array(z.strictObject({ exception: z.string(), rules: z.array(z.string()).optional() }))
    .optional()
    .describe('The exceptions that let it off rules, and the rules that they name. Absent: none.'),
  lines: z
    .record(z.string(), z.string())
    .describe(
      'The lines of the policies, and of a set tried beside them, that the violations name, by `file:line`.',
    ),
});

/** All about one decision. */
export const decision = route({
  method: 'GET',
  path: '/v1/decisions/{id}',
  summary: 'All about one decision: what was asked, which rules it broke, what came of it.',
  params: z.strictObject({
    id: z
      .string()
      .regex(/^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$/, 'an id has 26 letters and digits, as a denial shows it')
      .transform((id) => id.toUpperCase())
      .describe('As a denial shows it.'),
  }),
  answer: jsonText('Explanation', explanation),
  errors: ['decision-unknown', 'ledger-unreadable', 'api-busy', 'api-slow'],
  async handle({ params: { id }, signal }, { ledger }) {
    const { text } = await ledger.ask({ kind: 'explain', id }, signal);
    if (text === undefined)
      throw new ApiError('decision-unknown', `the ledger has no decision ${quote(id)}.`);
    return text;
  },
});
