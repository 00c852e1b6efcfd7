import type { Decision, Violation } from '../model/decision.ts';
import type { Message } from '../model/message.ts';
import type { Subject } from '../model/subject.ts';
import type { Judged } from './judgeAlone.ts';
import { judgedAnswer, verdictOf } from './trialAnswer.ts';
import type { Trial, TriedRequest } from './try.ts';

/** What two sets say to a request. */
export interface Pair {
  readonly one: Decision;
  readonly other: Decision;
}

/** What one answer has and the other has not. */
export interface Only {
  readonly violations: readonly Violation[];
  readonly observed: readonly Violation[];
  readonly exceptions: readonly string[];
}

/** Where two answers differ: what only either has. */
export interface Difference {
  readonly one: Only;
  readonly other: Only;
}

/**
 * Where two answers differ: rules that only one breaks, or breaks by another value, whether they deny or watch, and
 * exceptions that only one uses. Undefined where nothing does. How a rule words it, and its line, makes no difference.
 */
export function differenceOf({ one, other }: Pair): Difference | undefined {
  const difference = { one: onlyIn(one, other), other: onlyIn(other, one) };
  const isNone = ({ violations, observed, exceptions }: Only) =>
    violations.length + observed.length + exceptions.length === 0;
  return isNone(difference.one) && isNone(difference.other) ? undefined : difference;
}

function onlyIn(one: Decision, other: Decision): Only {
  return {
    violations: one.violations.filter(notAmong(other.violations)),
    observed: (one.observed ?? []).filter(notAmong(other.observed ?? [])),
    exceptions: (one.exceptions ?? []).filter((name) => !other.exceptions?.includes(name)),
  };
}

function notAmong(violations: readonly Violation[]): (violation: Violation) => boolean {
  const keyOf = ({ rule, value, mode }: Violation) => JSON.stringify([rule, value, mode]);
  const known = new Set(violations.map(keyOf));
  return (violation) => !known.has(keyOf(violation));
}

type Judge = (message: Message) => Judged;

/**
 * Judges by two sets at once, so that a command need run but once. As an answer to the command it is an allow where
 * either allows: what one of them denies is not the end, and what comes then is known of both.
 */
export function judgeBoth(one: Judge, other: Judge) {
  const pairs = new WeakMap<Message, Pair>();
  return {
    judge(message: Message): Judged {
      const [first, second] = [one(message), other(message)];
      pairs.set(message, { one: first.decision, other: second.decision });
      return first.decision.allow ? first : second;
    },
    /** What both said to a request that was judged here. */
    pairOf({ message, decision }: Judged): Pair {
      return pairs.get(message) ?? { one: decision, other: decision };
    },
  };
}

/** A request of a trial by two sets. */
export interface Compared {
  readonly request: TriedRequest;
  readonly pair: Pair;
  /** Undefined: both say the same. */
  readonly difference: Difference | undefined;
}

export interface Comparison {
  /** `unknown`: they do not differ as far as the command's requests are known, and not all are. */
  readonly answer: 'same' | 'differ' | 'unknown';
  readonly requests: readonly Compared[];
}

/** @param pairOf what both sets said to a request of the trial */
export function compare(trial: Trial, pairOf: (judged: Judged) => Pair): Comparison {
  const requests = trial.requests.map((request): Compared => {
    const pair = pairOf(request);
    return { request, pair, difference: differenceOf(pair) };
  });
  if (requests.some(({ difference }) => difference !== undefined)) return { answer: 'differ', requests };
  return { answer: verdictOf(trial) === 'unknown' ? 'unknown' : 'same', requests };
}

/** What was asked, for the answer to say. */
export interface AskedBoth {
  readonly command: readonly string[];
  readonly subject: Subject;
  /** Digests of the set of `--policies` and of that of `--diff`. */
  readonly policySets: { readonly policies: string; readonly diff: string };
}

/** A comparison for programs: one document with every request, under the names of the flags. */
export function comparisonAnswer({ answer, requests }: Comparison, { ending }: Trial, asked: AskedBoth) {
  return {
    answer,
    ...asked,
    ending,
    requests: requests.map(({ request, pair, difference }) => {
      const { allow: _, violations: __, observed: ___, exceptions: ____, ...what } = judgedAnswer(request);
      return {
        ...what,
        same: difference === undefined,
        policies: saidBy(pair.one),
        diff: saidBy(pair.other),
        ...(difference && { only: { policies: difference.one, diff: difference.other } }),
      };
    }),
  };
}

function saidBy({ allow, violations, observed = [], exceptions = [] }: Decision) {
  return { allow, violations, observed, exceptions };
}
