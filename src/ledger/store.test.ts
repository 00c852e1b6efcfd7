import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from './chain.ts';
import type { Entry } from './entry.ts';
import { type DecisionRecord, type Draft, recordSchema } from './record.ts';
import { Store } from './store.ts';

const start = Date.parse('2026-11-24T08:00:00.000Z');
let folder: string;
let path: string;
let open: Store[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  path = join(folder, 'ledger.db');
  open = [];
});

afterEach(() => {
  for (const store of open) store.close();
  rmSync(folder, { recursive: true });
});

function store(): Store {
  const opened = new Store(path);
  open.push(opened);
  return opened;
}

function draft(values: Partial<Draft<DecisionRecord>> = {}, at = start): Draft<DecisionRecord> {
  return {
    type: 'decision',
    id: ulid(at),
    time: new Date(at).toISOString(),
    host: 'h',
    decision: 'allow',
    subject: { name: 'alice', groups: [], method: 'none' },
    action: 'container.create',
    operation: 'CREATE',
    facts: 'off',
    gate: 'request',
    ...values,
  };
}

function decision(values: Partial<Draft<DecisionRecord>> = {}, at = start): Entry {
  return { kind: 'decision', draft: draft(values, at) };
}

const violation = (rule: string) => ({ rule, message: 'm', fix: 'f' });
const response = (digest: string): Entry => ({
  kind: 'response',
  digest,
  draft: {
    type: 'settled',
    id: ulid(),
    time: new Date(start).toISOString(),
    host: 'h',
    outcome: 'done',
    status: 201,
    newId: 'x',
  },
});

/** All records as a reader of the file sees them. */
function records() {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT json FROM records ORDER BY seq').all();
  db.close();
  return rows.map(({ json }) => recordSchema.parse(JSON.parse(String(json))));
}

describe('Store', () => {
  it('chains records over batches and openings', () => {
    store().append([decision(), decision()], start);
    store().append([decision()], start);
    const all = records();
    expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(all.map(({ prev }) => prev)).toEqual(['0'.repeat(64), all[0]?.hash, all[1]?.hash]);
    for (const record of all) expect(hashOf(record)).toBe(record.hash);
  });

  it('writes all of a batch or nothing', () => {
    expect(() => store().append([decision(), decision({ time: 'never' })], start)).toThrow(/NOT NULL/);
    expect(records()).toEqual([]);
  });

  it('takes turns with another process on the same file', () => {
    const [one, two] = [store(), store()];
    for (let turn = 0; turn < 5; turn++) {
      one.append([decision()], start);
      two.append([decision()], start);
    }
    expect(records().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is for its owner alone, with its side files', () => {
    store().append([decision()], start);
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(`${path}${suffix}`).mode & 0o777).toBe(0o600);
  });

  it('notices that its file was moved away', () => {
    const moved = store();
    expect(moved.isCurrent).toBe(true);
    renameSync(path, `${path}.old`);
    expect(moved.isCurrent).toBe(false);
    writeFileSync(path, '');
    expect(moved.isCurrent).toBe(false);
  });
});

// A writer that is killed may have made a batch durable and not have said so: all of it then comes once more.
describe('what is there already', () => {
  const digest = 'd'.repeat(64);
  const id = ulid(start);
  const denied: Partial<Draft<DecisionRecord>> = {
    decision: 'deny',
    violations: [violation('a/b'), violation('ledger-gone')],
  };

  it.each([
    ['a read', decision({ id, operation: 'READ' }), decision({ id, operation: 'READ' })],
    ['a denial', decision({ id, ...denied }), decision({ id, ...denied })],
  ])('stands once if it is %s, and what comes with it is written', (_, first, again) => {
    const ledger = store();
    ledger.append([first], start);
    ledger.append([again, decision({ action: 'image.list' })], start);
    expect(records()).toMatchObject([
      { seq: 1, id },
      { seq: 2, action: 'image.list' },
    ]);
  });

  it('is corrected if it is an allow and was answered with a denial, and waits for no response', () => {
    const ledger = store();
    ledger.append([decision({ id, digest })], start);
    ledger.append([decision({ id, digest, ...denied }), response(digest)], start);
    expect(records()).toMatchObject([{ id }, { type: 'corrected', of: id, reason: 'ledger-gone' }]);
  });

  it('a response that comes again settles no other request', () => {
    const ledger = store();
    const first = response(digest);
    ledger.append([decision({ id, digest }), first], start);
    ledger.append([decision({ digest }, start + 1), first, response(digest)], start);
    const [one, settled, other, last] = records();
    expect(settled).toMatchObject({ type: 'settled', of: one?.id });
    expect(last).toMatchObject({ type: 'settled', of: other?.id });
  });
});

