import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from './failure.ts';

/** `BULW`: what tells a ledger from other SQLite files. */
const applicationId = 0x42554c57;

/** Version of the tables below. A file with a higher one is not touched. */
const schemaVersion = 1;

/**
 * The tables of a new ledger. `records` is the record itself, and columns for what is searched by, of which `decision`
 * is what was answered in the end, which a correction may have changed; every index of it
 * ends in `time` (and, as in each of SQLite's, in `seq`), so that the newest come out first without sorting.
 * `violations` has a row a broken rule, one more for the control that a rule is a part of. What is not a record
 * yet: `claims`, of allowed writes whose response is to come; `counts`, of repeats in the minutes under way.
 */
export const schema = `
CREATE TABLE records (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  time INTEGER NOT NULL,
  type TEXT NOT NULL,
  decision TEXT,
  count INTEGER,
  subject TEXT,
  action TEXT,
  resource TEXT,
  image TEXT,
  of TEXT,
  json TEXT NOT NULL
) STRICT;
CREATE INDEX decisions ON records (time) WHERE type = 'decision';
CREATE INDEX decisions_by_subject ON records (subject, time) WHERE type = 'decision';
CREATE INDEX decisions_by_action ON records (action, time) WHERE type = 'decision';
CREATE INDEX decisions_by_resource ON records (resource, time) WHERE resource IS NOT NULL;
CREATE INDEX decisions_by_image ON records (image, time) WHERE image IS NOT NULL;
CREATE INDEX denials ON records (time) WHERE decision = 'deny';
CREATE INDEX denials_by_subject ON records (subject, time) WHERE decision = 'deny';
CREATE INDEX denials_by_action ON records (action, time) WHERE decision = 'deny';
CREATE INDEX records_of ON records (of) WHERE of IS NOT NULL;

CREATE TABLE violations (
  rule TEXT NOT NULL,
  time INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (rule, time, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_digest ON claims (digest, id);

CREATE TABLE counts (
  id TEXT PRIMARY KEY,
  minute INTEGER NOT NULL,
  count INTEGER NOT NULL,
  draft TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_sets (
  digest TEXT PRIMARY KEY,
  time INTEGER NOT NULL,
  files TEXT NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

/** In SQL: why a record of the table was corrected, if it was. */
export function reasonOf(table: string): string {
  return `(SELECT c.json ->> 'reason' FROM records c WHERE c.of = ${table}.id AND c.type = 'corrected')`;
}

/**
 * Makes sure that a file is a ledger of ours that this version knows, without touching it. True if it is empty.
 *
 * @throws LedgerError `ledger-foreign`, `ledger-newer`
 */
export function checkFile(db: DatabaseSync): boolean {
  const id = number(db, 'PRAGMA application_id');
  const version = number(db, 'PRAGMA user_version');
  const tables = number(db, 'SELECT count(*) FROM sqlite_schema');
  if (tables > 0 && id !== applicationId) {
    throw new LedgerError('ledger-foreign', 'another program made this file');
  }
  if (version > schemaVersion) {
    throw new LedgerError(
      'ledger-newer',
      `its format is ${version}, and this version knows ${schemaVersion}`,
    );
  }
  return tables === 0;
}

function number(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0]);
}
