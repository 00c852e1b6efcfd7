/**
 * A line of CSV (RFC 4180, but for the line break, which is a plain one). A cell that a spreadsheet would take for a formula
 * gets an apostrophe in front: names are chosen by those who are counted.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(cell).join(',')}\n`;
}

function cell(value: string | number): string {
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
