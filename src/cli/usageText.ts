import { type Hours, hoursOf, timeOf } from '../ledger/account/periods.ts';
import type { Line, Owned, Reach, Seen, SubjectAccount } from '../ledger/account/reader.ts';
import { type Grouping, madeText } from '../ledger/account/show.ts';
import { made } from '../ledger/account/tally.ts';
import { printable } from '../model/printable.ts';
import { csvLine } from './csv.ts';
import { type Cell, type Column, painted, type Screen, TextTable, widthOf } from './textTable.ts';
import { showTime } from './times.ts';

/** Longer than every name in earnest. */
const longest = 400;

/** Columns of a screen from which there is room for all. */
const roomy = 110;

/** Hours that are named as the busiest. */
const busiest = 3;

const bars = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/** A bar of so many columns at most, in eighths; what is not nothing is seen. */
function bar(value: number, most: number, width: number): string {
  const eighths = most === 0 ? 0 : Math.ceil((value / most) * width * 8);
  return `${'█'.repeat(Math.floor(eighths / 8))}${bars[eighths % 8]}`;
}

/** Cells of numbers, one below the other. */
function aligned(values: readonly number[], title: string): readonly string[] {
  const width = Math.max(title.length, ...values.map((value) => String(value).length));
  return values.map((value) => String(value).padStart(width));
}

/** A time to the minute. */
function minuteOf(time: number | undefined, zone: string): string {
  return time === undefined ? '' : showTime(time, zone).slice(0, 16);
}

/** The lines of an account as a table that fits the screen. */
export function linesText(
  by: Grouping,
  lines: readonly Line[],
  zone: string,
  screen: Screen,
): readonly string[] {
  const isRoomy = screen.width === undefined || screen.width >= roomy;
  const most = Math.max(...lines.map(({ tally }) => tally.requests));
  const ofRule = by === 'rule';
  const numbers = (title: string, value: (line: Line) => number) => ({
    title,
    cells: aligned(lines.map(value), title).map((text): Cell => ({ text })),
  });
  const texts = (
    title: string,
    value: (line: Line) => string,
    options: Omit<Column, 'title'> & Omit<Cell, 'text'> = {},
  ) => {
    const { paint, ...column } = options;
    return {
      title,
      ...column,
      cells: lines.map((line): Cell => ({ text: value(line), ...(paint && { paint }) })),
    };
  };
  const columns = [
    texts(by.toUpperCase(), ({ key }) => printable(key, longest), { least: 10, paint: 'bold' }),
    numbers(ofRule ? 'DENIALS' : 'REQUESTS', ({ tally }) => tally.requests),
    texts('', ({ tally }) => bar(tally.requests, most, isRoomy ? 16 : 8), {
      paint: ofRule ? 'red' : 'green',
    }),
    ...(ofRule
      ? []
      : [
          numbers('ALLOWED', ({ tally }) => tally.requests - tally.denied),
          numbers('DENIED', ({ tally }) => tally.denied),
          texts('MADE', ({ tally }) => madeText(tally), { least: 12 }),
        ]),
    ...(isRoomy ? [texts('FIRST', ({ tally }) => minuteOf(tally.first, zone))] : []),
    texts('LAST', ({ tally }) => minuteOf(tally.last, zone)),
    ...(ofRule ? [texts('NEWEST', ({ tally }) => tally.newest ?? '')] : []),
  ];
  return tableOf(columns, screen);
}

type Filled = Column & { readonly cells: readonly Cell[] };

function tableOf(columns: readonly Filled[], screen: Screen): readonly string[] {
  const rows = (columns[0]?.cells ?? []).map((_, at) =>
    columns.map(({ cells }) => cells[at] ?? { text: '' }),
  );
  return new TextTable(columns, screen).lines(rows);
}

/** The lines of an account as CSV, with a line of titles. */
export function linesCsv(by: Grouping, lines: readonly Line[]): string {
  const iso = (time: number | undefined) => (time === undefined ? '' : new Date(time).toISOString());
  return [
    csvLine([by, 'requests', 'allowed', 'denied', ...made, 'first', 'last', 'newest']),
    ...lines.map(({ key, tally }) =>
      csvLine([
        printable(key, longest),
        tally.requests,
        tally.requests - tally.denied,
        tally.denied,
        ...made.map((name) => tally[name]),
        iso(tally.first),
        iso(tally.last),
        tally.newest ?? '',
      ]),
    ),
  ].join('');
}

