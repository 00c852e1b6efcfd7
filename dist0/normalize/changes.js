import { Refusal } from '../model/error.js';
import { quote } from '../model/printable.js';
/** Instructions that the daemon takes here and that act inside the container alone, or in later builds. */
const harmless = new Set(['CMD', 'ENTRYPOINT', 'EXPOSE', 'HEALTHCHECK', 'ONBUILD', 'STOPSIGNAL', 'WORKDIR']);
const known = new Set([...harmless, 'USER', 'ENV', 'LABEL', 'VOLUME']);
/**
 * Reads the lines as the daemon's Dockerfile parser does (S, 20.10 to 29.7), as far as they can be read in
 * one way. It joins the values with newlines and takes the whole for a Dockerfile, so a continued line
 * swallows the next value, a comment may be a directive that changes the escape character, a here-document
 * hides what follows, and variables stand for values of the container's environment, which nobody sees
 * here. All these are refused; people write plain instructions.
 *
 * @throws Refusal `changes-unreadable`
 */
export function parseChanges(values) {
    let user;
    const env = [];
    const labels = new Map();
    const volumes = [];
    for (const line of values.join('\n').split('\n')) {
        const text = line.trim();
        if (text === '')
            continue;
        const [instruction, rest] = splitInstruction(text);
        switch (instruction) {
            case 'USER':
                user = plain(rest, text);
                break;
            case 'ENV':
                env.push(...pairs(rest, text).map(([name]) => plain(name, text)));
                break;
            case 'LABEL':
                for (const [name, value] of pairs(rest, text))
                    labels.set(unquote(name, text), unquote(value, text));
                break;
            case 'VOLUME':
                volumes.push(...paths(rest));
                break;
            default:
                if (!harmless.has(instruction))
                    refuse(text, 'is not an instruction that an image can be changed with');
                if (rest.includes('<<'))
                    refuse(text, 'may be a here-document');
        }
    }
    return { ...(user !== undefined && { user }), env, labels, volumes };
}
function splitInstruction(text) {
    if (text.startsWith('#'))
        refuse(text, 'is a comment, which can change how the rest is read');
    if (text.endsWith('\\'))
        refuse(text, 'goes on in the next line');
    // Blanks and controls that Go and JavaScript do not take alike.
    if (/[^\P{Cc}\t]|[^\P{Z} ]|\ufeff/u.test(text))
        refuse(text, 'has characters that do not belong there');
    const end = text.search(/[\t ]/);
    const rest = end < 0 ? '' : text.slice(end).trim();
    const instruction = (end < 0 ? text : text.slice(0, end)).toUpperCase();
    if (rest.startsWith('--') && instruction !== 'HEALTHCHECK')
        refuse(text, 'begins with a flag');
    return [instruction, rest];
}
/** A value that stands for itself: no quotes, escapes, variables. */
function plain(value, line) {
    if (value === '' || /["'$\\]/.test(value))
        refuse(line, 'has quotes, variables or escapes, or no value');
    return value;
}
/** `name=value ...`, or the old `name the whole value`; quotes are kept. */
function pairs(rest, line) {
    const list = words(rest);
    if (list[0]?.includes('=') === false) {
        const [name, value] = cut(rest.replace(/[\t ]+/, ' '), ' ');
        if (value === undefined)
            refuse(line, 'has a name without a value');
        return [[name, value]];
    }
    return list.map((word) => {
        const [name, value] = cut(word, '=');
        if (value === undefined)
            refuse(line, 'has a name without a value');
        return [name, value];
    });
}
function cut(text, at) {
    const index = text.indexOf(at);
    return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
/** Words between blanks; quotes hold blanks together and a backslash holds on to the next character. */
function words(text) {
    return text.match(/(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|\\.|[^\t "'\\])+/g) ?? [];
}
/** Takes the quotes and escapes off a word as the daemon's shell words do. */
function unquote(word, line) {
    if (/\$/.test(word))
        refuse(line, 'has a variable, whose value Bulwark does not know');
    return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) => double === undefined ? (single ?? escaped) : String(double).replace(/\\(["\\])/g, '$1'));
}
/** A JSON list, or words between blanks where it is none. */
function paths(rest) {
    try {
        const list = JSON.parse(rest);
        if (Array.isArray(list))
            return list.map(String);
    }
    catch {
        // Not JSON: words.
    }
    return rest.split(/[\t ]+/).filter((word) => word !== '');
}
/** The value may be a secret, as after ENV, so the instruction alone is named. */
function refuse(line, why) {
    const instruction = /^[a-z]+(?=\s|$)/i.exec(line)?.[0].toUpperCase() ?? '';
    const named = known.has(instruction) ? `${quote(`${instruction} ...`)} ` : '';
    throw new Refusal('changes-unreadable', `the change ${named}${why}.`);
}
