import { z } from 'zod';
import type { Violation } from '../../model/decision.ts';
import { quote } from '../../model/printable.ts';
import { covers } from '../../policy/exception.ts';
import { matches } from '../../policy/pattern.ts';

const rule = z
  .string()
  .regex(
    /^[A-Za-z0-9*][A-Za-z0-9._*-]*(?:\/[A-Za-z*][A-Za-z0-9._*-]*)?$/,
    'a rule is written as in `house/memory` or `house/memory.max`, with `*` for any, or is a code as in `body-absent`',
  );

/** What a case expects. */
export const expectSchema = z
  .strictObject({
    decision: z.enum(['allow', 'deny']).describe('Of a command: `deny` if any of its requests is denied.'),
    rules: z
      .array(rule)
      .min(1, 'name a rule, or leave it out')
      .optional()
      .describe('Rules that must be among those that deny; `house/memory` stands for its parts too.'),
    observed: z
      .array(rule)
      .optional()
      .describe('Rules that must be among those that are broken and only watch, by `mode: audit` or `warn`.'),
    exceptions: z
      .array(z.string().min(1))
      .optional()
      .describe('Exception documents that must be among those that let it off.'),
    exactly: z
      .boolean()
      .default(false)
      .describe(
        'Nothing beside what is named in `rules`, `observed` and `exceptions`, where these are given.',
      ),
    message: z
      .string()
      .min(1)
      .optional()
      .describe('A message or a fix of what is broken, as a pattern with `*` for any text.'),
  })
  .superRefine(({ decision, rules, observed, exceptions, exactly }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (decision === 'allow' && rules !== undefined)
      refuse('rules', 'what is allowed breaks no rule that denies; what only watches is `observed`');
    if (exactly && (rules ?? observed ?? exceptions) === undefined)
      refuse('exactly', '`exactly` needs one of `rules`, `observed` and `exceptions`');
  });

export type Expected = z.output<typeof expectSchema>;

/** What became of a case: of all its requests together. */
export interface Got {
  readonly decision: 'allow' | 'deny';
  readonly violations: readonly Violation[];
  /** What is broken and only watches. */
  readonly observed: readonly Violation[];
  /** Names of Exception documents that let it off. */
  readonly exceptions: readonly string[];
}

/** Where a case is not as it should be. */
export interface Problem {
  /** The key of `expect` or of the case. */
  readonly of: 'decision' | 'rules' | 'observed' | 'exceptions' | 'message' | 'facts' | 'docker';
  /** In one sentence without a full stop; printable. */
  readonly text: string;
}

/** Every difference between what was expected and what came; empty: none. */
export function differences(expected: Expected, got: Got): readonly Problem[] {
  const { rules, observed, exceptions, exactly, message } = expected;
  return [
    ...(expected.decision === got.decision
      ? []
      : [{ of: 'decision' as const, text: `expected ${expected.decision}, got ${got.decision}` }]),
    ...lists('rules', rules, ids(got.violations), exactly, covers),
    ...lists('observed', observed, ids(got.observed), exactly, covers),
    ...lists('exceptions', exceptions, got.exceptions, exactly, matches),
    ...(message === undefined || said(message, [...got.violations, ...got.observed])
      ? []
      : [{ of: 'message' as const, text: `nothing says ${quote(message)}` }]),
  ];
}

function ids(violations: readonly Violation[]): readonly string[] {
  return [...new Set(violations.map(({ rule }) => rule))];
}

function lists(
  of: Problem['of'],
  expected: readonly string[] | undefined,
  got: readonly string[],
  exactly: boolean,
  isMeant: (pattern: string, name: string) => boolean,
): readonly Problem[] {
  if (expected === undefined) return [];
  const missing = expected.filter((pattern) => !got.some((name) => isMeant(pattern, name)));
  const surplus = exactly ? got.filter((name) => !expected.some((pattern) => isMeant(pattern, name))) : [];
  return [
    ...(missing.length > 0 ? [{ of, text: `missing ${missing.join(', ')}` }] : []),
    ...(surplus.length > 0 ? [{ of, text: `not expected: ${surplus.join(', ')}` }] : []),
  ];
}

/** In a message `*` stands for any text, whatever is a path in it. */
function said(pattern: string, violations: readonly Violation[]): boolean {
  // A pattern that ends in `/**` would also match without the slash.
  const any = `${pattern}\n`.replace(/\*+/g, '**');
  return violations.some(({ message, fix }) => [message, fix].some((text) => matches(any, `${text}\n`)));
}
