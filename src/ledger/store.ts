import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { monotonicFactory } from 'ulid';
import { Account } from './account/account.ts';
import { addAccount } from './account/tables.ts';
import { chain, noTip, type Tip } from './chain.ts';
import { Counts } from './counts.ts';
import type { Entry, Recent, Retention } from './entry.ts';
import { imageName } from './imageName.ts';
import type { CorrectedRecord, DecisionRecord, Draft } from './record.ts';
import { expire } from './retention.ts';
import { rulesOf } from './rules.ts';
import { checkFile, schema } from './schema.ts';

/** How long a write waits for another process to let go of the file, in milliseconds. */
const patience = 500;

/** Adds a record to the chain; false if its id is there already. */
type Add = (draft: Draft) => boolean;

type DecisionDraft = Draft<DecisionRecord>;

type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** The ledger's file, open for writing. Every method throws what SQLite throws, and a `LedgerError`. */
export class Store {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #file: string;
  readonly #counts: Counts;
  readonly #account: Account;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #newId = monotonicFactory();

  /** Opens the file at `path`, makes it where there is none. */
  constructor(path: string) {
    // Made by us, so that it is private from its first byte; SQLite gives its side files the same mode.
    closeSync(openSync(path, 'a', 0o600));
    this.#path = path;
    this.#file = identityOf(path);
    this.#db = new DatabaseSync(path, { timeout: patience });
    try {
      prepareFile(this.#db);
      this.#counts = new Counts(this.#db);
      this.#account = new Account(this.#db);
      this.#statements = prepare(this.#db);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Whether the path still leads to this file: records in one that was moved or removed would be lost. */
  get isCurrent(): boolean {
    return identityOf(this.#path) === this.#file;
  }

  /** Writes all entries, or none, in one transaction; durable when it returns. Closes the minutes that are over. */
  append(entries: readonly Entry[], now: number): void {
    this.#transaction(() => {
      let tip = this.#tip();
      const add: Add = (draft) => {
        const next = this.#insert(draft, tip);
        tip = next ?? tip;
        return next !== undefined;
      };
      for (const draft of this.#counts.due(now))
        add(this.#isKnown(draft.id) ? { ...draft, id: this.#newId(now) } : draft);
      for (const entry of entries) this.#write(entry, add, now);
    });
  }

  /** How many records are not in the account yet. */
  get uncounted(): number {
    return this.#account.behind;
  }

  /** Counts a few more records; what has gathered is written when it is all, or at least `rows` rows. True: there is more. */
  count(rows: number): boolean {
    const more = this.#account.gather();
    if (!more || this.#account.gathered >= rows) this.#softly(() => this.#account.write());
    return more;
  }

  /** Removes a portion of what is older, or more, than is to be kept, and says so; false if there was none. */
  expire(retention: Retention, host: string, now: number): boolean {
    let gone: ReturnType<typeof expire>;
    let forgot = false;
    this.#transaction(() => {
      forgot = this.#account.forget(retention.age, now);
      gone = expire(this.#db, retention, now);
      if (gone === undefined) return;
      const time = new Date(now).toISOString();
      this.#insert(
        { type: 'system', event: 'expired', ...gone, id: this.#newId(now), time, host },
        this.#tip(),
      );
    });
    return gone !== undefined || forgot;
  }

  /** The last decisions since a time whose response has not come; none from before a stop, which has answered all. */
  recent(since: number): readonly Recent[] {
    return this.#statements.recent.all(since).map(({ digest, id, time, decision, rules }) => ({
      digest: String(digest),
      id: String(id),
      time: Number(time),
      allow: decision === 'allow',
      // Written by json_group_array.
      rules: JSON.parse(String(rules)),
    }));
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      // SQLite has ended the transaction itself where the disk is full or broken.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** A transaction that is lost with the machine's power, and made again: nobody waits for the disk. */
  #softly(work: () => void): void {
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      this.#transaction(work);
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  close(): void {
    this.#db.close();
  }

  #write(entry: Entry, add: Add, now: number): void {
    switch (entry.kind) {
      case 'decision':
        this.#decide(entry, add, now);
        return;
      case 'repeats':
        this.#counts.add(entry.repeat, entry.count, entry.draft);
        return;
      case 'response':
        this.#settle(entry, add);
        return;
      case 'note':
        if (entry.draft.type === 'corrected') this.#correct(entry.draft, add);
        else add(entry.draft);
        return;
      case 'present':
        this.#account.present(entry);
        return;
      case 'policies':
        this.#statements.policySet.run(entry.digest, Date.parse(entry.time), JSON.stringify(entry.files));
    }
  }

  #decide({ draft }: EntryOf<'decision'>, add: Add, now: number): void {
    if (!add(draft)) {
      this.#decideAgain(draft, add, now);
      return;
    }
    const { digest } = draft;
    if (draft.decision !== 'allow' || draft.operation === 'READ' || digest === undefined) return;
    this.#statements.claim.run(draft.id, digest, Date.parse(draft.time));
  }

