import { accessSync, constants } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../model/error.ts';
import { quote } from '../model/printable.ts';
import { parseImage } from '../normalize/image.ts';
import { imageMatches } from '../policy/imagePattern.ts';
import { AccountReader } from './account/reader.ts';
import { type OwnerJson, ownerJson } from './account/showOwners.ts';
import { hasAccount } from './account/tables.ts';
import type { PolicyFile } from './entry.ts';
import { failureOf, LedgerError } from './failure.ts';
import { conditionsOf, type Expand, type Filter, nameInJson } from './filter.ts';
import type { DecisionRecord, Draft, LedgerRecord } from './record.ts';
import { checkFile, reasonOf } from './schema.ts';
import { type Portion, type StoredOptions, stored } from './stored.ts';

/** A decision as it was recorded. */
export type Listed = DecisionRecord & {
  /** The code of the denial that the caller was answered in place of this allow, as a later record says. */
  readonly corrected?: string;
  /** Whose the thing is that it is about, where that is known. */
  readonly owner?: OwnerJson;
};

/** A page of records, newest first. */
export interface Page {
  readonly items: readonly Listed[];
  /** Where the next page begins; absent: this is the last. */
  readonly next?: string;
}

/** A decision and what came of it. */
export interface Found {
  /** Of one that was counted within the last minute, what its record will say. */
  readonly decision: Draft<DecisionRecord>;
  /** Records that name it: `settled`, `corrected`, in their order. */
  readonly later: readonly LedgerRecord[];
  /** The policies that it was held against; absent where they were not asked. */
  readonly policies?: readonly PolicyFile[];
  /** As in a list. */
  readonly owner?: OwnerJson;
}

/** What decisions are counted by. */
export type GroupKey = 'subject' | 'rule' | 'action' | 'image';

/** Decisions with something in common. */
export interface Group {
  /** Absent: those without one, such as an image. A decision that broke several rules counts with each. */
  readonly key: string | undefined;
  /** Requests: what a record counts together counts in full. */
  readonly count: number;
  /** How many of these were denied. */
  readonly denied: number;
  /** Times of the first and the last, in milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

/** Reads the ledger beside whoever writes it, and never writes. */
export class LedgerReader {
  readonly #db: DatabaseSync;

