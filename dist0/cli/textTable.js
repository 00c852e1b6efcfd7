const gap = 2;
const codes = { red: '31', green: '32', bold: '1', dim: '2' };
/** A stream as a screen: its width, and colors unless `NO_COLOR` (https://no-color.org) or a dumb terminal forbid. */
export function screenOf(stream, env) {
    if (!stream.isTTY)
        return { color: false };
    return { width: stream.columns || 80, color: !env['NO_COLOR'] && env['TERM'] !== 'dumb' };
}
export function painted(text, paint, { color }) {
    return color && paint !== undefined ? `\u001b[${codes[paint]}m${text}\u001b[0m` : text;
}
/**
 * A table that grows: `lines` gives those of more rows, the first time with the titles. Where not all fits into
 * the screen the widest cells are cut; where that would leave too little, each row takes several lines.
 */
export class TextTable {
    #columns;
    #screen;
    #widths;
    #titled = false;
    constructor(columns, screen) {
        this.#columns = columns;
        this.#screen = screen;
        this.#widths = columns.map(({ title }) => widthOf(title));
    }
    lines(rows) {
        for (const row of rows) {
            row.forEach(({ text }, at) => {
                this.#widths[at] = Math.max(this.#widths[at] ?? 0, widthOf(text));
            });
        }
        const widths = fitted(this.#columns, this.#widths, this.#screen.width);
        if (widths === undefined)
            return rows.flatMap((row) => this.#flowing(row));
        const titles = this.#columns.map(({ title }) => ({ text: title, paint: 'dim' }));
        const all = this.#titled ? rows : [titles, ...rows];
        this.#titled = true;
        return all.map((row) => this.#line(row, widths));
    }
    #line(row, widths) {
        const cells = row.map(({ text, paint }, at) => {
            const shown = cut(text, widths[at] ?? 0);
            const rest = at === row.length - 1 ? 0 : (widths[at] ?? 0) - widthOf(shown);
            return `${painted(shown, paint, this.#screen)}${' '.repeat(Math.max(0, rest))}`;
        });
        return cells.join(' '.repeat(gap)).trimEnd();
    }
    /** Cells one behind the other, those that do not fit on a line of their own. */
    #flowing(row) {
        const width = this.#screen.width ?? Number.POSITIVE_INFINITY;
        const lines = [];
        let used = width;
        row.forEach(({ text, paint }, at) => {
            if (text === '')
                return;
            const indent = lines.length === 0 ? 0 : 2;
            const shown = this.#columns[at]?.least === undefined ? text : cut(text, width - 2);
            const size = widthOf(shown);
            if (used + gap + size > width) {
                const start = lines.length === 0 ? 0 : 2;
                lines.push(`${' '.repeat(start)}${painted(shown, paint, this.#screen)}`);
                used = indent + size;
            }
            else {
                lines.push(`${lines.pop() ?? ''}${' '.repeat(gap)}${painted(shown, paint, this.#screen)}`);
                used += gap + size;
            }
        });
        return lines;
    }
}
/** The columns' widths on a screen; undefined where they do not fit even if cut. */
function fitted(columns, natural, width) {
    if (width === undefined)
        return natural;
    const widths = [...natural];
    const least = columns.map(({ least }, at) => Math.min(least ?? Number.POSITIVE_INFINITY, natural[at] ?? 0));
    let excess = sum(widths) + gap * (widths.length - 1) - width;
    if (excess > sum(widths) - sum(least))
        return undefined;
    while (excess > 0) {
        const room = widths.map((size, at) => (size > (least[at] ?? 0) ? size : -1));
        const at = room.indexOf(Math.max(...room));
        widths[at] = (widths[at] ?? 0) - 1;
        excess -= 1;
    }
    return widths;
}
function sum(values) {
    return values.reduce((total, value) => total + value, 0);
}
function cut(text, width) {
    if (widthOf(text) <= width)
        return text;
    let shown = '';
    let used = 1;
    for (const char of text) {
        used += widthOf(char);
        if (used > width)
            break;
        shown += char;
    }
    return `${shown}…`;
}
/** East Asian wide characters and pictures take two columns of a terminal, marks that combine none. */
const wide = /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
/** The columns that a printable text takes on a terminal. */
export function widthOf(text) {
    if (/^[ -~]*$/.test(text))
        return text.length;
    let width = 0;
    for (const char of text)
        width += wide.test(char) ? 2 : /\p{M}/u.test(char) ? 0 : 1;
    return width;
}
