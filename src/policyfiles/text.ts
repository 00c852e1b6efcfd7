/** A place in a file, on one line. Lines and columns count from 1, columns in characters (code points). */
export interface Span {
  readonly line: number;
  readonly column: number;
  /** The column after the last character; equal to `column` where something is missing. */
  readonly endColumn: number;
  /** The whole line as it stands in the file, without its end; raw, so print it through `printable`. */
  readonly lineText: string;
}

/** Offsets into the text, the end not included. */
export type Range = readonly [start: number, end: number];

/** A file's text that knows its lines. */
export class FileText {
  readonly text: string;
  readonly #lineStarts: readonly number[];
  /** Where the last character that is not white space ends: nothing after it is worth pointing at. */
  readonly #end: number;
  /** The last place of which the column was counted: on a line of a megabyte, the next is counted from there. */
  #counted = { lineStart: 0, offset: 0, characters: 0 };

  constructor(text: string) {
    this.text = text;
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
    this.#end = text.trimEnd().length;
  }

  /** The part of the range on its first line. A range after the last word stands right behind that word. */
  span([from, to]: Range): Span {
    const start = Math.max(0, Math.min(from, this.#end));
    const line = this.#lineOf(start);
    const lineStart = this.#lineStarts[line - 1] ?? 0;
    const lineText = this.text
      .slice(lineStart, this.#lineStarts[line] ?? this.text.length)
      .replace(/\r?\n$/, '');
    const end = Math.max(start, Math.min(to, lineStart + lineText.length));
    const column = this.#charactersBefore(start, lineStart) + 1;
    return { line, column, endColumn: column + countCharacters(this.text.slice(start, end)), lineText };
  }

  /** The line on which a range begins. */
  line([from]: Range): number {
    return this.#lineOf(Math.max(0, Math.min(from, this.#end)));
  }

  #charactersBefore(offset: number, lineStart: number): number {
    const known = this.#counted;
    const isAhead = known.lineStart === lineStart && known.offset <= offset;
    const from = isAhead ? known : { offset: lineStart, characters: 0 };
    const characters = from.characters + countCharacters(this.text.slice(from.offset, offset));
    this.#counted = { lineStart, offset, characters };
    return characters;
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
