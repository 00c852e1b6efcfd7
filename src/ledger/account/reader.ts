import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { DecisionRecord, Draft } from '../record.ts';
import { mostSeen } from './account.ts';
import { type Dim, Fold, type Owner, type Sight, type UsageRow } from './fold.ts';
import { Owners } from './owners.ts';
import { type Hours, hourOf, hoursOf, periodOf, periodsOf, type Run, runsOf, timeOf } from './periods.ts';
import { logOf } from './tables.ts';
import { compare, counted, nothing, sumOf, type Tally } from './tally.ts';

/** Records that are not in the tables yet, above which they are left out: so many are counted in a tenth of a second. */
const longestTail = 10_000;

/** How far the account goes. Times are in milliseconds since 1970. */
export interface Reach {
  /** The first record that is counted. Absent: none is. */
  readonly since?: number;
  /** Where the account ends while it is still being made. Absent: it is of this moment. */
  readonly until?: number;
  /** Records that are not counted yet. */
  readonly behind: number;
}

/** One line of an account. */
export interface Line {
  readonly key: string;
  readonly tally: Tally;
}

/** Something that a subject was seen with. */
export interface Seen {
  readonly value: string;
  /** In milliseconds since 1970; of the last time, when its day begins in UTC. */
  readonly first: number;
  readonly lastDay: number;
}

/** A thing that is still there. */
export type Owned = Pick<Owner, 'kind' | 'id' | 'name' | 'decision' | 'time'>;

/** All that the account knows of one subject. */
export interface SubjectAccount {
  readonly subject: string;
  readonly tally: Tally;
  readonly groups: readonly Seen[];
  readonly methods: readonly Seen[];
  /** Clients by their own word; the last without one stands for all that were too many. */
  readonly clients: readonly Seen[];
  /** By action, the most frequent first. */
  readonly actions: readonly Line[];
  /** Denials by rule, the most frequent first. */
  readonly rules: readonly Line[];
  /** What is still there of what it made, but execs: how many of each kind, and the newest of them, newest first. */
  readonly owns: readonly {
    readonly kind: string;
    readonly count: number;
    readonly newest: readonly Owned[];
  }[];
  /** The hours in which it asked, in their order, with the requests of each. */
  readonly hours: readonly { readonly hour: number; readonly requests: number }[];
}

type Row = Readonly<Record<string, unknown>>;

