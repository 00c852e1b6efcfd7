import { printable } from '../model/printable.js';
import { knownKeys } from './knownkeys.js';
import { suggest } from './suggest.js';
import { didYouMean, word } from './word.js';
/** What a schema says where it has no message of its own, so that the words below are used. */
export const noMessage = '\u0000';
/** The words for a value that its schema refuses; `written` is how a scalar stands in the file. */
export function explain(issue, written, schema) {
    if (issue.message !== noMessage)
        return { message: printable(issue.message, 300) };
    const subject = subjectOf(issue.path);
    switch (issue.code) {
        case 'invalid_type': {
            const message = `${subject} must be ${typeName(issue)}, not ${describe(issue.input)}`;
            const isMap = issue.expected === 'object';
            return {
                message,
                ...(isMap ? listed(knownKeys(schema, issue.path)) : correction(issue.expected, written)),
            };
        }
        case 'invalid_value': {
            const values = issue.values.map(String);
            const near = typeof issue.input === 'string' ? suggest(issue.input, values) : undefined;
            const message = `${subject} must be ${values.map(word).join(' or ')}, not ${describe(issue.input)}`;
            return near === undefined ? { message } : { message, hint: didYouMean(near) };
        }
        case 'too_small':
            return { message: `${subject} must ${amount(issue, issue.minimum, ['at least', 'more than'])}` };
        case 'too_big':
            return { message: `${subject} must ${amount(issue, issue.maximum, ['at most', 'less than'])}` };
        case 'invalid_key':
            return {
                message: issue.issues.find(({ message }) => message !== noMessage)?.message ??
                    `${subject} cannot be a key here`,
            };
        case 'invalid_union': {
            const forms = issue.errors.flatMap(([first]) => first?.code === 'invalid_type' ? [typeName(first)] : []);
            return {
                message: `${subject} must be ${[...new Set(forms)].join(' or ')}, not ${describe(issue.input)}`,
            };
        }
        default:
            return { message: `${subject} does not have the form that is wanted here` };
    }
}
/** A hint that names all keys, unless they are so many that the reference is the better place. */
export function listed(keys) {
    return keys.length > 0 && keys.length < 10 ? { hint: `known here: ${keys.join(', ')}` } : {};
}
function subjectOf(path) {
    const key = path.findLast((step) => typeof step === 'string');
    if (key === undefined)
        return 'a document';
    return typeof path.at(-1) === 'number' ? `an entry of ${word(key)}` : word(key);
}
const typeNames = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map of keys and values',
    record: 'a map of keys and values',
};
function typeName({ expected }) {
    return typeNames[expected] ?? expected;
}
function describe(input) {
    if (input === null || input === undefined)
        return 'empty';
    if (Array.isArray(input))
        return 'a list';
    if (typeof input === 'object')
        return 'a map';
    return typeof input === 'string' ? word(input) : String(input);
}
function amount({ origin, inclusive }, bound, [including, excluding]) {
    const limit = `${inclusive === false ? excluding : including} ${bound}`;
    const one = Number(bound) === 1;
    if (origin === 'array')
        return `have ${limit} ${one ? 'entry' : 'entries'}`;
    return origin === 'string' ? `have ${limit} ${one ? 'character' : 'characters'}` : `be ${limit}`;
}
/** What YAML's own traps suggest: a word for a list of one, a number or `true` for text, `yes` for true. */
function correction(expected, written) {
    if (written === undefined || written === '')
        return {};
    const text = printable(written, 60);
    if (expected === 'array')
        return { hint: `did you mean [${text}]?` };
    if (expected === 'string')
        return { hint: `did you mean "${text}", with quotes?` };
    if (expected === 'boolean' && /^(y|yes|on)$/i.test(written))
        return { hint: 'did you mean true?' };
    if (expected === 'boolean' && /^(n|no|off)$/i.test(written))
        return { hint: 'did you mean false?' };
    return {};
}
