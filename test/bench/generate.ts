// Makes a ledger with so many records: `node test/bench/generate.ts FILE COUNT`. What is in it follows from the
// number of a record alone, so that two runs make the same.
import { DatabaseSync } from 'node:sqlite';
import { encodeTime } from 'ulid';
import type { Entry } from '../../src/ledger/entry.ts';
import { Store } from '../../src/ledger/store.ts';

const day = 86_400_000;

/** The records lie in the 30 days before this time, 2026-11-24T00:00:00Z, evenly. */
export const end = Date.UTC(2026, 10, 24);
export const span = 30 * day;

const batch = 5000;
const subjects = Array.from({ length: 200 }, (_, n) => `user${n}`);
const images = Array.from({ length: 300 }, (_, n) => `registry.example.com/team${n % 20}/app${n}:1.${n % 7}`);
const rules = [
  'baseline/privileged',
  'baseline/binds',
  'house/memory',
  'house/images.tag',
  'baseline/capabilities.add',
];

/** A number from 0 to `below`, scattered, of the number of a record: a step of a linear congruential generator. */
function pick(n: number, salt: number, below: number): number {
  return ((Math.imul(n + salt * 7919, 1_664_525) + 1_013_904_223) >>> 8) % below;
}

/** One of ten is a denial, three are reads; the first subjects ask most. */
function entry(n: number, count: number): Entry {
  const at = end - span + Math.floor((n * span) / count);
  const denied = pick(n, 1, 10) === 0;
  const reads = pick(n, 2, 10) < 3;
  const rule = rules[pick(n, 3, rules.length)] ?? '';
  const subject = subjects[Math.min(pick(n, 4, 200), pick(n, 5, 200))] ?? '';
  const name = `app-${pick(n, 6, 50_000)}`;
  return {
    kind: 'decision',
    draft: {
      type: 'decision',
      id: `${encodeTime(at, 10)}${String(n).padStart(16, '0')}`,
      time: new Date(at).toISOString(),
      host: 'host1',
      decision: denied ? 'deny' : 'allow',
      subject: { name: subject, groups: ['developers'], method: 'tls' },
      action: reads ? 'container.inspect' : 'container.create',
      operation: reads ? 'READ' : 'CREATE',
      resource: { kind: 'container', ref: name },
      api: '1.41',
      client: 'Docker-Client/28.2.2 (linux)',
      ...(!reads && {
        object: {
          container: { memory: 536_870_912, pids: 200, env: { PATH: '***', DATABASE_URL: '***' } },
          images: [{ ref: images[pick(n, 7, images.length)] ?? '' }],
        },
      }),
      ...(denied && {
        violations: [{ rule, message: 'a rule of this house is broken.', fix: 'do it in another way.' }],
      }),
      facts: 'off',
      gate: 'request',
      policySet: '0'.repeat(64),
    },
  };
}

/** Writes a ledger at `path` by the real store; `told` hears how many records are in it. */
export function generate(path: string, count: number, told: (done: number) => void): void {
  const store = new Store(path);
  const index = withoutIndexes(path);
  for (let n = 0; n < count; n += batch) {
    const size = Math.min(batch, count - n);
    store.append(
      Array.from({ length: size }, (_, i) => entry(n + i, count)),
      end,
    );
    told(n + size);
  }
  store.close();
  index();
}

/** Takes the indexes away, which are made ten times faster when all is there; gives what makes them. */
function withoutIndexes(path: string): () => void {
  const db = new DatabaseSync(path);
  const indexes = db
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
    .all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  return () => {
    db.exec('PRAGMA cache_size = -1000000; PRAGMA synchronous = OFF');
    for (const { sql } of indexes) db.exec(String(sql));
    db.close();
  };
}

if (import.meta.main) {
  const [, , path = '', count = ''] = process.argv;
  const began = performance.now();
  generate(path, Number(count), (done) => {
    if (done % 100_000 > 0) return;
    const seconds = (performance.now() - began) / 1000;
    process.stderr.write(`${done.toLocaleString('en')} records in ${seconds.toFixed(0)} s\n`);
  });
}