  /**
   * A decision comes again where a writer ended before it could say that its batch was durable: who waited for an allow
   * has been told a denial then.
   */
  #decideAgain({ decision, id, time, host, violations }: DecisionDraft, add: Add, now: number): void {
    if (decision === 'allow' || this.#statements.known.get(id)?.['decision'] !== 'allow') return;
    const reason = violations?.at(-1)?.rule ?? 'ledger-gone';
    this.#correct({ type: 'corrected', of: id, reason, id: this.#newId(now), time, host }, add);
  }

  /** An allow that was answered with a denial: it is found among those, and gets no response. */
  #correct(draft: Draft<CorrectedRecord>, add: Add): void {
    this.#statements.unclaim.run(draft.of);
    const corrected = this.#statements.correct.get(draft.of);
    if (corrected !== undefined) {
      const { time, seq } = corrected;
      this.#statements.violation.run(draft.reason, Number(time), Number(seq));
    }
    add(draft);
  }

  /** Of equal requests under way any may be taken; the newest, since older ones may have lost their response. */
  #settle({ digest, draft }: EntryOf<'response'>, add: Add): void {
    const claim = this.#statements.claimed.get(digest);
    if (claim === undefined) return;
    const of = String(claim['id']);
    // One that comes again has settled another one before.
    if (add({ ...draft, of })) this.#statements.unclaim.run(of);
  }

  /** Of a count that came later than its minute's record. */
  #isKnown(id: string): boolean {
    return this.#statements.known.get(id) !== undefined;
  }

  #tip(): Tip {
    const last = this.#statements.tip.get();
    return last === undefined ? noTip : { seq: Number(last['seq']), hash: String(last['hash']) };
  }

  #insert(draft: Draft, before: Tip): Tip | undefined {
    const { json, tip } = chain(draft, before);
    const time = Date.parse(draft.time);
    const decided = draft.type === 'decision' ? columnsOf(draft) : noColumns;
    const of = 'of' in draft ? draft.of : null;
    const row = [tip.seq, draft.id, time, draft.type, ...decided, of, json];
    if (this.#statements.insert.run(...row).changes === 0) return undefined;
    if (draft.type === 'decision') {
      for (const rule of rulesOf(draft)) this.#statements.violation.run(rule, time, tip.seq);
    }
    return tip;
  }
}

const noColumns = [null, null, null, null, null, null] as const;

/** What a decision is searched by. */
function columnsOf({ decision, count = 1, subject, action, resource, object }: DecisionDraft) {
  return [decision, count, subject.name, action, resource?.ref ?? null, imageOf(object) ?? null] as const;
}

/** The image that a request is about: the container's, or the first that it pulls, tags, builds ... */
function imageOf(object: DecisionDraft['object']): string | undefined {
  const images = object?.['images'];
  const [first] = Array.isArray(images) ? images : [];
  return typeof first?.ref === 'string' ? imageName(first.ref) : undefined;
}

function identityOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev}:${stat.ino}`;
}

/** Looks before it touches: a file that is not ours stays as it is. */
function prepareFile(db: DatabaseSync): void {
  const empty = checkFile(db);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');
  if (empty) db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
  addAccount(db);
}

function prepare(db: DatabaseSync) {
  return {
    tip: db.prepare("SELECT seq, json ->> 'hash' AS hash FROM records ORDER BY seq DESC LIMIT 1"),
    insert: db.prepare(
      'INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    ),
    violation: db.prepare('INSERT INTO violations (rule, time, seq) VALUES (?, ?, ?)'),
    known: db.prepare('SELECT decision FROM records WHERE id = ?'),
    correct: db.prepare(
      "UPDATE records SET decision = 'deny' WHERE id = ? AND decision = 'allow' RETURNING time, seq",
    ),
    claim: db.prepare('INSERT INTO claims (id, digest, time) VALUES (?, ?, ?)'),
    claimed: db.prepare('SELECT id FROM claims WHERE digest = ? ORDER BY id DESC LIMIT 1'),
    unclaim: db.prepare('DELETE FROM claims WHERE id = ?'),
    recent: db.prepare(`
      SELECT r.id, r.time, r.decision, r.json ->> 'digest' AS digest,
        (SELECT json_group_array(value ->> 'rule') FROM json_each(r.json, '$.violations')) AS rules
      FROM records r
      WHERE r.type = 'decision' AND r.time >= ?1 AND digest IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM records s WHERE s.of = r.id)
        AND r.seq > (
          SELECT coalesce(max(s.seq), 0) FROM records s
          WHERE s.seq > (SELECT min(seq) FROM records WHERE type = 'decision' AND time >= ?1)
            AND s.type = 'system' AND s.json ->> 'event' = 'stop')
      ORDER BY r.time DESC LIMIT 5000`),
    policySet: db.prepare(
      'INSERT INTO policy_sets (digest, time, files) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
  };
}
