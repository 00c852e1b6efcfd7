import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../model/error.ts';
import { quote } from '../model/printable.ts';

/** Which records are wanted, and how many. */
export interface StoredOptions {
  /** Behind this place, which `cursorOf` gave. Absent: from the oldest on. */
  readonly cursor?: string;
  /** Of this time and later, in milliseconds since 1970. */
  readonly since?: number;
  /** Before this time. */
  readonly until?: number;
  readonly limit?: number;
}

/** Records that follow each other. */
export interface Portion {
  /** Their canonical JSON in UTF-8, byte for byte as it is stored. */
  readonly records: readonly Uint8Array[];
  /** Records that should stand before or between these, and are not in the ledger any longer. */
  readonly lost: number;
}

/** Records that are read at once: some milliseconds, and 8 MiB at the most. */
const portion = 500;

/** Characters of a hash that tell ledgers apart. */
const hashLength = 16;

/**
 * Records of every type in the order of `seq`, up to the one that is the last now. Between two portions nothing of the
 * ledger is held, so that what expires meanwhile is told as lost, and the log of the database does not grow behind a
 * reader that takes hours.
 *
 * @throws Refusal `ledger-cursor`
 */
export function* stored(
  db: DatabaseSync,
  { cursor, since = 0, until = Number.MAX_SAFE_INTEGER, limit = Number.MAX_SAFE_INTEGER }: StoredOptions,
): Generator<Portion> {
  const end = Number(db.prepare('SELECT max(seq) AS seq FROM records').get()?.['seq'] ?? 0);
  const page = db.prepare(
    `SELECT seq, iif(time >= ? AND time < ?, CAST(json AS BLOB), NULL) AS json
     FROM records WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ${portion}`,
  );
  let last = cursor === undefined ? undefined : placeOf(db, cursor);
  let wanted = limit;
  while (wanted > 0) {
    const rows = page.all(since, until, last ?? 0, end);
    if (rows.length === 0) return;
    const records: Uint8Array[] = [];
    let lost = 0;
    for (const { seq, json } of rows) {
      if (last !== undefined) lost += Number(seq) - last - 1;
      last = Number(seq);
      if (json instanceof Uint8Array) records.push(json);
      if (records.length === wanted) break;
    }
    wanted -= records.length;
    yield { records, lost };
  }
}

/** The place of a record, behind which another export goes on. */
export function cursorOf(record: Uint8Array): string {
  // Written by `chain`.
  const { seq, hash } = JSON.parse(Buffer.from(record).toString());
  return `${seq}-${String(hash).slice(0, hashLength)}`;
}

/** The `seq` of a place in this ledger. What has expired since can be told from another ledger's by the record behind it alone. */
function placeOf(db: DatabaseSync, cursor: string): number {
  const [, digits, hash] = /^(\d{1,15})-([0-9a-f]{16})$/.exec(cursor) ?? [];
  if (digits === undefined || hash === undefined)
    throw new Refusal('ledger-cursor', `${quote(cursor)} is no place in a ledger.`);
  const seq = Number(digits);
  const row = db
    .prepare(
      "SELECT seq, json ->> 'hash' AS hash, json ->> 'prev' AS prev FROM records WHERE seq >= ? ORDER BY seq LIMIT 1",
    )
    .get(seq);
  const found = row?.['seq'] === seq ? row['hash'] : row?.['seq'] === seq + 1 ? row['prev'] : undefined;
  const isOther = found === undefined ? row === undefined : !String(found).startsWith(hash);
  if (isOther) {
    throw new Refusal(
      'ledger-cursor',
      `${quote(cursor)} is a place in another ledger, or in this one before it was replaced or restored.`,
      'Name the folder of the ledger that it is of with `--data`; or begin again without a cursor.',
    );
  }
  return seq;
}
