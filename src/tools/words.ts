/**
 * Splits a command line at blanks as a shell does, without expansions: single quotes keep all, double
 * quotes all but backslash escapes of `"`, `\`, `$` and a backtick, a backslash outside keeps one character.
 * Undefined where a quote has no end.
 */
export function splitWords(line: string): string[] | undefined {
  const piece = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(\s+)|(.)/gsy;
  const words: string[] = [];
  let word: string | undefined;
  for (const [, single, double, escaped, plain, blank] of line.matchAll(piece)) {
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? '') + part;
    else if (blank === undefined) return undefined;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