/** Reads the account inside a transaction of the caller's: the tables, and behind them the records that are not in them yet. */
export class AccountReader {
  readonly reach: Reach;
  readonly #db: DatabaseSync;
  readonly #tail = new Fold();
  /** From the first row of the tables to the last. */
  readonly #rows: Hours;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#rows = this.#bounds();
    const { through, begins, last } = this.#row(
      'SELECT through, begins, (SELECT max(seq) FROM records) AS last FROM account',
    );
    const behind = Number(last ?? 0) - Number(through);
    const since = begins ?? this.#row('SELECT time FROM records ORDER BY seq LIMIT 1')['time'];
    const known = since === null || since === undefined ? {} : { since: Number(since) };
    if (behind > longestTail) {
      const at = this.#row(
        'SELECT time FROM records WHERE seq <= ? ORDER BY seq DESC LIMIT 1',
        Number(through),
      );
      this.reach = { ...known, until: Number(at['time'] ?? 0), behind };
      return;
    }
    this.reach = { ...known, behind: 0 };
    this.#readTail(Number(through));
  }

  /** The lines of an account, those with the most requests first: `limit` of them, and whether there are more. */
  lines(dim: Dim, hours: Hours, limit: number): { readonly lines: readonly Line[]; readonly more: boolean } {
    const requests = new Map<string, number>();
    const add = (key: string, n: number) => requests.set(key, (requests.get(key) ?? 0) + n);
    for (const { level, from, to } of runsOf(hours)) {
      for (const { key, n } of this.#all(ofAll, dim, level, from, to)) add(String(key), Number(n));
    }
    for (const { key, tally } of this.#tailOf(dim, hours)) add(key, tally.requests);
    const sorted = [...requests].sort(([a, n], [b, m]) => m - n || compare(a, b)).slice(0, limit);
    const lines = sorted.flatMap(([key]) =>
      this.#linesOf(dim, key, hours).map(({ tally }) => ({ key, tally })),
    );
    return { lines, more: requests.size > limit };
  }

  /** All about one subject within some hours; `things` of each kind that it owns. Undefined: nothing was ever counted of it. */
  subject(subject: string, hours: Hours, things: number): SubjectAccount | undefined {
    const seen = this.#seen(subject);
    if (seen.size === 0) return undefined;
    const [total] = this.#linesOf('user', subject, hours);
    const within = (dim: Dim) =>
      [...this.#linesOf(dim, subject, hours)].sort(
        (a, b) => b.tally.requests - a.tally.requests || compare(a.key, b.key),
      );
    return {
      subject,
      tally: total?.tally ?? nothing,
      groups: seen.get('group') ?? [],
      methods: seen.get('method') ?? [],
      clients: [...(seen.get('client') ?? []), ...(seen.get('other client') ?? [])],
      actions: within('user-action'),
      rules: within('user-rule'),
      owns: this.#owns(subject, things),
      hours: this.#hours(subject, hours),
    };
  }

  /** Every subject that was counted. */
  subjects(): readonly string[] {
    const rows = this.#all(`SELECT DISTINCT key ${months}`);
    return [...rows.map(({ key }) => String(key)), ...this.#tailOf('user').map(({ key }) => key)];
  }

  /** Who made what: for the same transaction. */
  owners(): Owners {
    return new Owners(this.#db, this.#tail.owners);
  }

  #readTail(through: number): void {
    const log = logOf(this.#db);
    const records = this.#db.prepare('SELECT json FROM records WHERE seq > ? ORDER BY seq');
    // Written by `chain` from a record, and by `Counts` from a draft.
    for (const { json } of records.iterate(through)) this.#tail.add(JSON.parse(String(json)), log);
    for (const { draft, count } of this.#all('SELECT draft, count FROM counts')) {
      const pending: Draft<DecisionRecord> = JSON.parse(String(draft));
      this.#tail.addPending({ ...pending, count: Number(count) }, log);
    }
  }

  #tailOf(dim: Dim, { from, to }: Hours = hoursOf({})): readonly UsageRow[] {
    return Array.from(this.#tail.usage).filter((row) => row.dim === dim && row.hour >= from && row.hour < to);
  }

  /** What is counted of one key: a line for each `sub`, called by it. */
  #linesOf(dim: Dim, key: string, hours: Hours): readonly Line[] {
    const tallies = new Map<string, Tally>();
    const add = (sub: string, tally: Tally) => tallies.set(sub, sumOf(tallies.get(sub) ?? nothing, tally));
    for (const run of runsOf(this.#within(hours))) {
      for (const row of this.#all(ofKey, JSON.stringify(periodsOf(run)), dim, run.level, key)) {
        add(String(row['sub']), tallyIn(row));
      }
    }
    for (const row of this.#tailOf(dim, hours)) if (row.key === key) add(row.sub, row.tally);
    return Array.from(tallies, ([sub, tally]) => ({ key: sub, tally }));
  }

  #bounds(): Hours {
    const { first, last } = this.#row(firstAndLast);
    if (first === null || last === null) return { from: 0, to: 0 };
    return { from: Number(first), to: periodOf.month(Number(last) + 31 * 24) };
  }

  /** Of some hours those that there may be rows of. */
  #within({ from, to }: Hours): Hours {
    return { from: Math.max(from, this.#rows.from), to: Math.min(to, this.#rows.to) };
  }

  #hours(subject: string, hours: Hours) {
    const requests = new Map<number, number>();
    const within = this.#within(hours);
    const days: Run = { level: 'day', from: periodOf.day(within.from), to: within.to };
    const asked = this.#all(ofKey, JSON.stringify(periodsOf(days)), 'user', 'day', subject).flatMap(
      ({ period }) => periodsOf({ level: 'hour', from: Number(period), to: Number(period) + 24 }),
    );
    for (const { period, requests: n } of this.#all(ofKey, JSON.stringify(asked), 'user', 'hour', subject)) {
      if (Number(period) >= hours.from && Number(period) < hours.to) requests.set(Number(period), Number(n));
    }
    for (const { key, hour, tally } of this.#tailOf('user', hours)) {
      if (key === subject) requests.set(hour, (requests.get(hour) ?? 0) + tally.requests);
    }
    return Array.from(requests, ([hour, n]) => ({ hour, requests: n }))
      .filter((one) => one.requests > 0)
      .sort((a, b) => a.hour - b.hour);
  }

  #seen(subject: string): ReadonlyMap<string, readonly Seen[]> {
    const seen = new Map<string, Map<string, Seen>>();
    const add = (what: string, { value, first, lastDay }: Seen) => {
      const of = seen.get(what) ?? new Map<string, Seen>();
      const before = of.get(value);
      seen.set(what, of);
      of.set(value, {
        value,
        first: Math.min(first, before?.first ?? first),
        lastDay: Math.max(lastDay, before?.lastDay ?? lastDay),
      });
    };
    for (const row of this.#all('SELECT * FROM seen WHERE subject = ? ORDER BY first', subject)) {
      const lastDay = timeOf(Number(row['last']));
      add(String(row['what']), { value: String(row['value']), first: Number(row['first']), lastDay });
    }
    for (const sight of this.#tail.sights) {
      if (sight.subject !== subject) continue;
      const { what, value } = sight;
      const of = seen.get(what);
      const isKept = of === undefined || of.has(value) || of.size < mostSeen[what];
      if (isKept) add(what, seenOf(sight));
      else add(`other ${what}`, { ...seenOf(sight), value: '' });
    }
    return new Map(Array.from(seen, ([what, of]) => [what, [...of.values()].sort(byDay)]));
  }

  #owns(subject: string, limit: number): SubjectAccount['owns'] {
    const fresh = Array.from(this.#tail.owners).filter(({ kind }) => kind !== 'exec');
    const replaced = fresh.filter(({ kind, id }) => this.#isOwner(subject, kind, id));
    const mine = fresh.filter((owner) => owner.subject === subject);
    const kinds = this.#all(
      "SELECT kind, count(*) AS n FROM owners WHERE subject = ? AND gone IS NULL AND kind <> 'exec' GROUP BY kind",
      subject,
    );
    const counts = new Map(kinds.map(({ kind, n }) => [String(kind), Number(n)]));
    for (const { kind } of replaced) counts.set(kind, (counts.get(kind) ?? 0) - 1);
    for (const { kind } of mine) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return Array.from(counts, ([kind, count]) => {
      const old = this.#all(
        'SELECT * FROM owners WHERE subject = ? AND kind = ? AND gone IS NULL ORDER BY time DESC LIMIT ?',
        subject,
        kind,
        limit + replaced.length,
      ).map(ownedIn);
      const kept = old.filter(({ id }) => !replaced.some((owner) => owner.kind === kind && owner.id === id));
      const all = [...mine.filter((owner) => owner.kind === kind), ...kept];
      return { kind, count, newest: all.sort((a, b) => b.time - a.time).slice(0, limit) };
    }).filter(({ count }) => count > 0);
  }

  #isOwner(subject: string, kind: string, id: string): boolean {
    const owner = this.#row(
      'SELECT subject FROM owners WHERE kind = ? AND id = ? AND gone IS NULL',
      kind,
      id,
    );
    return owner['subject'] === subject;
  }

  #all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#db.prepare(sql).all(...values);
  }

  #row(sql: string, ...values: readonly SQLInputValue[]): Row {
    return this.#db.prepare(sql).get(...values) ?? {};
  }
}

