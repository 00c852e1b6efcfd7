import { describe, expect, it } from 'vitest';
import { screenOf, TextTable, widthOf } from './textTable.ts';

const columns = [{ title: 'ID' }, { title: 'SUBJECT', least: 7 }, { title: 'RULES', least: 10 }];
const rows = [
  [{ text: '01ABCDEFGH' }, { text: 'alice' }, { text: 'baseline/privileged, house/memory.max' }],
  [{ text: '01ABCDEFGK' }, { text: 'a-subject-with-a-long-name' }, { text: 'x/y' }],
];

function shown(width?: number, color = false): readonly string[] {
  return new TextTable(columns, { color, ...(width !== undefined && { width }) }).lines(rows);
}

describe('TextTable', () => {
  it('cuts nothing where there is no terminal', () => {
    expect(shown()).toEqual([
      'ID          SUBJECT                     RULES',
      '01ABCDEFGH  alice                       baseline/privileged, house/memory.max',
      '01ABCDEFGK  a-subject-with-a-long-name  x/y',
    ]);
  });

  it('cuts the widest cells to the width of a terminal, and never an id', () => {
    expect(shown(60)).toEqual([
      'ID          SUBJECT                  RULES',
      '01ABCDEFGH  alice                    baseline/privileged, h…',
      '01ABCDEFGK  a-subject-with-a-long-…  x/y',
    ]);
  });

  it('gives a row several lines where a terminal is too narrow', () => {
    expect(shown(30)).toEqual([
      '01ABCDEFGH  alice',
      '  baseline/privileged, house/…',
      '01ABCDEFGK',
      '  a-subject-with-a-long-name',
      '  x/y',
    ]);
  });

  // 200 down to 1 columns: only an id may be wider.
  it.each(Array.from({ length: 20 }, (_, at) => 200 - at * 10 - 9))('fits into %i columns', (width) => {
    for (const line of shown(width)) {
      expect(widthOf(line) <= width || /^ *01ABCDEFG.$/.test(line) || width < 10).toBe(true);
      if (line.includes('01A')) expect(line).toMatch(/01ABCDEFG[HK]/);
    }
  });

  it('paints where that is wanted, and pads by what is seen', () => {
    const table = new TextTable([{ title: 'A' }, { title: 'B' }], { color: true, width: 80 });
    expect(table.lines([[{ text: 'deny', paint: 'red' }, { text: 'x' }]])).toEqual([
      '\u001b[2mA\u001b[0m     \u001b[2mB\u001b[0m',
      '\u001b[31mdeny\u001b[0m  x',
    ]);
  });

  it('shows titles once when it grows, and wider columns from then on', () => {
    const table = new TextTable([{ title: 'A' }, { title: 'B' }], { color: false });
    expect(table.lines([[{ text: 'a' }, { text: 'b' }]])).toEqual(['A  B', 'a  b']);
    expect(table.lines([[{ text: 'aaa' }, { text: 'b' }]])).toEqual(['aaa  b']);
    expect(table.lines([[{ text: 'a' }, { text: 'b' }]])).toEqual(['a    b']);
  });
});

describe('screenOf()', () => {
  it.each([
    [{}, {}, { color: false }],
    [{ isTTY: true, columns: 100 }, { TERM: 'xterm' }, { width: 100, color: true }],
    // A terminal that does not know its width.
    [{ isTTY: true, columns: 0 }, {}, { width: 80, color: true }],
    [{ isTTY: true, columns: 100 }, { NO_COLOR: '1' }, { width: 100, color: false }],
    [{ isTTY: true, columns: 100 }, { NO_COLOR: '' }, { width: 100, color: true }],
    [{ isTTY: true, columns: 100 }, { TERM: 'dumb' }, { width: 100, color: false }],
  ])('%j with %j is %j', (stream, env, screen) => {
    expect(screenOf(stream, env)).toEqual(screen);
  });
});

describe('widthOf()', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['🙂', 2],
  ])('%s takes %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});
