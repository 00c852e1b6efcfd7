import type { Status } from '../admin/routes/status.ts';
import { printable } from '../model/printable.ts';
import { showTime } from './times.ts';

/** The most characters of one line. */
const longest = 2000;

/**
 * The status for people, on one screen; nothing in it steers the terminal.
 *
 * @param deniedToday by the ledger; undefined where that cannot be read
 */
export function statusText(status: Status, deniedToday: number | undefined, zone: string): string {
  const { version, started, policySet, shadow, ledger, decisions, problems, warnings } = status;
  const time = (text: string) => showTime(Date.parse(text), zone);
  const rows: readonly (readonly [string, string])[] = [
    ['running', `since ${time(started)}, version ${version}`],
    ['asked', asked(status, time)],
    ['daemon', status.facts],
    [
      'facts',
      status.facts === 'off' ? 'off: no second gate' : 'on: what starts is judged as the daemon has it',
    ],
    ['policies', setText(policySet, time)],
    ...(shadow ? [['shadow', `${setText(shadow, time)}; it is tried, and denies nothing`] as const] : []),
    ['ledger', ledgerText(ledger)],
    ['requests', `${decisions.allowed} allowed, ${decisions.denied} denied since the start`],
    [
      'today',
      deniedToday === undefined ? 'not known: the ledger cannot be read here' : `${deniedToday} denied`,
    ],
  ];
  return [
    ...rows.map(([name, value]) => `${name.padEnd(8)}  ${printable(value, longest)}`),
    ...remarks('problems', problems),
    ...remarks('warnings', warnings),
    '',
  ].join('\n');
}

function setText(set: Status['policySet'], time: (text: string) => string): string {
  const documents = `${set.documents} document${set.documents === 1 ? '' : 's'}`;
  return `${documents} (${set.digest.slice(0, 12)}) since ${time(set.since)}${reloadText(set, time)}`;
}

function reloadText({ broken, brokenSince }: Status['policySet'], time: (text: string) => string): string {
  if (!broken || brokenSince === undefined) return '';
  return `; WHAT IS ON THE DISK SINCE ${time(brokenSince)} IS BROKEN and not in force`;
}

function asked({ daemon: { state, since } }: Status, time: (text: string) => string): string {
  const when = since === undefined ? '' : `, since ${time(since)}`;
  return {
    asks: `yes${when}`,
    silent: `NO: the daemon answers without asking${when}`,
    unreachable: `not known: the daemon does not answer as it should${when}`,
    waiting: `not known yet: the daemon has not answered${when}`,
    off: 'not known: nobody looks with `--docker-host off`',
  }[state];
}

function ledgerText({ writable, queued, lag }: Status['ledger']): string {
  const waiting = `${queued} waiting, lag ${Math.round(lag)} ms`;
  return writable ? `writable; ${waiting}` : `NOT WRITABLE: what cannot be recorded is denied; ${waiting}`;
}

function remarks(title: string, list: Status['problems']): readonly string[] {
  if (list.length === 0) return [];
  const lines = list.flatMap(({ code, detail, fix }) => [
    `  ${printable(`${code}: ${detail}`, longest)}`,
    `    fix: ${printable(fix, longest)}`,
  ]);
  return ['', title, ...lines];
}
