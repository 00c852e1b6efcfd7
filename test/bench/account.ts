// Makes a ledger with so many records and its account: `node test/bench/account.ts FILE COUNT`. The records are written past
// the store, which takes a tenth of the time, and counted by the real fold.
import { DatabaseSync } from 'node:sqlite';
import { encodeTime } from 'ulid';
import { Store } from '../../src/ledger/store.ts';
import { end, span } from './generate.ts';

/** Subjects, of which the first ask most. */
export const subjects = 10_000;

const rules = [
  'baseline/privileged',
  'baseline/binds',
  'house/memory.max',
  'house/images',
  'restricted/user',
];
const reads = ['container.list', 'container.inspect', 'image.list', 'system.ping', 'container.logs'];
const writes = ['container.create', 'container.start', 'image.pull', 'exec.create', 'container.delete'];
const batch = 100_000;

/** Rows of the account that are written at once: nobody waits here. */
const rows = 100_000;

/** A number from 0 to `below`, scattered, of the number of a record. */
function pick(n: number, salt: number, below: number): number {
  const step = Math.imul(n + salt * 7919, 1_664_525) + 1_013_904_223;
  return (Math.imul(step ^ (step >>> 15), 2_246_822_519) >>> 8) % below;
}

const idOf = (n: number, at: number) => `${encodeTime(at, 10)}${String(n).padStart(16, '0')}`;

/** One of ten is denied, three are reads; every fifth record says that the one before was done. */
function recordOf(n: number, count: number) {
  const at = end - span + Math.floor((n * span) / count);
  const common = {
    v: 1,
    seq: n + 1,
    prev: '0'.repeat(64),
    hash: '0'.repeat(64),
    id: idOf(n, at),
    host: 'host1',
  };
  const time = new Date(at).toISOString();
  if (n % 5 === 4) {
    const of = idOf(n - 1, end - span + Math.floor(((n - 1) * span) / count));
    return { at, record: { ...common, time, type: 'settled', of, outcome: 'done', newId: `c${n}` } };
  }
  const settled = n % 5 === 3;
  const denied = !settled && pick(n, 1, 10) === 0;
  const read = !settled && pick(n, 2, 10) < 3;
  const nth = Math.min(pick(n, 4, subjects), pick(n, 5, subjects));
  const violation = {
    rule: rules[pick(n, 3, rules.length)],
    message: 'a rule is broken.',
    fix: 'do without.',
  };
  const record = {
    ...common,
    time,
    type: 'decision',
    decision: denied ? 'deny' : 'allow',
    subject: { name: `user${nth}`, groups: ['system:authenticated', `team${nth % 200}`], method: 'tls' },
    action: settled ? 'container.create' : (read ? reads : writes)[pick(n, 6, 5)],
    operation: read ? 'READ' : 'CREATE',
    resource: { kind: 'container', ref: `app-${pick(n, 7, 50_000)}` },
    client: `Docker-Client/28.${nth % 5}.2 (linux)`,
    ...(denied && { violations: [violation] }),
    facts: 'off',
    gate: 'request',
  };
  return { at, record };
}

/** Writes a ledger at `path` with its account; `told` hears how many records are in it. */
export function makeAccount(path: string, count: number, told: (done: number) => void): void {
  new Store(path).close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -500000');
  const indexes = db
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'records'",
    )
    .all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  const insert = db.prepare(
    'INSERT INTO records (seq, id, time, type, decision, count, subject, action, of, json) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)',
  );
  for (let from = 0; from < count; from += batch) {
    db.exec('BEGIN');
    for (let n = from; n < Math.min(from + batch, count); n++) {
      const { at, record } = recordOf(n, count);
      const decided = 'subject' in record ? record : undefined;
      insert.run(
        n + 1,
        record.id,
        at,
        record.type,
        decided?.decision ?? null,
        decided?.subject.name ?? null,
        decided?.action ?? null,
        'of' in record ? record.of : null,
        JSON.stringify(record),
      );
    }
    db.exec('COMMIT');
    told(Math.min(from + batch, count));
  }
  for (const { sql } of indexes) db.exec(String(sql));
  db.close();
  const store = new Store(path);
  while (store.count(rows));
  store.close();
}

if (import.meta.main) {
  const [, , path = '', count = ''] = process.argv;
  const began = performance.now();
  const tell = (what: string) =>
    process.stderr.write(`${what} after ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  makeAccount(path, Number(count), (done) => {
    if (done % 1_000_000 === 0 || done === Number(count)) tell(`${done.toLocaleString('en')} records`);
  });
  tell('counted');
}
