import { explain, listed, noMessage } from './explain.js';
import { knownKeys } from './knownkeys.js';
import { keyRange, nearestPlace, placeOf, samePath } from './places.js';
import { suggest } from './suggest.js';
import { didYouMean, word } from './word.js';
/** Holds a document against its schema: the schema's value, or every mistake at its place. */
export function validate({ value, place }, schema, reserved) {
    const result = schema.safeParse(value, { error: () => noMessage, reportInput: true });
    if (result.success)
        return { value: result.data };
    const unknown = result.error.issues.flatMap((issue) => issue.code === 'unrecognized_keys' ? unknownKeys(issue.path, issue.keys, place, schema, reserved) : []);
    const others = result.error.issues
        .filter((issue) => issue.code !== 'unrecognized_keys')
        // A mistyped key is one mistake: that the right one is missing then needs no second error.
        .filter((issue) => placeOf(place, issue.path) !== undefined || !unknown.some(({ means }) => samePath(means, issue.path)))
        .map((issue) => invalid(issue, place, schema));
    return { mistakes: [...unknown.map(({ mistake }) => mistake), ...others] };
}
function unknownKeys(parent, keys, root, schema, reserved) {
    const known = knownKeys(schema, parent);
    return keys.map((key) => {
        const path = [...parent, key];
        const range = keyRange(root, path);
        const reason = reserved(path);
        if (reason !== undefined)
            return { mistake: { code: 'not-yet-enforced', range, message: reason } };
        const mistake = { code: 'file-unknown-key', range, message: `unknown key ${word(key)}` };
        const near = suggest(key, known);
        if (near === undefined)
            return { mistake: { ...mistake, ...listed(known) } };
        return { mistake: { ...mistake, hint: didYouMean(near) }, means: [...parent, near] };
    });
}
function invalid(issue, root, schema) {
    const place = placeOf(root, issue.path);
    // What a schema's own check says of several keys together may name one that is not there.
    if (place === undefined && issue.code !== 'custom')
        return missing(issue, root);
    if (place === undefined)
        return { code: 'file-invalid', range: keyRange(root, issue.path), ...explain(issue, undefined, schema) };
    return { code: 'file-invalid', range: place.value, ...explain(issue, place.written, schema) };
}
/** The key is not there, so its parent's is marked. */
function missing(issue, root) {
    const parent = nearestPlace(root, issue.path);
    const first = [...parent.children.values()][0]?.key;
    const name = String(issue.path.at(-1) ?? '');
    return {
        code: 'file-invalid',
        range: parent.key ?? first ?? parent.value,
        message: `missing key ${word(name)}`,
    };
}
