import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from './chain.ts';
import { LedgerReader } from './reader.ts';
import { Store } from './store.ts';
import { cursorOf, type StoredOptions } from './stored.ts';

const start = Date.parse('2026-11-24T09:00:00.000Z');
let folder: string;
let path: string;
let store: Store;
let reader: LedgerReader;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  path = join(folder, 'ledger.db');
  store = new Store(path);
  reader = new LedgerReader(path);
});

afterEach(() => {
  reader.close();
  store.close();
  rmSync(folder, { recursive: true });
});

/** Appends so many records, a second apart. */
function add(count: number, into = store, host = 'h'): void {
  const first = reader.last();
  const entries = Array.from({ length: count }, (_, n) => {
    const at = start + (first + n) * 1000;
    const common = { id: ulid(at), time: new Date(at).toISOString(), host };
    return { kind: 'note', draft: { type: 'system', event: 'start', ...common } } as const;
  });
  into.append(entries, start);
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function read(options: StoredOptions = {}) {
  const portions = [...reader.stored(options)];
  const records = portions.flatMap((portion) => portion.records);
  return {
    records,
    seqs: records.map((record): number => JSON.parse(textOf(record)).seq),
    lost: portions.reduce((sum, { lost }) => sum + lost, 0),
  };
}

/** Removes all records but some of the last, as retention does. */
function expire(): void {
  while (store.count(1));
  store.expire({ age: 1e12, size: 0 }, 'h', start);
}

const codeOf = (cursor: string) => {
  try {
    read({ cursor });
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('stored()', () => {
  it('gives each record byte for byte, so that the chain can be checked elsewhere', () => {
    add(1203);
    const { records, lost } = read();
    const db = new DatabaseSync(path, { readOnly: true });
    const stored = db.prepare('SELECT json FROM records ORDER BY seq').all();
    db.close();
    expect(records.map(textOf)).toEqual(stored.map(({ json }) => json));
    expect(lost).toBe(0);
    let prev = '0'.repeat(64);
    for (const record of records) {
      const parsed = JSON.parse(textOf(record));
      expect(parsed.prev).toBe(prev);
      expect(hashOf(parsed)).toBe(parsed.hash);
      prev = parsed.hash;
    }
  });

  it('goes on behind each record, whatever came meanwhile', () => {
    add(7);
    const { records } = read();
    add(2);
    for (const [at, record] of records.entries()) {
      const { seqs, lost } = read({ cursor: cursorOf(record) });
      expect({ seqs, lost }).toEqual({
        seqs: [1, 2, 3, 4, 5, 6, 7, 8, 9].slice(at + 1),
        lost: 0,
      });
    }
  });

  it.each<[string, StoredOptions, readonly number[]]>([
    ['since', { since: start + 3000 }, [4, 5]],
    ['until', { until: start + 3000 }, [1, 2, 3]],
    ['both', { since: start + 1000, until: start + 3000 }, [2, 3]],
    ['limit', { limit: 2 }, [1, 2]],
    ['nothing', { limit: 0 }, []],
    ['all', { since: start + 1000, until: start + 4000, limit: 1 }, [2]],
  ])('keeps to %s', (_, options, expected) => {
    add(5);
    expect(read(options).seqs).toEqual(expected);
  });

  it('ends with the record that is the last when it begins', () => {
    add(501);
    const seen: number[] = [];
    for (const { records } of reader.stored({})) {
      seen.push(records.length);
      add(100);
    }
    expect(seen).toEqual([500, 1]);
  });

  it('tells what expires while it reads, and goes on behind it', () => {
    add(1300);
    const seen: (readonly [number, number])[] = [];
    for (const { records, lost } of reader.stored({})) {
      seen.push([records.length, lost]);
      if (seen.length === 1) for (let portion = 0; portion < 2; portion++) expire();
    }
    // Twice 500 are removed; the first 500 of them had been read.
    expect(seen).toEqual([
      [500, 0],
      [300, 500],
    ]);
  });

  it('holds nothing of the ledger between two portions', () => {
    add(1300);
    const portions = reader.stored({})[Symbol.iterator]();
    portions.next();
    add(1);
    const db = new DatabaseSync(path);
    // A reader that holds an old state keeps the log of the database from being taken in.
    expect(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0 });
    db.close();
  });
});

describe('a cursor', () => {
  it('of what has expired tells how many records are gone behind it', () => {
    add(600);
    const { records } = read();
    const at = (seq: number) => cursorOf(records[seq - 1] ?? new Uint8Array());
    expire();
    // 500 are gone, 100 are there, and one that says so.
    expect(read().lost).toBe(0);
    expect(read({ cursor: at(500) })).toMatchObject({ lost: 0, seqs: { length: 101 } });
    expect(read({ cursor: at(499) })).toMatchObject({ lost: 1, seqs: { length: 101 } });
    expect(read({ cursor: at(1) })).toMatchObject({ lost: 499 });
    expect(read({ cursor: at(501) })).toMatchObject({ lost: 0, seqs: { length: 100 } });
    // What is next to it still tells whose it is.
    expect(codeOf(`500-${'0'.repeat(16)}`)).toBe('ledger-cursor');
  });

  it.each([
    '',
    'x',
    '1',
    '-1-0000000000000000',
    '1-abc',
    '1-ABCDEF0123456789',
    `1-${'0'.repeat(64)}`,
    '../1-0000000000000000',
    '9'.repeat(40),
  ])('%j is none', (cursor) => {
    add(3);
    expect(codeOf(cursor)).toBe('ledger-cursor');
  });

  it('of another ledger is refused, or of this one before it was restored', () => {
    add(5);
    const backup = join(folder, 'backup.db');
    const copy = new DatabaseSync(path);
    copy.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    copy.close();
    copyFileSync(path, backup);
    add(5);
    const cursor = cursorOf(read().records[7] ?? new Uint8Array());
    const older = new LedgerReader(backup);
    expect(() => [...older.stored({ cursor })]).toThrow(expect.objectContaining({ code: 'ledger-cursor' }));
    older.close();
    const other = new Store(backup);
    add(5, other, 'another');
    other.close();
    const grown = new LedgerReader(backup);
    expect(() => [...grown.stored({ cursor })]).toThrow(expect.objectContaining({ code: 'ledger-cursor' }));
    grown.close();
    expect(codeOf(cursor)).toBeUndefined();
  });

  it('has no place in a ledger without records', () => {
    expect(codeOf(`1-${'0'.repeat(16)}`)).toBe('ledger-cursor');
    expect(read().seqs).toEqual([]);
  });
});
