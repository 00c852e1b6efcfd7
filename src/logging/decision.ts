import type { Decision } from '../model/decision.ts';
import type { Log } from './log.ts';

/** One line a decision: a denial and what a watching rule found for everybody, another allow for who asks for `debug`. */
export function logDecision(log: Log, decision: Decision): void {
  const { allow, observed = [] } = decision;
  if (allow && observed.length > 0) {
    log.info(
      { ...entries(decision), watched: observed.map(({ rule, mode }) => `${mode}:${rule}`) },
      'allowed, and watched',
    );
  } else if (allow) {
    if (log.isLevelEnabled('debug')) log.debug(entries(decision), 'allowed');
  } else {
    log.warn({ ...entries(decision), rules: decision.violations.map(({ rule }) => rule) }, 'denied');
  }
}

function entries({ id, subject, action }: Decision) {
  return { decision: id, subject: subject.name, action };
}