/** What is to be known of the numbers: the hours that they are of, and whether all is counted. */
export function boundsText({ from, to }: Hours, reach: Reach, zone: string): readonly string[] {
  const { since } = reach;
  const all = hoursOf({});
  const bounds = [
    ...(from === all.from ? [] : [`from ${minuteOf(timeOf(from), zone)}`]),
    ...(to === all.to ? [] : [`to ${minuteOf(timeOf(to), zone)}`]),
  ];
  return [
    ...(bounds.length === 0 ? [] : [`Counted by whole hours: ${bounds.join(' ')}.`]),
    ...(bounds.length > 0 || since === undefined ? [] : [`Counted since ${minuteOf(since, zone)}.`]),
    ...behindText(reach, zone),
  ];
}

/** That the account does not reach to the present; no line where it does. */
export function behindText({ until, behind }: Reach, zone: string): readonly string[] {
  if (until === undefined) return [];
  return [
    `The account is still being made: it goes to ${minuteOf(until, zone)}, and ${behind} records are not counted yet. Ask again in a while.`,
  ];
}

/** The page of one subject. */
export function subjectText(account: SubjectAccount, zone: string, screen: Screen): readonly string[] {
  const { subject, tally, groups, methods, clients, actions, rules, owns } = account;
  const names = (list: readonly Seen[]) =>
    list.map(({ value }) => (value === '' ? 'others' : printable(value, longest))).join(', ');
  const made = madeText(tally);
  const facts: readonly (readonly [string, string])[] = [
    ['known by', methods.map(({ value }) => methodText[value] ?? printable(value)).join(', ')],
    ['groups', names(groups) || 'none'],
    ['clients', names(clients) || 'not told'],
    ['seen', seenText(tally, zone)],
    ['requests', `${tally.requests}: ${tally.requests - tally.denied} allowed, ${tally.denied} denied`],
    ['made', made || 'nothing'],
  ];
  return [
    painted(printable(subject, longest), 'bold', screen),
    ...facts.flatMap(([name, value]) => wrapped(`  ${name.padEnd(10)}`, value, screen)),
    ...section(
      'actions',
      actions.length === 0 ? [] : linesText('action', actions, zone, inner(screen)),
      screen,
    ),
    ...section('denials', rules.length === 0 ? [] : linesText('rule', rules, zone, inner(screen)), screen),
    ...section(
      'still there',
      owns.flatMap(({ kind, count, newest }) => thingsText(kind, count, newest, zone)),
      screen,
    ),
    ...section(`busiest hours (${zone})`, hoursText(account.hours, zone), screen),
  ];
}

const methodText: Readonly<Record<string, string>> = {
  tls: 'client certificate',
  token: 'token',
  none: 'nothing: whoever reaches the socket',
};

function seenText({ first, last }: SubjectAccount['tally'], zone: string): string {
  return first === undefined
    ? 'not in this time'
    : `first ${minuteOf(first, zone)}, last ${minuteOf(last, zone)}`;
}

function inner(screen: Screen): Screen {
  return screen.width === undefined ? screen : { ...screen, width: screen.width - 2 };
}

function section(title: string, lines: readonly string[], screen: Screen): readonly string[] {
  if (lines.length === 0) return [];
  return ['', painted(title, 'dim', screen), ...lines.map((line) => `  ${line}`)];
}

/** A value behind its name, on as many lines as it takes. */
function wrapped(
  name: string,
  value: string,
  { width = Number.POSITIVE_INFINITY }: Screen,
): readonly string[] {
  const lines: string[] = [];
  let line = name;
  for (const word of value.split(' ')) {
    if (line.length > name.length && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = ' '.repeat(name.length);
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function thingsText(kind: string, count: number, newest: readonly Owned[], zone: string): readonly string[] {
  const more = count - newest.length;
  return [
    `${count} ${count === 1 ? kind : `${kind}s`}`,
    ...newest.map(({ id, name, time }) => {
      const short = /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
      const names = name === undefined || name === id ? [short] : [name, short];
      return `  ${minuteOf(time, zone)}  ${names.map((one) => printable(one, longest)).join('  ')}`;
    }),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function hoursText(hours: SubjectAccount['hours'], zone: string): readonly string[] {
  const ofDay = new Map<string, number>();
  for (const { hour, requests } of hours) {
    const name = minuteOf(timeOf(hour), zone).slice(11, 13);
    ofDay.set(name, (ofDay.get(name) ?? 0) + requests);
  }
  const most = Math.max(...ofDay.values());
  const width = String(most).length;
  const top = [...hours].sort((a, b) => b.requests - a.requests).slice(0, busiest);
  return [
    ...[...ofDay].sort().map(([name, n]) => `${name}h  ${String(n).padStart(width)}  ${bar(n, most, 24)}`),
    ...top.map(
      ({ hour, requests }, at) =>
        `${at === 0 ? 'most:' : '     '} ${requests} from ${minuteOf(timeOf(hour), zone)} on`,
    ),
  ];
}
