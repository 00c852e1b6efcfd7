import { isPrintable } from '../model/printable.ts';

const longest = 200;

/** The most groups of a caller: whoever has more is refused, and none left out. */
export const mostGroups = 100;

/** Bulwark's own words, however they are written: full-width letters and the long s look the same to people. */
const reserved = /^system:/iu;

/**
 * Why a certificate or a token cannot name somebody so, for a sentence (`the name is empty`); undefined where it can.
 * Such a name is refused and not made fit: two callers must not become one.
 */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > longest) return `has more than ${longest} characters`;
  if (!isPrintable(name)) return 'has characters that do not print';
  if (name.trim() !== name) return 'begins or ends with white space';
  if (reserved.test(name.normalize('NFKC'))) return "begins with `system:`, as Bulwark's own words do";
  return undefined;
}
