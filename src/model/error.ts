import type { Code } from './codes.ts';
import { codes } from './codes.ts';
import type { Violation } from './decision.ts';

/**
 * A refusal: the one error that Bulwark throws on purpose on a request's trip. It always ends in a
 * denial. `detail` says what is wrong with this request; the code's own fix is used where none is given.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: Code;
  readonly fix: string;
  /** The action that was refused, once the request has been read as far as that. */
  action = 'unknown';

  constructor(code: Code, detail: string, fix: string = codes[code].fix) {
    super(detail);
    this.code = code;
    this.fix = fix;
  }

  /** The refusal as it stands in a decision. */
  toViolation(): Violation {
    return { rule: this.code, message: this.message, fix: this.fix };
  }
}