  /** @throws Refusal `ledger-unreadable`, or what else keeps the file from being read */
  constructor(path: string) {
    mustBeThere(path);
    try {
      this.#db = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
      // Its own, for what it reads twice: it cannot write anything else.
      this.#db.exec('PRAGMA temp_store = MEMORY');
      if (checkFile(this.#db)) throw new LedgerError('ledger-unreadable', 'nothing is in it yet');
    } catch (error) {
      const { code, detail } = failureOf(error, path);
      if (code !== 'ledger-unwritable' && code !== 'ledger-read-only') throw new Refusal(code, detail);
      throw new Refusal(
        'ledger-unreadable',
        `the system does not let you read the ledger at ${quote(path)}.`,
      );
    }
    this.#db.function('image_matches', { deterministic: true }, (pattern, image) =>
      Number(imageMatches(String(pattern), parseImage(String(image)))),
    );
  }

  /**
   * Decisions that a filter lets through, `limit` at a time, newest first; `cursor` is the `next` of the page before.
   *
   * @throws Refusal `ledger-cursor`
   */
  query(filter: Filter, limit: number, cursor?: string): Page {
    const { from, where, values, by } = conditionsOf(filter, 'time', this.#expand);
    const place = cursor === undefined ? undefined : placeOf(cursor);
    const rows = this.#db
      .prepare(
        `SELECT r.time, r.seq, r.json, ${reasonOf('r')} AS reason FROM ${from} WHERE ${[...where, ...(place ? [`(${by}.time, ${by}.seq) < (?, ?)`] : [])].join(' AND ')}
         ORDER BY ${by}.time DESC, ${by}.seq DESC LIMIT ?`,
      )
      .all(...values, ...(place ?? []), limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: this.#owned(rows.slice(0, limit).map(listed)),
      ...(last && { next: `${last['time']}-${last['seq']}` }),
    };
  }

  /** The decisions behind the record with this `seq`, oldest first: for whoever follows. */
  after(seq: number, filter: Filter, limit: number): readonly Listed[] {
    const { from, where, values } = conditionsOf(filter, 'seq', this.#expand);
    const rows = this.#db
      .prepare(
        `SELECT r.json, ${reasonOf('r')} AS reason FROM ${from}
         WHERE ${where.join(' AND ')} AND r.seq > ? ORDER BY r.seq LIMIT ?`,
      )
      .all(...values, seq, limit);
    return this.#owned(rows.map(listed));
  }

  /** How many decisions there are of each kind, the most frequent first, `limit` of them. */
  groups(filter: Filter, by: GroupKey, limit: number): readonly Group[] {
    const { from, where, values } = conditionsOf(filter, 'time', this.#expand);
    const each = by === 'rule' ? ", json_each(r.json, '$.violations') e" : '';
    const key = by === 'rule' ? nameInJson : `r.${by}`;
    return this.#db
      .prepare(
        `SELECT key, sum(n) AS n, sum(iif(decision = 'deny', n, 0)) AS denied, min(time) AS first, max(time) AS last
         FROM (SELECT DISTINCT r.seq, r.time, r.decision, ${key} AS key, r.count AS n
               FROM ${from}${each} WHERE ${where.join(' AND ')})
         GROUP BY key ORDER BY n DESC, key LIMIT ?`,
      )
      .all(...values, limit)
      .map((row) => ({
        key: row['key'] === null ? undefined : String(row['key']),
        count: Number(row['n']),
        denied: Number(row['denied']),
        first: Number(row['first']),
        last: Number(row['last']),
      }));
  }

  /** Ids of decisions that begin so, `limit` of them. */
  idsWith(start: string, limit: number): readonly string[] {
    return this.#db
      .prepare(
        `SELECT id FROM records WHERE id BETWEEN ?1 AND ?2 AND type = 'decision'
         UNION SELECT id FROM counts WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3`,
      )
      .all(start, `${start}~`, limit)
      .map(({ id }) => String(id));
  }

  /** The `seq` of the last record; 0 where there is none. */
  last(): number {
    return Number(this.#db.prepare('SELECT max(seq) AS seq FROM records').get()?.['seq'] ?? 0);
  }

  /** The decision with this id, if there is one. */
  get(id: string): Found | undefined {
    const row = this.#db.prepare("SELECT json FROM records WHERE id = ? AND type = 'decision'").get(id);
    const decision = row === undefined ? this.#counted(id) : decisionIn(row);
    if (decision === undefined) return undefined;
    const later = this.#db
      .prepare('SELECT json FROM records WHERE of = ? ORDER BY seq')
      .all(id)
      .map(recordIn);
    const policies = decision.policySet === undefined ? undefined : this.policies(decision.policySet);
    const [{ owner } = {}] = this.#owned([decision]);
    return { decision, later, ...(policies && { policies }), ...(owner && { owner }) };
  }

  /** One that is counted in a minute that is not over. */
  #counted(id: string): Draft<DecisionRecord> | undefined {
    const row = this.#db.prepare('SELECT count, draft FROM counts WHERE id = ?').get(id);
    // Written by `Counts` from a draft.
    return row && { ...JSON.parse(String(row['draft'])), count: Number(row['count']) };
  }

  /** The files of the policy set with this digest. */
  policies(digest: string): readonly PolicyFile[] | undefined {
    const row = this.#db.prepare('SELECT files FROM policy_sets WHERE digest = ?').get(digest);
    // Written by the store from this type.
    return row === undefined ? undefined : JSON.parse(String(row['files']));
  }

  /** The files of the policy set that was stored last before a time, in milliseconds since 1970, if any was. */
  policiesBefore(time: number): readonly PolicyFile[] | undefined {
    const row = this.#db
      .prepare('SELECT files FROM policy_sets WHERE time <= ? ORDER BY time DESC LIMIT 1')
      .get(time);
    // As above.
    return row === undefined ? undefined : JSON.parse(String(row['files']));
  }

  /** When the oldest record was made that is still there, in milliseconds since 1970; undefined: there is none. */
  begins(): number | undefined {
    const row = this.#db.prepare('SELECT time FROM records ORDER BY seq LIMIT 1').get();
    return row && Number(row['time']);
  }

  /** When the newest record was made, in milliseconds since 1970; undefined: there is none. */
  ends(): number | undefined {
    const row = this.#db.prepare('SELECT time FROM records ORDER BY seq DESC LIMIT 1').get();
    return row && Number(row['time']);
  }

  /**
   * How many requests were denied since a time, those too that are counted in a minute that is not over. It reads each
   * denial's row since then, some 2 s a million, however long the ledger is.
   */
  deniedSince(time: number): number {
    const row = this.#db
      .prepare(
        `SELECT (SELECT coalesce(sum(count), 0) FROM records WHERE type = 'decision' AND decision = 'deny' AND time >= ?1)
              + (SELECT coalesce(sum(count), 0) FROM counts WHERE draft ->> 'decision' = 'deny' AND minute >= ?1 / 60000) AS denied`,
      )
      .get(time);
    return Number(row?.['denied']);
  }

  /**
   * Which of these exceptions decisions have needed since a time. It goes back through all decisions until each name
   * was found, one row at a time: where one was never needed it reads every record since: some
   * 3 s a million while the file is in memory, or what the disk takes, 1.2 GB a million.
   */
  exceptionsUsed(names: ReadonlySet<string>, since: number): ReadonlySet<string> {
    const missing = new Set(names);
    if (missing.size === 0) return new Set();
    const counted = this.#db.prepare(
      "SELECT draft -> 'exceptions' AS used FROM counts WHERE draft ->> 'exceptions' IS NOT NULL",
    );
    const recorded = this.#db.prepare(
      `SELECT json -> 'exceptions' AS used FROM records
       WHERE type = 'decision' AND time >= ? AND instr(json, '"exceptions":[') > 0 ORDER BY time DESC`,
    );
    for (const rows of [counted.iterate(), recorded.iterate(since)]) {
      for (const { used } of rows) {
        // Written by the ledger; null where the words stand elsewhere in the record.
        for (const name of (JSON.parse(String(used)) ?? []) as readonly string[]) missing.delete(name);
        if (missing.size === 0) return names;
      }
    }
    return new Set([...names].filter((name) => !missing.has(name)));
  }

  /**
   * Reads the account as it is at one moment.
   *
   * @throws Refusal `account-absent`, and what `read` throws
   */
  account<T>(read: (account: AccountReader) => T): T {
    if (!hasAccount(this.#db)) throw new Refusal('account-absent', 'this ledger has no account.');
    this.#db.exec('BEGIN');
    try {
      return read(new AccountReader(this.#db));
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  /**
   * Records of every type, as they are stored, in their order: a portion at a time.
   *
   * @throws Refusal `ledger-cursor`, once it is read
   */
  stored(options: StoredOptions): Iterable<Portion> {
    return stored(this.#db, options);
  }

  /** Decisions with the owners of what they are about, as far as those are known. */
  #owned<T extends Draft<DecisionRecord>>(decisions: readonly T[]): readonly (T & Pick<Listed, 'owner'>)[] {
    if (decisions.length === 0 || !hasAccount(this.#db)) return decisions;
    return this.account((account) => {
      const owners = account.owners();
      return decisions.map((decision) => {
        const owner = owners.of(decision);
        return owner === undefined ? decision : { ...decision, owner: ownerJson(owner) };
      });
    });
  }

  close(): void {
    this.#db.close();
  }

  /** Steps from each value of an indexed column to the next, however many records have it. */
  readonly #expand: Expand = ({ column, range: [low, high], test, value }) => {
    const next = (after: string) =>
      `SELECT min(r.${column}) FROM records r WHERE r.type = 'decision' AND r.${column} ${after} AND r.${column} <= ?`;
    const found = this.#db
      .prepare(
        `WITH RECURSIVE steps (value, n) AS (
           SELECT (${next('>= ?')}), 1
           UNION ALL SELECT (${next('> steps.value')}), n + 1 FROM steps WHERE value IS NOT NULL AND n <= ${mostSteps})
         SELECT ${column}, n FROM (SELECT value AS ${column}, n FROM steps) r WHERE ${column} IS NOT NULL AND (${test} OR n > ${mostSteps})`,
      )
      .all(low, high, high, value);
    if (found.some(({ n }) => Number(n) > mostSteps)) return undefined;
    return found.map((row) => String(row[column]));
  };
}

/** SQLite has one word for a file that is missing and for one that may not be opened. */
function mustBeThere(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const what = missing ? 'there is no ledger at' : 'the system does not let you read the ledger at';
    throw new Refusal('ledger-unreadable', `${what} ${quote(path, 4096)}.`);
  }
}

/** Values that a pattern is held against one by one; of more, records are. */
const mostSteps = 500;

type Row = Readonly<Record<string, unknown>>;

/** Written by `chain` from a record. */
function recordIn({ json }: Row): LedgerRecord {
  return JSON.parse(String(json));
}

/** As above; the query asked for decisions alone. */
function decisionIn({ json }: Row): DecisionRecord {
  return JSON.parse(String(json));
}

function listed(row: Row): Listed {
  const { reason } = row;
  return typeof reason === 'string' ? { ...decisionIn(row), corrected: reason } : decisionIn(row);
}

function placeOf(cursor: string): readonly [number, number] {
  const [, time, seq] = /^(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
  if (time === undefined) throw new Refusal('ledger-cursor', `${quote(cursor)} is no place in the ledger.`);
  return [Number(time), Number(seq)];
}
