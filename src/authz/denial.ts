import type { Decision, Violation } from '../model/decision.ts';
import { printable } from '../model/printable.ts';

/** The most bytes of UTF-8 that a denial's text has: more than a screen, which no client has been seen to cut. */
export const denialLimit = 4096;

/**
 * The text of a denial as the docker CLI prints it behind `authorization denied by plugin NAME: `. A line a
 * violation, then the decision's id and who was taken to ask. Where all of it is longer than `denialLimit`,
 * whole violations are left out from the end and counted; the first and the last line always stay.
 */
export function denialText(decision: Decision): string {
  const last = `decision ${decision.id}, asked by ${callerText(decision)}`;
  const lines = decision.violations.map(violationLine);
  const room = denialLimit - size(last);
  const all = fitting(lines, room);
  if (all.length === lines.length) return [...all, last].join('\n');
  const widest = size(moreLine(lines.length)) + 1;
  const some = fitting(lines, room - widest);
  const shown = some.length > 0 ? some : [cut(lines[0] ?? '', room - widest - 1)];
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [moreLine(more)] : []), last].join('\n');
}

/** Groups of a caller that are shown. */
const groupsShown = 10;

/** Who a caller was taken for; whoever has no name reads how to get one. */
function callerText({ subject: { name, groups, method }, action, refusedName }: Decision): string {
  if (refusedName) return `${printable(name)} (who shows a certificate or a token that is refused)`;
  // Of what could not be read, or went wrong, nobody may have looked who asks.
  if (method === 'none') return `${printable(name)}${action === 'unknown' ? '' : howToBeNamed}`;
  const own = groups.filter((group) => group !== 'system:authenticated').map((group) => printable(group, 60));
  const more = own.length > groupsShown ? ', …' : '';
  const inGroups = own.length === 0 ? '' : `, in ${own.slice(0, groupsShown).join(', ')}${more}`;
  return `${printable(name)}${inGroups} (known by ${method})`;
}

const howToBeNamed =
  ' (no certificate, no token: for a name ask your administrator for one, `bulwark token issue --subject NAME`)';

/** A violation on one line: rule, message, fix and where it stands. */
export function violationLine({ rule, message, fix, source }: Violation): string {
  const where = source === undefined ? '' : ` (${source.file}:${source.line})`;
  return oneLine(`${rule}: ${sentence(message)} Fix: ${fix}${where}`);
}

function moreLine(count: number): string {
  return count === 1 ? '1 more rule is broken.' : `${count} more rules are broken.`;
}

/** Authors of policies leave out the full stop; what follows must still stand apart. */
function sentence(text: string): string {
  return /[.!?]\s*$/.test(text) ? text : `${text}.`;
}

/** Policy authors write over several lines; a violation is one. Nothing may steer the user's terminal either. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+ */gu, ' ').trim();
}

/** The first lines that go into so many bytes, each with its line break. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  let used = 0;
  const end = lines.findIndex((line) => {
    used += size(line) + 1;
    return used > room;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

/** The start of a line that goes into so many bytes with an ellipsis, ending between two characters. */
function cut(line: string, room: number): string {
  const { read } = new TextEncoder().encodeInto(line, new Uint8Array(room - size('…')));
  return `${line.slice(0, read)}…`;
}

function size(text: string): number {
  return Buffer.byteLength(text);
}
