import { z } from 'zod';
import type { Source, Violation } from '../model/decision.ts';
import { printable, quote } from '../model/printable.ts';
import type { Subject } from '../model/subject.ts';
import { actionPatterns, subjectPatterns } from './match.ts';
import { matches } from './pattern.ts';
import { subjectMatches } from './subjects.ts';

const reason = z.string().min(1).optional();

/** The `spec` of an Access document. */
export const accessSpec = z
  .strictObject({
    subjects: subjectPatterns.describe('To whom it speaks: `user:alice`, `group:web`, or `*` for everybody.'),
    allow: z
      .array(
        z.strictObject({
          actions: actionPatterns.describe('What they may do, as in `container.*`.'),
          on: z
            .enum(['any', 'own', 'group'])
            .default('any')
            .describe('Whose resources: `any`, and later `own` or those of the `group`.'),
          reason: reason.describe('For people.'),
        }),
      )
      .default([])
      .describe('Grants. Nothing granted, nothing allowed.'),
    deny: z
      .array(
        z.strictObject({
          actions: actionPatterns.describe('What they may not do, whatever grants it.'),
          reason: reason.describe('Why, and what to do instead; the denial says it.'),
        }),
      )
      .default([])
      .describe('What is taken away; no grant brings it back.'),
  })
  .refine(({ allow, deny }) => allow.length + deny.length > 0, {
    error: 'neither `allow` nor `deny` has an entry',
  });

/** One entry of an Access document. */
export interface AccessRule {
  readonly document: string;
  readonly effect: 'allow' | 'deny';
  readonly subjects: readonly string[];
  readonly actions: readonly string[];
  readonly reason: string | undefined;
  readonly source: Source;
}

/** The rule id of a request that nobody granted. */
export const notGranted = 'access/not-granted';

/**
 * What Access documents have against a caller's action: those that deny it, or that none grants it. Empty: nothing, or
 * there is no Access document.
 */
export function refusalsOf(
  rules: readonly AccessRule[] | undefined,
  subject: Subject,
  action: string,
): readonly Violation[] {
  if (rules === undefined) return [];
  const meant = rules.filter(
    (rule) =>
      rule.actions.some((pattern) => matches(pattern, action)) &&
      rule.subjects.some((pattern) => subjectMatches(pattern, subject)),
  );
  const denied = meant.filter(({ effect }) => effect === 'deny');
  if (denied.length > 0) return denied.map((rule) => deniedBy(rule, subject, action));
  return meant.length > 0 ? [] : [withoutGrant(subject, action)];
}

function deniedBy({ document, reason, source }: AccessRule, subject: Subject, action: string): Violation {
  return {
    rule: `access/${document}`,
    message: `${quote(subject.name)} may not use ${action} here${reason === undefined ? '.' : `: ${reason}`}`,
    fix: `do it another way, or ask an administrator of this host: no grant outweighs this.`,
    source,
  };
}

/** Of a caller's groups, the most that a sentence names. */
const mostGroups = 5;

function withoutGrant({ name, groups, method }: Subject, action: string): Violation {
  const own = groups.filter((group) => !group.startsWith('system:'));
  const inGroups =
    own.length === 0
      ? ''
      : ` (in ${own
          .slice(0, mostGroups)
          .map((group) => quote(group))
          .join(', ')})`;
  const whom = method === 'none' ? 'group:system:unauthenticated' : `user:${name}`;
  return {
    rule: notGranted,
    message: `${action} is granted to ${quote(name)}${inGroups} by no Access document.`,
    fix: `ask an administrator of this host for a grant: an Access document with subjects: ["${printable(whom)}"] and allow: [{ actions: [${action}] }].`,
  };
}
