/** A line of the result. */
export interface Row {
  readonly what: string;
  readonly floor?: string;
  readonly bulwark: string;
  readonly ratio?: string;
  readonly bound: string;
  readonly held: boolean;
}

/** Rows under a title, as a table that fits 100 columns. */
export function table(title: string, rows: readonly Row[]): string {
  const head = {
    what: title,
    floor: 'floor',
    bulwark: 'bulwark',
    ratio: 'ratio',
    bound: 'bound',
    held: true,
  };
  const lines = [head, ...rows].map(({ what, floor = '', bulwark, ratio = '', bound, held }) =>
    [
      what.padEnd(50),
      ...[floor, bulwark, ratio, bound].map((cell) => cell.padStart(11)),
      held ? '' : '  MISSED',
    ].join(''),
  );
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
