import type { DatabaseSync } from 'node:sqlite';
import type { Present } from '../entry.ts';
import type { LedgerRecord } from '../record.ts';
import { dims, Fold, type Owner, type Sight, type UsageRow } from './fold.ts';
import { hourOf, levels, periodOf } from './periods.ts';
import { logOf } from './tables.ts';
import { compare, counted } from './tally.ts';

/** Records that are read at once: about a millisecond. */
const chunk = 50;

/** Records that are counted while a batch waits: some milliseconds, every ten seconds at most. */
const mostAtOnce = 500;

/** Distinct values that are kept of what a subject was seen with; the rest counts as one, `other client`. */
export const mostSeen: Readonly<Record<Sight['what'], number>> = { client: 20, group: 100, method: 3 };

const day = 86_400_000;

/**
 * The account of a ledger, as its writer keeps it: records are folded into the tables behind the back of whoever waits for
 * one. All methods but `gather` are to be called inside a transaction.
 */
export class Account {
  readonly #db: DatabaseSync;
  readonly #log: ReturnType<typeof logOf>;
  readonly #statements: ReturnType<typeof prepare>;
  /** What is gathered and not in the tables yet, from the record behind `#from` up to `#to`. */
  #fold = new Fold();
  #from = 0;
  #to = 0;
  #begins: number | undefined;
  /** The hour in which was looked last for what is forgotten one by one. */
  #looked = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#log = logOf(db);
    this.#statements = prepare(db);
    this.#restart();
  }

  /** How many rows are gathered and not in the tables yet. */
  get gathered(): number {
    return this.#fold.size;
  }

  /** How many records are not gathered yet. */
  get behind(): number {
    return Number(this.#statements.last.get()?.['seq'] ?? 0) - this.#to;
  }

  /** Folds a few more records, without writing anything; true: there are more. */
  gather(): boolean {
    const rows = this.#statements.next.all(this.#to, chunk);
    for (const row of rows) {
      // Written by `chain` from a record.
      const record: LedgerRecord = JSON.parse(String(row['json']));
      this.#fold.add(record, this.#log);
      this.#begins ??= Date.parse(record.time);
      this.#to = record.seq;
    }
    return rows.length === chunk;
  }

  /** Writes what was gathered; how far is in the same transaction, so that nothing is counted twice or never. */
  write(): void {
    const isOurs = this.#through() === this.#from;
    if (isOurs && this.#to > this.#from) {
      this.#add([...this.#fold.usage].sort(byPlace));
      for (const sight of this.#fold.sights) this.#see(sight);
      for (const owner of this.#fold.owners) this.#own(owner);
      this.#statements.move.run(this.#to, this.#begins ?? null);
    }
    // Another process has counted meanwhile: what it did not is gathered anew.
    this.#restart(isOurs ? this.#to : undefined);
  }

  /** Takes note of what the daemon has: what was made before it was asked and is not there is gone. */
  present({ of, things, asked }: Present): void {
    if (this.behind <= mostAtOnce) this.#catchUp();
    const list = JSON.stringify(things);
    this.#statements.rename.run(list, of);
    this.#statements.gone.run({ at: asked, of, list });
  }

  /** What was made just before the daemon was asked has to be in the tables, or nobody notices that it is gone by now. */
  #catchUp(): void {
    while (this.gather());
    this.write();
  }

  /** Removes, a portion at a time, what is older than `age`; usage by whole months. True: there may be more. */
  forget(age: number, now: number): boolean {
    const month = periodOf.month(Math.max(0, hourOf(now - age)));
    if (this.#looked !== hourOf(now)) {
      this.#looked = hourOf(now);
      this.#statements.forgetExecs.run(now - day);
      this.#statements.forgetGone.run(now - age);
      this.#statements.forgetSeen.run(month);
    }
    for (const level of levels) {
      for (const dim of dims) {
        const period = this.#statements.oldest.get(dim, level)?.['period'];
        if (period === null || Number(period) >= month) continue;
        this.#statements.forgetUsage.run(dim, level, Number(period));
        return true;
      }
    }
    return false;
  }

  /** Begins behind the record with this `seq`; absent: where the tables end. */
  #restart(from?: number): void {
    const begins = this.#db.prepare('SELECT begins FROM account').get()?.['begins'];
    this.#fold = new Fold();
    this.#from = from ?? this.#through();
    this.#to = this.#from;
    this.#begins = begins === null ? undefined : Number(begins);
  }

  #through(): number {
    return Number(this.#statements.through.get()?.['through']);
  }

  #add(rows: readonly UsageRow[]): void {
    for (const level of levels) {
      for (const { dim, hour, key, sub, tally } of rows) {
        const { first = null, last = null, newest = null } = tally;
        const numbers = counted.map((name) => tally[name]);
        this.#statements.add.run(
          dim,
          level,
          periodOf[level](hour),
          key,
          sub,
          ...numbers,
          first,
          last,
          newest,
        );
      }
    }
  }

  #see({ subject, what, value, first, last }: Sight): void {
    const day = periodOf.day(hourOf(last));
    const known = this.#statements.sees.get(subject, what, value);
    if (known !== undefined && Number(known['first']) <= first && Number(known['last']) >= day) return;
    const seen = known === undefined ? Number(this.#statements.sights.get(subject, what)?.['n']) : 0;
    const [kind, name] = seen < mostSeen[what] ? [what, value] : [`other ${what}`, ''];
    this.#statements.see.run(subject, kind, name, first, day);
  }

  #own({ kind, id, name, subject, groups, decision, time }: Owner): void {
    this.#statements.own.run(kind, id, name ?? null, subject, JSON.stringify(groups), decision, time);
  }
}

