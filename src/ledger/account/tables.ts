import type { DatabaseSync } from 'node:sqlite';
import type { DecisionRecord } from '../record.ts';
import type { Log } from './fold.ts';
import { counted } from './tally.ts';

/**
 * The tables of the account, beside those of the records, of which they are made: `through` is the `seq` of the last record
 * that is in them. Older versions of Bulwark do not know them and write on; what they leave is counted afterwards.
 * Periods are hours since 1970 in UTC. `seen.last` is the day, so that it is written once a day.
 */
const tables = `
CREATE TABLE account (
  through INTEGER NOT NULL,
  begins INTEGER
) STRICT;
INSERT INTO account VALUES (0, NULL);

CREATE TABLE usage (
  dim TEXT NOT NULL,
  level TEXT NOT NULL,
  period INTEGER NOT NULL,
  key TEXT NOT NULL,
  sub TEXT NOT NULL,
  ${counted.map((name) => `${name} INTEGER NOT NULL,`).join('\n  ')}
  first INTEGER,
  last INTEGER,
  newest TEXT,
  PRIMARY KEY (dim, level, period, key, sub)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
  subject TEXT NOT NULL,
  what TEXT NOT NULL,
  value TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (subject, what, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE owners (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT,
  subject TEXT NOT NULL,
  groups TEXT NOT NULL,
  decision TEXT NOT NULL,
  time INTEGER NOT NULL,
  gone INTEGER,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX owners_by_subject ON owners (subject, kind, time) WHERE gone IS NULL;
CREATE INDEX owners_by_name ON owners (kind, name, time);
CREATE INDEX owners_gone ON owners (gone) WHERE gone IS NOT NULL;
`;

/** Whether a ledger has an account. */
export function hasAccount(db: DatabaseSync): boolean {
  return (
    db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'account'").get() !== undefined
  );
}

/** Gives a ledger that has none an empty account, in one transaction. */
export function addAccount(db: DatabaseSync): void {
  if (!hasAccount(db)) db.exec(`BEGIN IMMEDIATE; ${tables} COMMIT;`);
}

/** The log of a ledger, as the fold looks back into it. */
export function logOf(db: DatabaseSync): Log {
  const decision = db.prepare("SELECT json FROM records WHERE id = ? AND type = 'decision'");
  const corrections = db.prepare(
    "SELECT json ->> 'reason' AS reason FROM records WHERE of = ? AND type = 'corrected' AND seq < ? ORDER BY seq",
  );
  return {
    decision(id) {
      const row = decision.get(id);
      // Written by `chain` from a record.
      return row && (JSON.parse(String(row['json'])) as DecisionRecord);
    },
    corrections: (id, before) => corrections.all(id, before).map(({ reason }) => String(reason)),
  };
}
