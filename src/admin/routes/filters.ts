import { z } from 'zod';
import type { Filter } from '../../ledger/filter.ts';

/** What people name things by. */
export const text = z.string().min(1, 'it must not be empty').max(400, 'it has at most 400 characters');

/** A moment, as a parameter. */
export const time = z.iso
  .datetime({ offset: true, error: 'write a time with its offset, as in 2026-11-24T09:30:00Z' })
  .transform((value) => Date.parse(value));

/** Parameters that choose decisions: those of `bulwark denials`. All that is given must hold. */
export const filterQuery = z.strictObject({
  decision: z.enum(['allow', 'deny']).optional().describe('The answer. Absent: both.'),
  subject: text.optional().describe('Who asked; `*` stands for any characters, here and below.'),
  action: text.optional().describe('What was asked: `container.create`, `container.*`.'),
  rule: text.optional().describe('A rule that was broken, or a part of it: `house/memory`, `house/*`.'),
  mode: z
    .enum(['audit', 'warn', 'shadow'])
    .optional()
    .describe('A rule was broken that only watches, and so; `rule` says which. Absent: it denied.'),
  image: text.optional().describe('About this image, as in a policy: `alpine` is any tag of it.'),
  resource: text.optional().describe('About what was named so: a container, a volume.'),
  since: time.optional().describe('From then on.'),
  until: time.optional().describe('Before then.'),
});

/** The filter that these parameters are. */
export function filterOf({
  decision,
  subject,
  action,
  rule,
  mode,
  image,
  resource,
  since,
  until,
}: z.output<typeof filterQuery>): Filter {
  return {
    ...(decision !== undefined && { decision }),
    ...(subject !== undefined && { subject }),
    ...(action !== undefined && { action }),
    ...(rule !== undefined && { rule }),
    ...(mode !== undefined && { mode }),
    ...(image !== undefined && { image }),
    ...(resource !== undefined && { resource }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

/** A whole number within bounds, as a parameter. */
export function whole(least: number, most: number) {
  const message = `a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message)
    .meta({ type: 'integer', minimum: least, maximum: most, pattern: undefined });
}
