import { z } from 'zod';
import { ownedKinds } from '../../ledger/account/owners.ts';
import { quote } from '../../model/printable.ts';
import { ApiError } from '../problem.ts';
import { jsonText, route } from '../route.ts';
import { accountErrors, reachSchema } from './account.ts';
import { text, whole } from './filters.ts';

/** Who made a thing, as `ownerJson` writes it. */
export const ownerSchema = z.strictObject({
  kind: z.string().describe("Docker's word."),
  id: z.string().describe("The daemon's; of a volume its name, of an image its reference in full."),
  name: z
    .string()
    .nullable()
    .describe(
      'As of the last look; of an exec its container. null: the daemon chose it, and nobody looked yet.',
    ),
  subject: z.string().describe('Who made it.'),
  groups: z.array(z.string()).describe('The groups that the subject was in then.'),
  decision: z.string().describe('The decision that allowed it.'),
  time: z.iso.datetime().describe('When the daemon had made it.'),
  gone: z.iso
    .datetime()
    .nullable()
    .describe(
      'When the daemon was found not to have it any longer. null: it had it at the last look; for execs nobody looks.',
    ),
});

const pageSize = 50;

const kind = z.enum(ownedKinds);

const page = z.strictObject({
  items: z.array(ownerSchema).describe('Newest first.'),
  next: z.string().nullable().describe('The `cursor` of the next page; null: this is the last.'),
  account: reachSchema,
});

/** Who made what. */
export const owners = route({
  method: 'GET',
  path: '/v1/owners',
  summary: 'Who made what, newest first, a page at a time.',
  query: z.strictObject({
    kind: kind.optional().describe('Of this kind. Absent: all but `exec`.'),
    subject: text.optional().describe('Made by this subject.'),
    all: z.enum(['true', 'false']).optional().describe('`true`: what is gone, too.'),
    limit: whole(1, 500).optional().describe(`At most so many. Absent: ${pageSize}.`),
    cursor: z.string().max(2000).optional().describe('Goes on where a page ended: its `next`.'),
  }),
  answer: jsonText('Owners', page),
  errors: ['ledger-cursor', ...accountErrors],
  async handle({ query: { kind, subject, all, limit = pageSize, cursor }, signal }, { ledger }) {
    const question = {
      kind: 'owners',
      filter: {
        ...(kind !== undefined && { kind }),
        ...(subject !== undefined && { subject }),
        all: all === 'true',
      },
      limit,
      ...(cursor !== undefined && { cursor }),
    } as const;
    return (await ledger.ask(question, signal)).text ?? '';
  },
});

/** Makers of an image in one answer. */
const mostMakers = 100;

const found = ownerSchema.extend({
  makers: z
    .array(
      ownerSchema
        .pick({ subject: true, groups: true, decision: true, time: true })
        .extend({ action: z.string().describe('`image.pull`, `build` ...') }),
    )
    .optional()
    .describe(
      `Of an image: everybody who pulled, built or made it otherwise, newest first, ${mostMakers} at most.`,
    ),
  more: z.boolean().optional().describe('Of an image: there are more.'),
});

/** Who made one thing. */
export const owner = route({
  method: 'GET',
  path: '/v1/owners/{kind}/{id}',
  summary: 'Who made one thing; of an image everybody who did.',
  params: z.strictObject({
    kind,
    id: z
      .string()
      .min(1, 'it must not be empty')
      .max(1000, 'it has at most 1000 characters')
      .describe(
        'Its id, its name or the beginning of its id; an image as it would be pulled. A `/` in it is written as `%2F`.',
      ),
  }),
  answer: jsonText('Owner', found),
  errors: ['owner-ambiguous', 'owner-unknown', ...accountErrors],
  async handle({ params: { kind, id }, signal }, { ledger }) {
    const { text } = await ledger.ask({ kind: 'owner', of: kind, name: id, limit: mostMakers }, signal);
    if (text === undefined)
      throw new ApiError('owner-unknown', `nobody is known to have made the ${kind} ${quote(id)}.`);
    return text;
  },
});
