import { z } from 'zod';
import type { AdmissionRequest } from '../model/request.ts';
import { type Around, holdsFor, type Match, matchSchema } from './match.ts';
import { matches } from './pattern.ts';

const day = 24 * 60 * 60_000;

/**
 * When an exception ends, in milliseconds since 1970: a date at 24:00 UTC, a time at that time, `never` at none
 * (Infinity).
 */
const expiry = z
  .string('write a date such as 2027-03-31, or "never"')
  .transform((text, context) => {
    const end = endOf(text);
    if (end !== undefined) return end;
    const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
    context.addIssue({
      code: 'custom',
      message: isDay
        ? 'there is no such day: write a date such as 2027-03-31'
        : 'write a date such as 2027-03-31, a time such as 2027-03-31T18:00:00Z, or `never`',
    });
    return z.NEVER;
  })
  .meta({ title: 'expiry' });

function endOf(text: string): number | undefined {
  if (text === 'never') return Infinity;
  // `Date.parse` takes the 31st of February for the 3rd of March.
  if (z.iso.date().safeParse(text).success) return Date.parse(text) + day;
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return Date.parse(text);
  return undefined;
}

/** The `spec` of an Exception document. */
export const exceptionSpec = z.strictObject({
  rules: z
    .array(
      z
        .string()
        .regex(
          /^[A-Za-z0-9*][A-Za-z0-9._*-]*\/[A-Za-z*][A-Za-z0-9._*-]*$/,
          'a rule is written as in `house/memory` or `house/memory.max`, with `*` for any',
        )
        .meta({ title: 'rule' }),
    )
    .min(1, 'name at least one rule')
    .describe('Rules that are let off; one covers its parts: `house/memory` also `house/memory.max`.'),
  match: matchSchema.describe('For whom and what: all that is said here must hold.'),
  reason: z.string().min(1, 'say why').describe('Why: whoever reviews it reads this.'),
  ticket: z.string().min(1).optional().describe('Where it was agreed.'),
  expires: expiry.describe(
    'The last day, until 24:00 UTC, a time, or `never`, which `check` keeps naming. Then it does nothing.',
  ),
});

/** An Exception document. */
export interface Exception {
  readonly name: string;
  readonly rules: readonly string[];
  readonly match: Match;
  /** Milliseconds since 1970. */
  readonly ends: number;
}

/** Whether an exception lets a request off a rule. An expired one does nothing. */
export function letsOff(
  { rules, match, ends }: Exception,
  rule: string,
  request: AdmissionRequest,
  around: Around,
): boolean {
  return (
    around.now < ends &&
    rules.some((pattern) => covers(pattern, rule)) &&
    holdsFor(match, request, around, 'loosens')
  );
}

/** Whether a pattern names a rule or, without a part, the rule of which it is one. */
export function covers(pattern: string, rule: string): boolean {
  return matches(pattern, rule) || matches(pattern, withoutPart(rule));
}

/** `house/memory` for `house/memory.max`; names of policies may hold dots. */
export function withoutPart(rule: string): string {
  return rule.replace(/(\/[^/.]*)\..*$/, '$1');
}
