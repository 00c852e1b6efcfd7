import { notYetEnforced, policySchema } from '../policy/schema.js';
import { word } from './word.js';
/** The documents of a policy set. */
export const policyFormat = {
    kinds: new Map([['Policy', policySchema]]),
    refusedKinds: new Map([
        ...notYetEnforced.kinds.map((kind) => refused(kind, 'not-yet-enforced', notYet(`kind ${word(kind)}`))),
        refused('PolicyTest', 'file-invalid', 'tests of policies belong in a file that ends in .test.yaml'),
        refused('Config', 'file-invalid', 'a Config document belongs outside the policy folders, for serve --config'),
    ]),
    reserved: (_, path) => {
        const key = String(path.at(-1));
        const ofSpec = path.length === 2 && path[0] === 'spec' && notYetEnforced.spec.includes(key);
        const ofControl = path.length === 4 && path[1] === 'controls' && notYetEnforced.control.includes(key);
        return ofSpec || ofControl ? notYet(word(key)) : undefined;
    },
};
function notYet(what) {
    return `this version does not enforce ${what} yet, so it refuses it instead of ignoring it`;
}
function refused(kind, code, message) {
    return [kind, { code, message }];
}