describe('a file that is not ours', () => {
  const sqlite = (sql: string) => {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  };

  it.each([
    [
      'a newer ledger',
      () => sqlite('CREATE TABLE a (b); PRAGMA application_id = 1112886359; PRAGMA user_version = 2;'),
      'ledger-newer',
    ],
    ['the file of another program', () => sqlite('CREATE TABLE a (b);'), 'ledger-foreign'],
  ])('%s is refused and stays as it is', (_, make, code) => {
    make();
    const before = statSync(path).mtimeMs;
    expect(() => store()).toThrow(expect.objectContaining({ code }));
    expect(statSync(path).mtimeMs).toBe(before);
  });
});

describe('a response', () => {
  it('settles the newest open request with its digest, each once', () => {
    const [one, two] = [
      decision({ digest: 'd'.repeat(64) }, start),
      decision({ digest: 'd'.repeat(64) }, start + 5),
    ];
    store().append([one, two, decision({ digest: 'e'.repeat(64) })], start);
    store().append([response('d'.repeat(64)), response('d'.repeat(64)), response('d'.repeat(64))], start);
    const ids = [one, two].flatMap((entry) => (entry.kind === 'decision' ? entry.draft.id : []));
    const settled = records().filter(({ type }) => type === 'settled');
    expect(settled).toMatchObject([{ of: ids[1], outcome: 'done', newId: 'x' }, { of: ids[0] }]);
  });

  it.each([
    ['a read', decision({ operation: 'READ', digest: 'd'.repeat(64) })],
    ['a denial', decision({ decision: 'deny', digest: 'd'.repeat(64) })],
  ])('to %s settles nothing', (_, entry) => {
    store().append([entry, response('d'.repeat(64))], start);
    expect(records()).toHaveLength(1);
  });
});

it('a correction says that no response will come', () => {
  const [id, digest] = [ulid(start), 'd'.repeat(64)];
  const time = new Date(start).toISOString();
  const note = { type: 'corrected', of: id, reason: 'ledger-stalled', id: ulid(), time, host: 'h' } as const;
  store().append([decision({ id, digest }), { kind: 'note', draft: note }, response(digest)], start);
  expect(records().map(({ type }) => type)).toEqual(['decision', 'corrected']);
});

describe('repeats', () => {
  const minute = Math.floor(start / 60_000);
  const id = ulid(start);
  const repeats = (count: number, first = id): Entry => ({
    kind: 'repeats',
    repeat: { id: first, minute },
    count,
    draft: draft({ id: first, decision: 'deny', violations: [violation('a/b')] }),
  });

  it('become one record when their minute is over, with their number', () => {
    const ledger = store();
    ledger.append([repeats(2), decision()], start);
    ledger.append([repeats(5)], start + 1000);
    expect(records()).toMatchObject([{ decision: 'allow' }]);
    ledger.append([], start + 60_000);
    expect(records()).toHaveLength(1);
    ledger.append([], start + 61_000);
    ledger.append([], start + 120_000);
    expect(records()).toMatchObject([
      {},
      { type: 'decision', id, decision: 'deny', count: 7, violations: [{ rule: 'a/b' }] },
    ]);
  });

  it('are as durable as a record: another opening knows of them', () => {
    store().append([repeats(2)], start);
    store().append([], start + 61_000);
    expect(records()).toMatchObject([{ id, count: 2 }]);
  });

  it('that come after the record of their minute have one more', () => {
    const ledger = store();
    ledger.append([repeats(2)], start);
    ledger.append([repeats(3)], start + 61_000);
    ledger.append([], start + 61_001);
    expect(records()).toMatchObject([
      { id, count: 2 },
      { id: expect.not.stringMatching(id), count: 3 },
    ]);
  });
});

