import { printable } from '../model/printable.js';
import { suggest } from '../policyfiles/suggest.js';
import { configSource, notYet, notYetSettings, sources, specSchema, } from './settings.js';
const notYetVariables = Object.values(notYetSettings).flatMap(({ variable }) => variable ?? []);
/** Reads the variables `BULWARK_*`; an empty one counts as unset. */
export function readVariables(env) {
    const values = {};
    const errors = [];
    for (const [key, { variable, list }] of entries(sources)) {
        const text = env[variable];
        if (text === undefined || text === '')
            continue;
        const value = specSchema.shape[key].safeParse(list ? text.split(':') : text);
        if (value.success)
            values[key] = value.data;
        else
            errors.push({
                code: 'file-invalid',
                file: variable,
                message: value.error.issues[0]?.message ?? 'invalid',
            });
    }
    for (const variable of notYetVariables) {
        if (env[variable])
            errors.push({ code: 'not-yet-enforced', file: variable, message: notYet('this variable') });
    }
    // Each value has come out of its own key's schema.
    return { spec: values, errors, warnings: unknownVariables(env) };
}
function unknownVariables(env) {
    const known = [configSource, ...Object.values(sources)].map(({ variable }) => variable);
    return Object.keys(env)
        .filter((name) => name.startsWith('BULWARK_') && !known.includes(name) && !notYetVariables.includes(name))
        .map((name) => {
        const near = suggest(name, known);
        return `nothing reads the variable ${printable(name)}${near === undefined ? '' : `; did you mean ${near}?`}`;
    });
}
/** Object.entries() with the keys' own type: the tables above are whole and frozen by `as const`. */
function entries(table) {
    return Object.entries(table);
}
