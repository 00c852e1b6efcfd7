import { violationLine } from '../authz/denial.ts';
import { inert, safeJson } from '../model/inert.ts';
import { printable } from '../model/printable.ts';
import type { Subject } from '../model/subject.ts';
import type { PolicySet } from '../policy/compile.ts';
import { shownName } from '../policyfiles/find.ts';
import { type Compared, type Comparison, comparisonAnswer, type Only } from '../tools/compare.ts';
import type { Trial } from '../tools/try.ts';
import { type Answer, count, matters, nameOf, notes, repeated, said, text } from './tryText.ts';

/** A set and what it is called: the folders that it was read from. */
export interface Named {
  readonly set: PolicySet;
  readonly paths: readonly string[];
}

/** What was asked, for the answer to say. */
export interface ToldBoth {
  readonly command: readonly string[];
  readonly subject: Subject;
  readonly one: Named;
  readonly other: Named;
  /** In milliseconds. */
  readonly deadline: number;
}

/** For people: a line a request that matters, below it what only either set says (`-`, `+`, as `diff` does), and the sum. */
export function comparisonText(
  comparison: Comparison,
  trial: Trial,
  told: ToldBoth,
  verbose: boolean,
): Answer {
  const isShown = matters(trial.requests);
  const shown = comparison.requests.filter(
    ({ request, difference }) => difference !== undefined || isShown(request),
  );
  const width = Math.max(0, ...shown.map(({ request }) => request.decision.action.length));
  const lines = repeated(shown, look).flatMap(([one, times]) => comparedLines(one, times, width));
  const stderr = [...(verbose ? said(trial.output) : []), ...notes(trial, told)];
  return {
    stdout: text([
      `--- ${nameOfSet(told.one)}`,
      `+++ ${nameOfSet(told.other)}`,
      ...lines,
      ...summary(comparison, told),
    ]),
    stderr: text(stderr),
  };
}

/** For programs: one document with every request. */
export function comparisonJson(comparison: Comparison, trial: Trial, told: ToldBoth): Answer {
  const { command, subject, one, other } = told;
  const policySets = { policies: one.set.digest, diff: other.set.digest };
  const answer = comparisonAnswer(comparison, trial, { command, subject, policySets });
  return { stdout: `${safeJson(answer, 2)}\n`, stderr: text(notes(trial, told)) };
}

function nameOfSet({ set, paths }: Named): string {
  return `${paths.map(shownName).join(', ')} (policy set ${set.digest.slice(0, 12)})`;
}

function look({ request, pair, difference }: Compared): string {
  return JSON.stringify([pair.one.allow, request.decision.action, nameOf(request), difference]);
}

function comparedLines(
  { request, pair: { one, other }, difference }: Compared,
  times: number,
  width: number,
): readonly string[] {
  const what = [
    request.decision.action.padEnd(width),
    nameOf(request),
    times > 1 ? `(${times} times)` : '',
  ].filter((part) => part !== '');
  const line = (word: string) => `${word}  ${what.join('  ')}`.trimEnd();
  if (difference === undefined) return [line(`the same  ${one.allow ? 'allow' : 'deny '}`)];
  const both = one.allow === other.allow;
  return [
    line(`DIFFERS   ${both ? (one.allow ? 'allow' : 'deny ') : '     '}`),
    ...(both ? [] : [`        - ${word(one.allow)}`, `        + ${word(other.allow)}`]),
    ...onlyLines(difference.one).map((said) => `        - ${said}`),
    ...onlyLines(difference.other).map((said) => `        + ${said}`),
  ];
}

function word(allow: boolean): string {
  return allow ? 'allow' : 'deny';
}

function onlyLines({ violations, observed, exceptions }: Only): readonly string[] {
  return [
    ...violations.map((violation) => inert(violationLine(violation))),
    ...observed.map((violation) => `${violation.mode ?? 'audit'}: ${inert(violationLine(violation))}`),
    ...exceptions.map((name) => `let off by the exception ${printable(name)}`),
  ];
}

function summary({ answer, requests }: Comparison, { subject }: ToldBoth): readonly string[] {
  if (answer === 'unknown') return [];
  if (requests.length === 0) return ['the same: no daemon is asked for anything'];
  const by = `asked by ${printable(subject.name)}`;
  const all = count(requests.length, 'request');
  if (answer === 'same') return ['', `the same: ${all}, ${by}`];
  const differing = requests.filter(({ difference }) => difference !== undefined).length;
  return ['', `they differ: ${differing} of ${all}, ${by}`];
}
