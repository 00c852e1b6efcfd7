import { z } from 'zod';
import { documentSchema } from '../../policy/document.ts';
import { asSubject } from '../asSubject.ts';
import { whyNotTried } from '../command.ts';
import { splitWords } from '../words.ts';
import { expectSchema } from './expect.ts';
import { factsSchema } from './facts.ts';
import { requestSchema } from './request.ts';

const subject = z.string().transform((text, context) => {
  const as = asSubject(text);
  if ('subject' in as) return as.subject;
  context.addIssue({ code: 'custom', message: as.error });
  return z.NEVER;
});

const time = z.iso
  .datetime({ offset: true, error: 'write a time such as 2027-01-31T12:00:00Z' })
  .transform((text) => Date.parse(text));

/** A command line of the docker CLI as its words, `docker` first. */
const docker = z.string().transform((line, context): readonly string[] => {
  const words = splitWords(line);
  const problem = words === undefined ? 'a quote is not closed' : whyNotRun(words);
  if (words !== undefined && problem === undefined) return ['docker', ...words];
  context.addIssue({ code: 'custom', message: problem ?? '' });
  return z.NEVER;
});

function whyNotRun(words: readonly string[]): string | undefined {
  const [first] = words;
  if (first === undefined) return 'write a command, such as `run alpine`';
  if (first === 'docker') return 'leave the `docker` at the beginning out';
  if (/^[A-Za-z_]\w*=/.test(first)) return 'no variables are set here: write the request itself';
  return whyNotTried(['docker', ...words])?.message;
}

const theTime = 'The time, as in 2027-01-31T12:00:00Z: exceptions end.';

const caseSchema = z
  .strictObject({
    name: z.string().min(1, 'say what it shows').describe('What it shows, for people.'),
    docker: docker
      .optional()
      .describe(
        'A docker command line without `docker`. The docker CLI says what it asks; nothing is executed.',
      ),
    request: requestSchema.optional().describe('A request of the Docker API instead of a command.'),
    facts: factsSchema.optional().describe('What the daemon would answer.'),
    as: subject.optional().describe("Who asks: `user:alice,group:web`. Absent: the document's."),
    now: time.optional().describe(`${theTime} Absent: the document's.`),
    host: z.string().min(1).optional().describe('The name of the host. Absent: none.'),
    expect: expectSchema.describe('What must come of it.'),
  })
  .refine(({ docker, request }) => (docker === undefined) !== (request === undefined), {
    error: 'give either `docker` or `request`',
  });

const spec = z.strictObject({
  as: subject.optional().describe('Who asks where a case does not say it. Absent: nobody known.'),
  now: time.optional().describe(`${theTime} Absent: that of the clock.`),
  neverBroken: z
    .array(z.string().min(1))
    .default([])
    .describe('Rules that nothing can break as they are set, for which coverage does not ask.'),
  cases: z
    .array(caseSchema)
    .min(1, 'a test without a case shows nothing')
    .describe('Each is held against the policies by itself.'),
});

/** A PolicyTest document: cases that `bulwark test` holds against the policies beside it. */
export const policyTestSchema = documentSchema('PolicyTest', spec);

export type PolicyTest = z.output<typeof policyTestSchema>;