describe('expire()', () => {
  const age = 1000;

  it('removes what is older, with its rows elsewhere, and says so in the chain', () => {
    const ledger = store();
    const old = decision({ decision: 'deny', violations: [violation('a/b.c')] });
    ledger.append([old, decision({ digest: 'd'.repeat(64) }), decision({}, start + 5000)], start);
    ledger.count(1);
    expect(ledger.expire({ age, size: 1e9 }, 'h', start + 5500)).toBe(true);
    expect(records()).toMatchObject([
      { seq: 3 },
      { seq: 4, type: 'system', event: 'expired', count: 2, through: 2 },
    ]);
    expect(ledger.expire({ age, size: 1e9 }, 'h', start + 5500)).toBe(false);
    const db = new DatabaseSync(path, { readOnly: true });
    expect(
      db.prepare('SELECT (SELECT count(*) FROM violations) + (SELECT count(*) FROM claims) AS n').get(),
    ).toEqual({ n: 0 });
    db.close();
  });

  it('removes the oldest of a ledger that is too large, and stops when it is small enough', () => {
    const ledger = store();
    ledger.append(
      Array.from({ length: 3000 }, (_, nth) => decision({}, start + nth)),
      start,
    );
    while (ledger.count(1));
    const size = 1_000_000;
    let portions = 0;
    while (ledger.expire({ age: 1e12, size }, 'h', start)) portions++;
    expect(portions).toBeGreaterThan(1);
    const left = records();
    expect(left.length).toBeGreaterThan(500);
    expect(left.at(0)?.seq).toBeGreaterThan(500);
  });

  it('never removes what is not in the account yet, or is named by what is not', () => {
    const ledger = store();
    const digest = 'd'.repeat(64);
    const expired = () => ledger.expire({ age, size: 1e9 }, 'h', start + 1e8);
    ledger.append([decision({ digest }), decision()], start);
    expect(expired()).toBe(false);
    ledger.count(1);
    ledger.append([response(digest)], start);
    expect(expired()).toBe(false);
    ledger.count(1);
    expect(expired()).toBe(true);
    expect(records()).toMatchObject([{ type: 'settled' }, { event: 'expired', count: 2 }]);
  });

  it('never removes the last record, which the chain goes on from', () => {
    const ledger = store();
    ledger.append([decision()], start);
    ledger.count(1);
    expect(ledger.expire({ age, size: 0 }, 'h', start + 1e8)).toBe(false);
    expect(records()).toHaveLength(1);
  });
});

describe('recent()', () => {
  it('knows decisions whose answer may be lost: not settled, since a time', () => {
    const ledger = store();
    const digest = 'd'.repeat(64);
    ledger.append(
      [decision({ digest: 'e'.repeat(64) }, start - 10), decision({ digest }), response(digest)],
      start,
    );
    const denied = decision({ digest, decision: 'deny', violations: [violation('a/b')] }, start + 1);
    ledger.append([denied], start);
    expect(ledger.recent(start)).toMatchObject([{ digest, time: start + 1, allow: false, rules: ['a/b'] }]);
  });

  it('knows none from before a stop', () => {
    const ledger = store();
    const [before, after] = ['d', 'e'].map((letter) => letter.repeat(64));
    const stamp = { id: ulid(start), time: new Date(start).toISOString(), host: 'h' };
    const stop: Entry = { kind: 'note', draft: { type: 'system', event: 'stop', ...stamp } };
    ledger.append([decision({ digest: before }), stop, decision({ digest: after })], start);
    expect(ledger.recent(start)).toMatchObject([{ digest: after }]);
  });
});
