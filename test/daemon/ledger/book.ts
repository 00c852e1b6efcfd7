/** The ledger of a running Bulwark, told in lines that a test can expect. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DecisionRecord, Draft, LedgerRecord } from '../../../src/ledger/record.ts';

type Settled = Extract<LedgerRecord, { type: 'settled' }>;

/** All records in a data folder, in their order. */
export function recordsIn(data: string): readonly LedgerRecord[] {
  // Written by Bulwark from records.
  return rowsOf(data, 'SELECT json FROM records ORDER BY seq').map(({ json }) => JSON.parse(String(json)));
}

/** The decisions that are no records yet, but counts of the minute under way. */
export function countsIn(data: string): readonly Draft<DecisionRecord>[] {
  return rowsOf(data, 'SELECT count, draft FROM counts').map(({ count, draft }) => ({
    // Written by Bulwark from a draft.
    ...JSON.parse(String(draft)),
    count: Number(count),
  }));
}

function rowsOf(data: string, sql: string) {
  const db = new DatabaseSync(join(data, 'ledger.db'), { readOnly: true, timeout: 1000 });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

export function decisions(records: readonly LedgerRecord[]): readonly DecisionRecord[] {
  return records.filter((record) => record.type === 'decision');
}

/** An allow that may change something. */
export function isAllowedWrite({ decision, operation }: DecisionRecord): boolean {
  return decision === 'allow' && operation !== 'READ';
}

export function isAllowedRead({ decision, operation }: DecisionRecord): boolean {
  return decision === 'allow' && operation === 'READ';
}

export function settlementsOf({ id }: DecisionRecord, records: readonly LedgerRecord[]): readonly Settled[] {
  return records.filter((record) => record.type === 'settled').filter(({ of }) => of === id);
}

/**
 * Allowed writes and denials behind the record with the number `after`, as in
 *
 *     container.create web: done 201, made web
 *     container.delete web: unknown
 *     volume.create evil: denied by baseline/binds (/etc)
 *
 * `names` are what the daemon itself calls what it made; a made id that the daemon does not know is shown as such.
 */
export function tell(
  records: readonly LedgerRecord[],
  after: number,
  names: ReadonlyMap<string, string>,
): readonly string[] {
  return decisions(records)
    .filter((decision) => decision.seq > after && !isAllowedRead(decision))
    .map((decision) => {
      const { action, resource: { ref = '' } = {}, violations = [] } = decision;
      const rules = violations.map(({ rule, value }) => rule + (value === undefined ? '' : ` (${value})`));
      const denied = decision.decision === 'deny' ? [`denied by ${rules.join(', ')}`] : [];
      const came = settlementsOf(decision, records).map((settled) => outcome(settled, names));
      const what = `${action} ${names.get(ref) ?? ref}`.trim();
      return `${what}: ${[...denied, ...came].join('; ') || 'nothing came of it yet'}`;
    });
}

function outcome({ outcome, status, newId }: Settled, names: ReadonlyMap<string, string>): string {
  const made =
    newId === undefined ? '' : `, made ${names.get(newId) ?? `what the daemon does not know: ${newId}`}`;
  return `${outcome}${status === undefined ? '' : ` ${status}`}${made}`;
}