const months = "FROM usage WHERE dim = 'user' AND level = 'month'";

/** Two questions, each of which is a seek. */
const firstAndLast = `SELECT (SELECT min(period) ${months}) AS first, (SELECT max(period) ${months}) AS last`;

/** The requests of every key in a run, whose periods follow each other. */
const ofAll =
  'SELECT key, sum(requests) AS n FROM usage WHERE dim = ? AND level = ? AND period >= ? AND period < ? GROUP BY key';

/** The rows of one key: a seek for each period, since between two of them are all other keys. */
const ofKey =
  'SELECT u.* FROM json_each(?) p CROSS JOIN usage u ON u.dim = ? AND u.level = ? AND u.period = p.value AND u.key = ?';

/** Those of the last day first, in the order in which they came. */
function byDay(a: Seen, b: Seen): number {
  return b.lastDay - a.lastDay || a.first - b.first || compare(a.value, b.value);
}

function tallyIn(row: Row): Tally {
  const numbers = Object.fromEntries(counted.map((name) => [name, Number(row[name])]));
  const optional = (value: unknown) => (value === null ? undefined : Number(value));
  return {
    ...nothing,
    ...numbers,
    first: optional(row['first']),
    last: optional(row['last']),
    newest: row['newest'] === null ? undefined : String(row['newest']),
  };
}

function ownedIn(row: Row): Owned {
  const { kind, id, name, decision, time } = row;
  return {
    kind: String(kind),
    id: String(id),
    name: name === null ? undefined : String(name),
    decision: String(decision),
    time: Number(time),
  };
}

function seenOf({ value, first, last }: Sight): Seen {
  return { value, first, lastDay: timeOf(periodOf.day(hourOf(last))) };
}