/** As the table has them, so that each of its pages is written once. */
function byPlace(a: UsageRow, b: UsageRow): number {
  return compare(a.dim, b.dim) || a.hour - b.hour || compare(a.key, b.key) || compare(a.sub, b.sub);
}

function prepare(db: DatabaseSync) {
  const marks = (count: number) => Array.from({ length: count }, () => '?').join(', ');
  return {
    through: db.prepare('SELECT through FROM account'),
    last: db.prepare('SELECT max(seq) AS seq FROM records'),
    next: db.prepare('SELECT json FROM records WHERE seq > ? ORDER BY seq LIMIT ?'),
    move: db.prepare('UPDATE account SET through = ?, begins = ?'),
    add: db.prepare(
      `INSERT INTO usage VALUES (${marks(counted.length + 8)}) ON CONFLICT DO UPDATE SET
       ${counted.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')},
       first = min(ifnull(first, excluded.first), ifnull(excluded.first, first)),
       last = max(ifnull(last, excluded.last), ifnull(excluded.last, last)),
       newest = max(ifnull(newest, excluded.newest), ifnull(excluded.newest, newest))`,
    ),
    sees: db.prepare('SELECT first, last FROM seen WHERE subject = ? AND what = ? AND value = ?'),
    sights: db.prepare('SELECT count(*) AS n FROM seen WHERE subject = ? AND what = ?'),
    see: db.prepare(
      `INSERT INTO seen VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET first = min(first, excluded.first), last = max(last, excluded.last)`,
    ),
    own: db.prepare('INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?, ?, ?, ?, NULL)'),
    rename: db.prepare(
      `UPDATE owners SET name = t.value ->> 'name' FROM json_each(?) t
       WHERE owners.kind = ? AND owners.id = t.value ->> 'id' AND name IS NOT t.value ->> 'name' AND t.value ->> 'name' IS NOT NULL`,
    ),
    gone: db.prepare(
      `UPDATE owners SET gone = :at WHERE kind = :of AND gone IS NULL AND time < :at
       AND id NOT IN (SELECT value ->> 'id' FROM json_each(:list))`,
    ),
    oldest: db.prepare('SELECT min(period) AS period FROM usage WHERE dim = ? AND level = ?'),
    forgetUsage: db.prepare('DELETE FROM usage WHERE dim = ? AND level = ? AND period = ?'),
    forgetSeen: db.prepare('DELETE FROM seen WHERE last < ?'),
    forgetGone: db.prepare('DELETE FROM owners WHERE gone < ?'),
    forgetExecs: db.prepare("DELETE FROM owners WHERE kind = 'exec' AND time < ?"),
  };
}
