import type { Decision } from '../model/decision.ts';

/** The decisions with which one is counted. */
export interface Repeat {
  /** The id of the first of them, under which all of them are found. */
  readonly id: string;
  /** Minutes since 1970. */
  readonly minute: number;
}

interface Seen {
  count: number;
  repeat?: Repeat;
}

/**
 * Tells when a decision is one too many of its kind for a record of its own: above `limit` in a minute. A kind is
 * subject, action, outcome and rules, whatever the resource.
 */
export class Repeats {
  readonly #limit: number;
  #minute = 0;
  #seen = new Map<string, Seen>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes note of a decision; with what it is counted, if it is. */
  take(decision: Decision, now: number): Repeat | undefined {
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#seen = new Map();
    }
    const kind = kindOf(decision);
    const seen = this.#seen.get(kind) ?? { count: 0 };
    this.#seen.set(kind, seen);
    if (++seen.count <= this.#limit) return undefined;
    seen.repeat ??= { id: decision.id, minute };
    return seen.repeat;
  }
}

/** Names of subjects may hold anything, so they are told apart from what follows. */
function kindOf({ subject, action, allow, violations, observed = [], exceptions = [] }: Decision): string {
  const who = `${subject.method} ${subject.name.length} ${subject.name}`;
  if (allow && observed.length + exceptions.length === 0) return `${who} ${action}`;
  const rules = [...violations, ...observed].map(({ rule, mode = '' }) => `${rule}${mode}`).sort();
  return `${who} ${action} ${allow} ${rules.join(' ')} ${exceptions.join(' ')}`;
}
