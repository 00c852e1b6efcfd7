import { Composer, Parser } from 'yaml';
import { keyRange, placeOf } from './places.js';
import { suggest } from './suggest.js';
import { outlawed, syntaxError } from './syntax.js';
import { FileText } from './text.js';
import { readTree } from './tree.js';
import { validate } from './validate.js';
import { word } from './word.js';
const version = 'bulwark/v1';
/** More errors than that of one file are cut: they have one cause, which is not in the last of them. */
const maxErrors = 100;
/**
 * Reads a file's YAML documents, 1.2 core schema, and holds each against the schema of its kind. A pure function
 * of the text, never throws. Empty documents are left out. `file` is the name for errors, already printable.
 */
export function parseDocuments(text, file, format) {
    const lines = new FileText(text);
    const located = (mistakes) => inOrder(mistakes).map(({ range, ...rest }) => ({ ...rest, file, at: lines.span(range) }));
    const tokens = [...new Parser().parse(text)];
    const forbidden = outlawed(text, tokens);
    if (forbidden.length > 0)
        return { documents: [], errors: located(forbidden) };
    const results = compose(tokens).map((composed) => readDocument(composed, text, format));
    return {
        documents: results.flatMap((read) => ('tree' in read ? [parsedDocument(read, file, lines)] : [])),
        errors: located(results.flatMap((read) => ('mistakes' in read ? read.mistakes : []))),
    };
}
function compose(tokens) {
    // Duplicate keys are found by readTree in linear time; the library would compare each key with each.
    const options = { uniqueKeys: false, stringKeys: true, merge: false, prettyErrors: false };
    return [...new Composer({ ...options, version: '1.2', logLevel: 'silent' }).compose(tokens)];
}
function readDocument(document, text, format) {
    const broken = syntaxError(document, text);
    if (broken !== undefined)
        return { mistakes: [broken] };
    const { contents } = document;
    if (contents === null || contents.range[0] === contents.range[1])
        return { empty: true };
    const mistakes = [];
    const tree = readTree(contents, (range, message, hint) => {
        mistakes.push({ code: 'file-syntax', range, message, ...(hint !== undefined && { hint }) });
    });
    const result = readKind(tree, format);
    if ('mistakes' in result)
        return { mistakes: [...mistakes, ...result.mistakes] };
    return mistakes.length === 0 ? { tree, ...result } : { mistakes };
}
function readKind(tree, { kinds, refusedKinds, reserved }) {
    const apiVersion = wordAt(tree, 'apiVersion');
    if (apiVersion !== undefined && apiVersion !== version) {
        // Another format's document, such as Kubernetes': the rest would all be wrong for this one reason.
        const message = `"apiVersion" must be ${word(version)}, not ${word(apiVersion)}`;
        return stop(tree, 'apiVersion', { code: 'file-invalid', message });
    }
    const names = [...kinds.keys()];
    // Without a kind the first one's schema says that it is missing; a mistyped kind is said by that of the near one.
    const kind = wordAt(tree, 'kind') ?? names[0] ?? '';
    const refused = refusedKinds?.get(kind);
    if (refused !== undefined)
        return stop(tree, 'kind', refused);
    const schema = kinds.get(kind) ?? kinds.get(suggest(kind, names) ?? '');
    if (schema === undefined) {
        const hint = `known here: ${names.join(', ')}`;
        return stop(tree, 'kind', { code: 'file-invalid', message: `unknown kind ${word(kind)}`, hint });
    }
    const checked = validate(tree, schema, (path) => reserved?.(kind, path));
    return 'value' in checked ? { kind, value: checked.value } : checked;
}
/** One mistake, at the value of a key at the document's top, that makes looking any further useless. */
function stop({ place }, key, said) {
    return { mistakes: [{ ...said, range: placeOf(place, [key])?.value ?? place.value }] };
}
/** A word at the document's top, if it is there and is one. */
function wordAt({ value }, key) {
    if (typeof value !== 'object' || value === null)
        return undefined;
    const found = Object.getOwnPropertyDescriptor(value, key)?.value;
    return typeof found === 'string' ? found : undefined;
}
/** By place; of those at one place the first that was found, since the others follow from it. */
function inOrder(mistakes) {
    const byStart = new Map();
    for (const mistake of mistakes) {
        if (!byStart.has(mistake.range[0]))
            byStart.set(mistake.range[0], mistake);
    }
    return [...byStart.values()].sort((a, b) => a.range[0] - b.range[0]).slice(0, maxErrors);
}
function parsedDocument({ tree, kind, value }, file, lines) {
    return {
        kind,
        value,
        file,
        keyAt: (path) => lines.span(keyRange(tree.place, path)),
        valueAt: (path) => lines.span(placeOf(tree.place, path)?.value ?? keyRange(tree.place, path)),
    };
}
