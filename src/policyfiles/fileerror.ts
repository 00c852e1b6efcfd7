import type { Code } from '../model/codes.ts';
import { printable } from '../model/printable.ts';
import type { Span } from './text.ts';

/** What is wrong with a file, or worth a warning. Files have many of them at a time, so they are values and not thrown. */
export interface FileError {
  readonly code: Code;
  /** As shown to people: relative to the working directory if below it; printable. */
  readonly file: string;
  /** Where in the file; absent where the file or folder as a whole is meant. */
  readonly at?: Span;
  /** What is wrong; printable. */
  readonly message: string;
  /** The way out where one is known, such as `did you mean "allowAdd"?`; printable. */
  readonly hint?: string;
}

/** Where it is, as `FILE:LINE:COLUMN`. */
export function placeOf({ file, at }: FileError): string {
  return at === undefined ? file : `${file}:${at.line}:${at.column}`;
}

/**
 * The error as a person reads it, one to three lines without an end of line:
 *
 *     policies/team.yaml:14:7: error: unknown key "requireDorp"
 *        14 |       requireDorp: [ALL]
 *           |       ^^^^^^^^^^^ did you mean "requireDrop"?
 */
export function formatFileError(error: FileError, severity: 'error' | 'warning' = 'error'): string {
  const { at, message, hint } = error;
  if (at === undefined)
    return `${placeOf(error)}: ${severity}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
  const { before, marked, after } = cutAround(at);
  const carets = '^'.repeat(Math.max(1, width(marked)));
  return [
    `${placeOf(error)}: ${severity}: ${message}`,
    `${String(at.line).padStart(5)} | ${before}${marked}${after}`,
    `      | ${' '.repeat(width(before))}${carets}${hint === undefined ? '' : ` ${hint}`}`,
  ].join('\n');
}

/** Lines up to twice this many characters are shown whole; of longer ones as many on either side of what is marked. */
const around = 60;

function cutAround({ lineText, column, endColumn }: Span) {
  // A line may have a megabyte: of that only the part that is shown is taken apart.
  const isLong = lineText.length > 2 * around;
  const first = isLong ? Math.max(0, column - 1 - around) : 0;
  const characters = charactersOf(lineText, first, isLong ? column + 2 * around : lineText.length);
  const reach = isLong ? around : characters.length;
  const from = column - 1 - first;
  const to = Math.min(endColumn - 1 - first, from + reach);
  const show = (part: readonly string[]) => printable(part.join('').replaceAll('\t', '    '), Infinity);
  return {
    before: (first > 0 ? '…' : '') + show(characters.slice(0, from)),
    marked: show(characters.slice(from, to)),
    after: show(characters.slice(to, to + reach)) + (characters.length > to + reach ? '…' : ''),
  };
}

/** The characters of a text from one to another, and one more where there is one. */
function charactersOf(text: string, from: number, to: number): readonly string[] {
  const characters: string[] = [];
  let count = 0;
  for (const character of text) {
    if (count >= from) characters.push(character);
    count += 1;
    if (count > to) break;
  }
  return characters;
}

/** East Asian scripts and emoji fill two cells of a terminal; what else does is rare enough to be a cell off. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const combining = /[\p{Mn}\p{Me}]/u;

/** How many cells of a terminal printable text fills. */
function width(text: string): number {
  let cells = 0;
  for (const character of text) cells += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return cells;
}
