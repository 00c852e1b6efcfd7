import type { Watching } from '../model/decision.ts';
import type { DecisionRecord } from './record.ts';

/**
 * The rules that a decision names, and the controls of which they are parts: `house/memory` for `house/memory.max`. Those
 * that only watch are called otherwise, so that who looks for denials does not find them.
 */
export function rulesOf({ violations = [] }: Pick<DecisionRecord, 'violations'>): ReadonlySet<string> {
  return new Set(
    violations.flatMap(({ rule, mode }) => {
      const names = [rule, rule.replace(/(\/[^/.]*)\..*$/, '$1')];
      return mode === undefined ? names : ['', ...names].map((name) => watched(mode, name));
    }),
  );
}

/** How a rule that only watches is called beside those that deny: `audit:house/memory`; without a rule, any of its mode. */
export function watched(mode: Watching, rule: string): string {
  return `${mode}:${rule}`;
}
