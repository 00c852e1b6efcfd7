import { stringify } from 'yaml';
import type { DecisionRecord, Draft } from '../ledger/record.ts';
import { inert } from '../model/inert.ts';
import { printable } from '../model/printable.ts';
import { shellLine } from '../tools/asCommand.ts';
import type { Explanation, RecordedViolation, Response } from '../tools/explain.ts';
import type { LetOff, LookedAt } from '../tools/lookedAt.ts';
import { madeByText } from './ownerText.ts';
import { painted, type Screen } from './textTable.ts';
import { showTime } from './times.ts';

/** The most characters of one line of what a client sent. */
const longest = 2000;

/** An explanation for people, in sections; nothing of a client steers the terminal. */
export function explanationText(explanation: Explanation, screen: Screen, zone: string): string {
  const { decision, response } = explanation;
  const sections = [
    head(explanation, screen, zone),
    ...broken(explanation, screen),
    asRead(decision, screen),
    lookedAt(explanation, screen),
    [painted('what came of it', 'bold', screen), `  ${outcome(response, zone)}`],
  ];
  return sectionsText(sections);
}

/** Sections with a line between them; those without a line are left out. */
export function sectionsText(sections: readonly (readonly string[])[]): string {
  const shown = sections.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** What was asked, by whom, and what was answered. */
export function head(
  { decision, command, route, owner }: Pick<Explanation, 'decision' | 'command' | 'route' | 'owner'>,
  screen: Screen,
  zone: string,
): readonly string[] {
  const { subject, client, action, operation, api, count } = decision;
  const verdict =
    decision.decision === 'deny' ? painted('denied', 'red', screen) : painted('allowed', 'green', screen);
  const groups = subject.groups.length === 0 ? '' : `, in ${subject.groups.join(', ')}`;
  const known = subject.method === 'none' ? 'not identified' : `known by ${subject.method}`;
  const shown = (text: string) => printable(text, longest);
  const rows = [
    ['time', `${showTime(Date.parse(decision.time), zone, true)} on ${shown(decision.host)}`],
    ['asked by', shown(`${subject.name}${groups} (${known})`)],
    ['client', shown(client ?? '')],
    ['action', shown(`${action}${operation === undefined ? '' : ` (${operation})`}`)],
    ['request', route === undefined ? '' : `${route}${api === undefined ? '' : `, API ${shown(api)}`}`],
    ['command', command === undefined ? '' : shellLine(command)],
    ['about', owner === undefined ? '' : madeByText(owner, decision.id, zone)],
    ['stands for', count === undefined ? '' : `${count} requests within a minute that were counted together`],
  ];
  return [
    `decision ${decision.id}: ${verdict}`,
    ...rows.flatMap(([name = '', value = '']) => (value === '' ? [] : [`  ${name.padEnd(10)}  ${value}`])),
  ];
}

/** What denied, and apart from it what only watches. */
function broken({ decision, lines, exceptions = [] }: Explanation, screen: Screen): readonly string[][] {
  const { violations = [] } = decision;
  const denied = violations.filter(({ mode }) => mode === undefined);
  const watched = violations.filter(({ mode }) => mode !== undefined);
  const title = denied.length === 1 ? 'the rule it broke' : `the ${denied.length} rules it broke`;
  return [
    violationLines(title, denied, lines, screen),
    violationLines('what only watches would have said', watched, lines, screen),
    letOffLines(exceptions, screen),
  ];
}

/** A section of violations, each with its line; empty where there is none. */
export function violationLines(
  title: string,
  violations: readonly RecordedViolation[],
  lines: Explanation['lines'],
  screen: Screen,
): string[] {
  if (violations.length === 0) return [];
  return [
    painted(title, 'bold', screen),
    ...violations.flatMap(({ rule, message, fix, value, source, mode }) => {
      const place = source === undefined ? undefined : `${source.file}:${source.line}`;
      const line = place === undefined ? undefined : lines[place];
      const name = painted(oneLine(rule), mode === undefined ? 'red' : 'bold', screen);
      return [
        `  ${name}${mode === undefined ? '' : ` (${mode})`}`,
        `    ${oneLine(message)}`,
        ...(value === undefined ? [] : [`    value:  ${oneLine(value)}`]),
        `    fix:    ${oneLine(fix)}`,
        ...(place === undefined ? [] : [`    policy: ${oneLine(place)}`]),
        ...(line === undefined ? [] : [`            ${printable(line.trim(), 200)}`]),
      ];
    }),
  ];
}

/** The exceptions that let it off, as a section; empty where there is none. */
export function letOffLines(exceptions: readonly LetOff[], screen: Screen): string[] {
  if (exceptions.length === 0) return [];
  const title = exceptions.length === 1 ? 'the exception that let it off' : 'the exceptions that let it off';
  return [
    painted(title, 'bold', screen),
    ...exceptions.map(
      ({ exception, rules }) => `  ${oneLine(exception)}${rules ? `: ${oneLine(rules.join(', '))}` : ''}`,
    ),
  ];
}

/**
 * What Bulwark wrote, with a client's words in it that are printable already. Authors of policies write over several
 * lines.
 */
export function oneLine(text: string): string {
  return inert(text.replace(/\s+/g, ' ').trim());
}

function asRead({ object, unknown, truncated }: Draft<DecisionRecord>, screen: Screen): readonly string[] {
  const shown = { ...object, ...(unknown && { unknown }) };
  if (Object.keys(shown).length === 0) return [];
  const lines = stringify(withoutNothing(shown), { lineWidth: 0, aliasDuplicateObjects: false })
    .trimEnd()
    .split('\n');
  const cut = truncated ? ' (cut: it was too large for a record)' : '';
  return [
    painted(`as it was read, without secrets${cut}`, 'bold', screen),
    ...lines.map((line) => `  ${printable(line, longest)}`),
  ];
}

/** Without maps that are empty; an empty list says something. */
function withoutNothing(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNothing);
  const entries = Object.entries(value).map(([key, entry]) => [key, withoutNothing(entry)] as const);
  const isEmpty = (entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry) && Object.keys(entry).length === 0;
  return Object.fromEntries(entries.filter(([, entry]) => !isEmpty(entry)));
}

