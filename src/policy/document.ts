import { z } from 'zod';

/** A name as it stands in rule ids: it must not hold what divides them. */
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a name has letters, digits, `.`, `_` and `-`, at most 63');

/** A document of a kind. Where names begin rule ids, some would make two rules of one id. */
export function documentSchema<const K extends string, S extends z.ZodType>(
  kind: K,
  spec: S,
  taken: readonly string[] = [],
) {
  return z.strictObject({
    apiVersion: z.literal('bulwark/v1').describe('The version of the format.'),
    kind: z.literal(kind),
    metadata: z.strictObject({
      name: name
        .refine((text) => !taken.includes(text), {
          error: 'this name has a meaning of its own in rule ids: choose another',
        })
        .describe('Unique per kind; the first part of every rule id.'),
      description: z.string().optional().describe('For people.'),
      labels: z.record(z.string(), z.string()).optional().describe('For people and tools.'),
    }),
    spec,
  });
}
