import type { DatabaseSync } from 'node:sqlite';
import type { Retention } from './entry.ts';
import { rulesOf } from './rules.ts';
import { reasonOf } from './schema.ts';

/** Records that are removed in one transaction, so that none waits long. */
const portion = 500;

/**
 * Removes the oldest records, one portion, where they are older than `age` or the ledger larger than `size`; the last
 * record always stays, since the chain goes on from it, and so does what the account has still to count. Gives how many went, and the last one's place. To be
 * called inside a transaction.
 */
export function expire(
  db: DatabaseSync,
  { age, size }: Retention,
  now: number,
): { readonly count: number; readonly through: number } | undefined {
  const limit = bytesIn(db) > size ? Number.MAX_SAFE_INTEGER : now - age;
  const rows = db
    .prepare(
      `SELECT r.seq, r.time, r.type, r.json, ${reasonOf('r')} AS reason,
         EXISTS (SELECT 1 FROM records l WHERE l.of = r.id AND l.seq > a.through) AS wanted
       FROM records r, account a
       WHERE r.seq < (SELECT max(seq) FROM records) AND r.seq <= a.through ORDER BY r.seq LIMIT ${portion}`,
    )
    .all();
  const end = rows.findIndex(({ time, wanted }) => Number(time) >= limit || wanted === 1);
  const old = end === -1 ? rows : rows.slice(0, end);
  const through = Number(old.at(-1)?.['seq']);
  if (old.length === 0) return undefined;
  const remove = db.prepare('DELETE FROM violations WHERE rule = ? AND time = ? AND seq = ?');
  for (const { seq, time, type, json, reason } of old) {
    if (type !== 'decision') continue;
    // Written by `chain` from a record.
    for (const rule of rulesOf(JSON.parse(String(json)))) remove.run(rule, Number(time), Number(seq));
    if (reason !== null) remove.run(String(reason), Number(time), Number(seq));
  }
  db.prepare('DELETE FROM claims WHERE id IN (SELECT id FROM records WHERE seq <= ?)').run(through);
  db.prepare('DELETE FROM records WHERE seq <= ?').run(through);
  return { count: old.length, through };
}

/** What the ledger's pages hold; free ones are used again. */
function bytesIn(db: DatabaseSync): number {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}
