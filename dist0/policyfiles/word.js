import { printable } from '../model/printable.js';
/** A word of a policy file as error messages show it: in double quotes, printable, cut if long. */
export function word(text) {
    return `"${printable(text, 60)}"`;
}
/** The hint that offers another spelling. */
export function didYouMean(text) {
    return `did you mean ${word(text)}?`;
}
