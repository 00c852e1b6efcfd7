/**
 * Characters that change how a terminal, a log or a page shows what stands around them: control
 * characters, line and paragraph separators, bidirectional and zero-width marks, tags, lone surrogates.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** Whether a text shows as it is: nothing in it steers what shows it, or cannot be seen. */
export function isPrintable(text: string): boolean {
  return text.search(unprintable) < 0;
}

function escapeOne(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Text from a client as it may stand in a log, a message or on a terminal: whatever does not print is
 * written as an escape, and what is longer than `max` characters is cut with an ellipsis.
 */
export function printable(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(/\\(?=u)/g, '\\\\').replace(unprintable, escapeOne);
}

/** A client's word in backticks, printable; its own backticks become quotes. */
export function quote(text: string, max = 120): string {
  return `\`${printable(text, max).replaceAll('`', "'")}\``;
}
