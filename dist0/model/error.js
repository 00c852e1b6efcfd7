import { codes } from './codes.js';
/**
 * A refusal: the one error that Bulwark throws on purpose on a request's trip. It always ends in a
 * denial. `detail` says what is wrong with this request; the code's own fix is used where none is given.
 */
export class Refusal extends Error {
    name = 'Refusal';
    code;
    fix;
    /** The action that was refused, once the request has been read as far as that. */
    action = 'unknown';
    constructor(code, detail, fix = codes[code].fix) {
        super(detail);
        this.code = code;
        this.fix = fix;
    }
    /** The refusal as it stands in a decision. */
    toViolation() {
        return { rule: this.code, message: this.message, fix: this.fix };
    }
}
