import { shownName } from '../policyfiles/find.ts';
import type { Explanation } from '../tools/explain.ts';
import type { Fate, Gap, WhatIf } from '../tools/whatIf.ts';
import { head, letOffLines, oneLine, sectionsText, violationLines } from './explainText.ts';
import { painted, type Screen } from './textTable.ts';

/** What another set would say, and the lines of its files that it names. */
export interface Shown extends WhatIf {
  readonly lines: Explanation['lines'];
}

/** A decision by another set, for people, in sections. `paths`: where that set is. */
export function whatIfText(shown: Shown, paths: readonly string[], screen: Screen, zone: string): string {
  const { answer, lines } = shown;
  const { violations = [], observed = [], exceptions = [] } = answer ?? {};
  const count = violations.length;
  return sectionsText([
    head(shown, screen, zone),
    verdict(shown, paths, screen),
    violationLines(
      count === 1 ? 'the rule it would break' : `the ${count} rules it would break`,
      violations,
      lines,
      screen,
    ),
    violationLines('what only watches would say', observed, lines, screen),
    letOffLines(exceptions, screen),
    before(shown, screen),
    gapLines(shown, screen),
  ]);
}

function verdict(
  { answer, policySet, gaps }: Shown,
  paths: readonly string[],
  screen: Screen,
): readonly string[] {
  const by = `by ${paths.map(shownName).join(', ')} (policy set ${policySet.slice(0, 12)})`;
  if (answer === undefined)
    return [`${by}: ${painted('denied', 'red', screen)}, since it cannot be read, whatever the policies`];
  const word = answer.allow ? painted('allowed', 'green', screen) : painted('denied', 'red', screen);
  return [`${by}: ${word}${gaps.length > 0 ? ', as far as the record tells' : ''}`];
}

const fates: { readonly [fate in Fate]: string } = {
  broken: 'broken again',
  watched: 'broken again, by a rule that only watches',
  passes: 'passes',
  absent: 'no such rule for this subject and action',
  'no-policy': 'of no policy',
};

function before({ before: rules }: Shown, screen: Screen): readonly string[] {
  if (rules.length === 0) return [];
  return [
    painted('what becomes of the rules that it broke then', 'bold', screen),
    ...rules.map(({ rule, now }) => `  ${oneLine(rule)}: ${fates[now]}`),
  ];
}

function gapLines({ gaps }: Shown, screen: Screen): readonly string[] {
  if (gaps.length === 0) return [];
  return [
    painted('what the record does not tell, and these policies ask', 'bold', screen),
    ...gaps.map((gap) => `  ${said(gap)}`),
  ];
}

function said(gap: Gap): string {
  switch (gap.kind) {
    case 'hidden':
      return `values that are hidden, in ${gap.fields.join(', ')}`;
    case 'truncated':
      return 'all of the request: lists and texts of it are cut, since it was too large';
    case 'counted':
      return 'what was asked, but for the action: it stands for requests that were counted together';
    case 'stored':
      return 'the container, or service, that it reaches, as the daemon has it';
    case 'facts':
      return 'what the daemon has under the names of its image, volumes or networks';
    case 'links':
      return 'where links lead on the host that are in the paths it binds';
  }
}
