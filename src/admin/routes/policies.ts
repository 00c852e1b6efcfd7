import { z } from 'zod';
import type { FileError } from '../../policyfiles/fileerror.ts';
import type { InForce } from '../../policyfiles/inForce.ts';
import { json, route } from '../route.ts';

const problem = z.strictObject({
  code: z.string().describe('See `docs/errors.md`.'),
  file: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  message: z.string(),
  hint: z.string().optional(),
});

const inForce = z.strictObject({
  digest: z.string().describe('SHA-256 over the files, in hex: the `policySet` of the records.'),
  since: z.iso.datetime().describe('When it came into force.'),
  documents: z.array(
    z.strictObject({
      kind: z.string(),
      name: z.string(),
      description: z.string().optional(),
      file: z.string(),
      line: z.int(),
    }),
  ),
  problems: z
    .array(problem)
    .describe('Why the last reload changed nothing. Empty: what was loaded last is in force.'),
  warnings: z.array(problem).describe('Weak places of what is in force.'),
});

const policySet = inForce.extend({
  shadow: inForce.optional().describe('The set that is tried beside it, `serve --shadow`. Absent: none.'),
});

/** The policies in force. */
export const policies = route({
  method: 'GET',
  path: '/v1/policies',
  summary: 'The policies in force, and what is wrong with those that are not.',
  answer: json('PolicySet', policySet),
  handle: (_, { policies, shadow }) => ({ ...told(policies()), ...(shadow && { shadow: told(shadow()) }) }),
});

function told({ set, since, documents, problems, warnings }: InForce): z.input<typeof inForce> {
  return {
    digest: set.digest,
    since: since.toISOString(),
    documents: [...documents],
    problems: problems.map(shown),
    warnings: warnings.map(shown),
  };
}

function shown({ code, file, at, message, hint }: FileError): z.input<typeof problem> {
  return {
    code,
    file,
    ...(at && { line: at.line, column: at.column }),
    message,
    ...(hint !== undefined && { hint }),
  };
}
