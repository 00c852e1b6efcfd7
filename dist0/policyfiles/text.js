/** A file's text that knows its lines. */
export class FileText {
    text;
    #lineStarts;
    /** Where the last character that is not white space ends: nothing after it is worth pointing at. */
    #end;
    constructor(text) {
        this.text = text;
        this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
        this.#end = text.trimEnd().length;
    }
    /** The part of the range on its first line. A range after the last word stands right behind that word. */
    span([from, to]) {
        const start = Math.max(0, Math.min(from, this.#end));
        const line = this.#lineOf(start);
        const lineStart = this.#lineStarts[line - 1] ?? 0;
        const lineText = this.text
            .slice(lineStart, this.#lineStarts[line] ?? this.text.length)
            .replace(/\r?\n$/, '');
        const end = Math.max(start, Math.min(to, lineStart + lineText.length));
        const column = countCharacters(this.text.slice(lineStart, start)) + 1;
        return { line, column, endColumn: column + countCharacters(this.text.slice(start, end)), lineText };
    }
    #lineOf(offset) {
        let low = 0;
        let high = this.#lineStarts.length;
        while (high - low > 1) {
            const middle = (low + high) >> 1;
            if ((this.#lineStarts[middle] ?? 0) <= offset)
                low = middle;
            else
                high = middle;
        }
        return low + 1;
    }
}
function countCharacters(text) {
    let count = 0;
    for (const _ of text)
        count++;
    return count;
}
