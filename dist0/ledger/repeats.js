/**
 * Tells when a decision is one too many of its kind for a record of its own: above `limit` in a minute. A kind is
 * subject, action, outcome and rules, whatever the resource.
 */
export class Repeats {
    #limit;
    #minute = 0;
    #seen = new Map();
    constructor(limit) {
        this.#limit = limit;
    }
    /** Takes note of a decision; with what it is counted, if it is. */
    take(decision, now) {
        const minute = Math.floor(now / 60_000);
        if (minute !== this.#minute) {
            this.#minute = minute;
            this.#seen = new Map();
        }
        const kind = kindOf(decision);
        const seen = this.#seen.get(kind) ?? { count: 0 };
        this.#seen.set(kind, seen);
        if (++seen.count <= this.#limit)
            return undefined;
        seen.repeat ??= { id: decision.id, minute };
        return seen.repeat;
    }
}
/** Names of subjects may hold anything, so they are told apart from what follows. */
function kindOf({ subject, action, allow, violations }) {
    const who = `${subject.method} ${subject.name.length} ${subject.name}`;
    if (allow && violations.length === 0)
        return `${who} ${action}`;
    const rules = violations.map(({ rule }) => rule).sort();
    return `${who} ${action} ${allow} ${rules.join(' ')}`;
}
