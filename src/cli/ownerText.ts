import type { KeptOwner, Makers, OwnerFound } from '../ledger/account/owners.ts';
import type { OwnerJson } from '../ledger/account/showOwners.ts';
import { printable } from '../model/printable.ts';
import { type Cell, painted, type Screen, TextTable } from './textTable.ts';
import { showTime } from './times.ts';

/** Longer than every id, name or reference in earnest. */
const longest = 400;

const shown = (text: string) => printable(text, longest);

/** Owners as a table that fits the screen; `all`: there are things among them that are gone. */
export function ownersText(owners: readonly KeptOwner[], all: boolean, zone: string, screen: Screen): string {
  const table = new TextTable(
    [
      { title: 'MADE' },
      { title: 'KIND' },
      { title: 'NAME', least: 12 },
      { title: 'ID', least: 12 },
      { title: 'BY', least: 10 },
      { title: 'DECISION' },
      ...(all ? [{ title: 'GONE' }] : []),
    ],
    screen,
  );
  const rows = owners.map(({ kind, id, name, subject, decision, time, gone }): readonly Cell[] => [
    { text: showTime(time, zone) },
    { text: shown(kind) },
    { text: shown(name ?? (kind === 'volume' ? id : '')), paint: 'bold' },
    { text: name === id || kind === 'volume' ? '' : shown(shortId(id)) },
    { text: shown(subject) },
    { text: shown(decision) },
    ...(all ? [{ text: gone === undefined ? '' : showTime(gone, zone) }] : []),
  ]);
  return text(table.lines(rows));
}

/** All about the owner of one thing. */
export function ownerText(
  { owner, makers }: Extract<OwnerFound, { is: 'one' }>,
  zone: string,
  screen: Screen,
): string {
  const { kind, id, name, subject, groups, decision, time } = owner;
  const title = name === undefined || name === id ? shown(id) : `${shown(name)} (${shown(id)})`;
  const facts: readonly (readonly [string, string])[] = [
    ['made by', `${shown(subject)}${groupsText(groups)}`],
    ['on', showTime(time, zone)],
    ['decision', `${shown(decision)}: \`bulwark explain ${shown(decision)}\``],
    ['now', nowText(owner, zone)],
  ];
  return text([
    painted(`${kind} ${title}`, 'bold', screen),
    ...facts.map(([name, value]) => `  ${name.padEnd(8)}  ${value}`),
    ...(makers === undefined ? [] : makersText(makers, zone, screen)),
  ]);
}

function makersText({ items, more }: Makers, zone: string, screen: Screen): readonly string[] {
  const table = new TextTable(
    [
      { title: 'TIME' },
      { title: 'BY', least: 10 },
      { title: 'GROUPS', least: 10 },
      { title: 'ACTION' },
      { title: 'DECISION' },
    ],
    screen.width === undefined ? screen : { ...screen, width: screen.width - 2 },
  );
  const rows = items.map(({ subject, groups, action, decision, time }): readonly Cell[] => [
    { text: showTime(time, zone) },
    { text: shown(subject), paint: 'bold' },
    { text: shown(groups.join(', ')) },
    { text: shown(action) },
    { text: shown(decision) },
  ]);
  return [
    '',
    painted('everybody who pulled, built or made it otherwise, newest first', 'dim', screen),
    ...table.lines(rows).map((line) => `  ${line}`),
    ...(more ? ['  and more: raise --limit'] : []),
  ];
}

/** Who made the thing that a decision is about, on one line. */
export function madeByText(owner: OwnerJson, decision: string, zone: string): string {
  const { kind, id, name, subject, time, gone } = owner;
  const thing = `${kind} ${shown(name ?? shortId(id))}`;
  const since = gone === null ? '' : `; gone by ${showTime(Date.parse(gone), zone)}`;
  if (owner.decision === decision) return `${thing}, made by this request${since}`;
  return `${thing}, made by ${shown(subject)} on ${showTime(Date.parse(time), zone)} (decision ${shown(owner.decision)})${since}`;
}

function nowText({ kind, gone }: KeptOwner, zone: string): string {
  if (kind === 'exec') return 'not known: nobody looks whether an exec is still there';
  if (gone === undefined) return 'there, as of the last look';
  return `gone, as was seen on ${showTime(gone, zone)}`;
}

function groupsText(groups: readonly string[]): string {
  return groups.length === 0 ? '' : `, in ${groups.map(shown).join(', ')}`;
}

/** As docker shows it. */
function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
