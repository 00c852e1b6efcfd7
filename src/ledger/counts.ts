import type { DatabaseSync } from 'node:sqlite';
import type { DecisionRecord, Draft } from './record.ts';

type Decided = Draft<DecisionRecord>;

const minuteOf = (time: string) => Math.floor(Date.parse(time) / 60_000);

/** Of what repeats are counted together: subject, action, outcome and rules, whatever the resource. */
function keyOf({ subject, action, decision, violations = [] }: Decided): string {
  const rules = violations.map(({ rule }) => rule).sort();
  return JSON.stringify([subject.name, subject.method, action, decision, rules]);
}

/**
 * Counts repeats. The first `above` of a minute have records of their own; the others are a number in the ledger,
 * written in the same transaction as the records around them, until the minute is over and they become one record.
 */
export class Counts {
  readonly #above: number;
  readonly #add;
  readonly #over;
  readonly #remove;
  #minute = 0;
  #seen = new Map<string, number>();

  constructor(db: DatabaseSync, above: number) {
    this.#above = above;
    this.#add = db.prepare(
      'INSERT INTO counts (minute, key, count, draft) VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET count = count + 1',
    );
    this.#over = db.prepare('SELECT count, draft FROM counts WHERE minute < ? ORDER BY minute, key');
    this.#remove = db.prepare('DELETE FROM counts WHERE minute < ?');
  }

  /** Counts a decision; true if that is all that is to be written of it. */
  take(draft: Decided): boolean {
    const minute = minuteOf(draft.time);
    if (minute > this.#minute) {
      this.#minute = minute;
      this.#seen = new Map();
    }
    const key = keyOf(draft);
    const before = this.#seen.get(key) ?? 0;
    this.#seen.set(key, before + 1);
    if (before < this.#above) return false;
    this.#add.run(minute, key, JSON.stringify(draft));
    return true;
  }

  /** The counts of minutes that are over at `now`, as drafts without ids; they are counts no longer. */
  due(now: number): readonly Decided[] {
    const minute = Math.floor(now / 60_000);
    const rows = this.#over.all(minute);
    if (rows.length > 0) this.#remove.run(minute);
    return rows.map(({ count, draft }) => summary(JSON.parse(String(draft)), Number(count)));
  }
}

/** What all that were counted have in common. */
function summary(first: Decided, count: number): Decided {
  const { object: _, digest: __, unknown: ___, resource, durations: ____, ...common } = first;
  return { ...common, ...(resource && { resource: { kind: resource.kind } }), count };
}