function lookedAt(explanation: Explanation, screen: Screen): readonly string[] {
  const { policySet, shadowSet } = explanation.decision;
  const title = (text: string) => painted(text, 'bold', screen);
  if (policySet === undefined) {
    return [title('what it was held against'), '  nothing: it was refused before any policy was asked'];
  }
  return [
    title(`what it was held against: policy set ${policySet.slice(0, 12)}`),
    ...heldLines(explanation),
    ...(shadowSet === undefined ? [] : [`  tried beside it: policy set ${shadowSet.slice(0, 12)}`]),
  ];
}

function heldLines({ byAccess, policies }: Explanation): readonly string[] {
  if (policies === undefined)
    return ['  the ledger does not have that set any longer, or this version cannot read it'];
  if (byAccess) {
    const rest = policies.length === 0 ? [] : ['  what only watches was asked all the same:'];
    return [
      '  Access alone: it ended there, and no policy was asked',
      ...rest,
      ...policies.flatMap(policyLines),
    ];
  }
  return policies.length === 0
    ? ['  no policy of it speaks of this subject and action']
    : policies.flatMap(policyLines);
}

/** The controls that a line of a policy brings, a line each; broken ones stand above. */
function policyLines({ policy, only, controls }: LookedAt): readonly string[] {
  const name = `${printable(policy)}${only === undefined ? '' : ` (for some ${only.join(', ')} only)`}`;
  if (controls.length === 0) return [`  ${name}: no control`];
  const unbroken = controls.filter(({ broken }) => !broken);
  const places = Map.groupBy(unbroken, ({ source: { file, line }, mode, letOff }) => {
    const said = letOff ? 'passed or let off' : 'passed';
    return `${file}:${line}${mode === undefined ? '' : ` (${mode})`}: ${said}`;
  });
  const isCertain = only === undefined && unbroken.every(({ letOff }) => !letOff);
  const count = controls.filter(({ broken }) => broken).length;
  return [
    `  ${name}: ${controls.length === 1 ? '1 control' : `${controls.length} controls`}, ${count > 0 ? `${count} broken` : isCertain ? 'all passed' : 'none broken'}`,
    ...Array.from(
      places,
      ([said, some]) => `    ${oneLine(said)} ${some.map(({ control }) => control).join(', ')}`,
    ),
  ];
}

function outcome(response: Response, zone: string): string {
  switch (response.kind) {
    case 'denied':
      return 'nothing: the daemon did not do it';
    case 'corrected':
      return `nothing: it could not be recorded in time, so the answer was a denial (${printable(response.reason)})`;
    case 'read':
      return 'not recorded: it changes nothing';
    case 'awaited':
      return 'not known: the daemon has not told its response, or not yet';
    case 'settled': {
      const { outcome, status, newId, time } = response;
      const said = {
        done: 'done',
        failed: 'the daemon failed',
        unknown: 'not known: the daemon did not tell the status, as with many errors',
      }[outcome];
      const code = status === undefined ? '' : `, status ${status}`;
      const made = newId === undefined ? '' : `, made ${printable(newId)}`;
      return `${said}${code}${made} (${showTime(Date.parse(time), zone)})`;
    }
  }
}
