import { passesAlways } from '../judge.ts';
import type { Source } from '../model/decision.ts';
import type { Subject } from '../model/subject.ts';
import type { Applicable, Check, Policy, PolicySet } from '../policy/compile.ts';
import { covers, withoutPart } from '../policy/exception.ts';
import type { Match } from '../policy/match.ts';

/** A policy that speaks of a caller's action, and its controls. */
export interface LookedAt {
  readonly policy: string;
  /** What else its `match` and `exclude` ask about, beside the caller and the action. Absent: nothing. */
  readonly only?: readonly Condition[];
  readonly controls: readonly {
    readonly control: string;
    readonly source: Source;
    readonly broken: boolean;
    /** Whether it is not known if it passed: an exception that was used speaks of it. */
    readonly letOff?: true;
    /** Absent: it denies. */
    readonly mode?: 'audit' | 'warn';
  }[];
}

/** What of a match is about the request and its host. */
export type Condition = 'images' | 'labels' | 'hosts' | 'containers';

const conditions: readonly Condition[] = ['images', 'labels', 'hosts', 'containers'];

/** What of a set a caller's action was held against. */
export interface HeldAgainst {
  /** Whether Access alone denied it: no policy of the set that could deny was asked then. */
  readonly byAccess: boolean;
  readonly policies: readonly LookedAt[];
}

/** What came out: rules that were broken, and names of exceptions that let off others. */
export interface Outcome {
  readonly rules: readonly string[];
  readonly exceptions: readonly string[];
}

export function heldAgainst(
  set: PolicySet,
  subject: Subject,
  action: string,
  { rules, exceptions }: Outcome,
): HeldAgainst {
  if (passesAlways(action)) return { byAccess: false, policies: [] };
  const { refusals, policies } = set.applicable(subject, action);
  const byAccess = refusals.length > 0;
  const watching = set.watching?.applicable(subject, action).policies ?? [];
  const asked = [...(byAccess ? [] : policies), ...watching];
  const names = [...new Set(asked.map(({ name }) => name))];
  const off = set.exceptions.filter(({ name }) => exceptions.includes(name)).flatMap((one) => one.rules);
  const isOff = (rule: string) =>
    off.some((pattern) => covers(pattern, rule) || covers(withoutPart(pattern), rule));
  const isBroken = (rule: string) => rules.some((broken) => broken === rule || broken.startsWith(`${rule}.`));
  return {
    byAccess,
    policies: names.map((name) => {
      const own = asked.filter((policy) => policy.name === name);
      const only = conditions.filter((condition) => own.some((policy) => asksFor(policy, condition)));
      return {
        policy: name,
        ...(only.length > 0 && { only }),
        controls: own.flatMap(({ checks }) => checks.map((check) => controlOf(name, check, isBroken, isOff))),
      };
    }),
  };
}

function controlOf(
  policy: string,
  { control, source, mode }: Check,
  isBroken: (rule: string) => boolean,
  isOff: (rule: string) => boolean,
): LookedAt['controls'][number] {
  const rule = `${policy}/${control}`;
  const broken = isBroken(rule);
  return {
    ...{ control, source, broken },
    ...(!broken && isOff(rule) && { letOff: true as const }),
    ...(mode !== 'deny' && { mode }),
  };
}

function asksFor({ match, exclude }: Policy, condition: Condition): boolean {
  const asks = (one: Match | undefined) => one?.[condition] !== undefined;
  return asks(match) || asks(exclude);
}

/** An exception, and the rules that it is about. */
export interface LetOff {
  readonly exception: string;
  /** Absent: the set is not known any longer. */
  readonly rules?: readonly string[];
}

/** The exceptions of these names, with what a set says of them. */
export function letOffBy(names: readonly string[], exceptions: Applicable['exceptions']): readonly LetOff[] {
  return names.map((exception) => {
    const rules = exceptions.find(({ name }) => name === exception)?.rules;
    return { exception, ...(rules && { rules }) };
  });
}
