import { anonymous } from '../model/subject.js';
/**
 * Names the caller of a message. Until certificates and tokens are read (a later step) nothing is known
 * of anybody, and nobody is taken for more than that.
 */
export function identify(_message) {
    return anonymous;
}
