import { expect, it } from 'vitest';
import { csvLine } from './csv.ts';

it.each<[string, readonly (string | number)[], string]>([
  ['plain cells', ['alice', 3, ''], 'alice,3,\n'],
  ['a comma, a quote, a line break', ['a,b', 'a"b', 'a\nb'], '"a,b","a""b","a\nb"\n'],
  // What a spreadsheet would compute.
  ['formulas', ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'], `'=1+1,'+1,'-1,'@SUM(A1),'\t=1,"'\r=1"\n`],
  ['a formula that would end its cell', ['=HYPERLINK("x","y")'], `"'=HYPERLINK(""x"",""y"")"\n`],
  ['signs that stand inside', ['a=b', 'a-b', 'me@here'], 'a=b,a-b,me@here\n'],
])('csvLine() writes %s', (_, cells, line) => {
  expect(csvLine(cells)).toBe(line);
});
