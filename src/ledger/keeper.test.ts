import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Entry } from './entry.ts';
import { Keeper } from './keeper.ts';
import { Store } from './store.ts';

let folder: string;
let path: string;
let keeper: Keeper;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-24T08:00:00.000Z') });
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  path = join(folder, 'ledger.db');
  keeper = newKeeper();
});

afterEach(() => {
  keeper.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function newKeeper(): Keeper {
  const reserve = { path: join(folder, 'reserve'), bytes: 0 };
  return new Keeper({ path, host: 'h', retention: { age: 1e12, size: 1e12 }, reserve }, () => {});
}

function decided(): Entry {
  return {
    kind: 'decision',
    draft: {
      type: 'decision',
      id: ulid(),
      time: new Date().toISOString(),
      host: 'h',
      decision: 'allow',
      subject: { name: 'alice', groups: [], method: 'tls' },
      action: 'container.list',
      facts: 'off',
      gate: 'request',
    },
  };
}

const many = (count: number) => Array.from({ length: count }, decided);

/** Requests in the tables of the account. */
function counted(): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("SELECT sum(requests) AS n FROM usage WHERE dim = 'user' AND level = 'hour'").get();
  db.close();
  return Number(row?.['n']);
}

it('counts few records after a while, and many at once', () => {
  keeper.write([]);
  vi.advanceTimersByTime(1500);
  keeper.write(many(10));
  vi.advanceTimersByTime(2000);
  expect(counted()).toBe(0);
  vi.advanceTimersByTime(30_000);
  expect(counted()).toBe(10);
  keeper.write(many(1000));
  vi.advanceTimersByTime(2000);
  expect(counted()).toBe(1010);
});

it('makes the account of a ledger that an older version wrote, and one of what it writes afterwards', () => {
  const older = new Store(path);
  older.append(many(2500), Date.now());
  older.close();
  const db = new DatabaseSync(path);
  db.exec('DROP TABLE account; DROP TABLE usage; DROP TABLE seen; DROP TABLE owners');
  db.close();
  keeper.write([]);
  vi.advanceTimersByTime(1100);
  expect(counted()).toBe(2500);
  keeper.close();
  const back = new Store(path);
  back.append(many(1500), Date.now());
  back.close();
  keeper = newKeeper();
  keeper.write([]);
  vi.advanceTimersByTime(1100);
  expect(counted()).toBe(4000);
});

it('writes batches between two steps of counting, and loses nothing of either', () => {
  keeper.write(many(3000));
  vi.advanceTimersByTime(1000);
  for (let batch = 0; batch < 50; batch++) {
    vi.advanceTimersToNextTimer();
    keeper.write(many(20));
  }
  vi.advanceTimersByTime(60_000);
  expect(counted()).toBe(4000);
});

it('that is closed counts no more', () => {
  keeper.write(many(3000));
  vi.advanceTimersByTime(1000);
  vi.advanceTimersToNextTimer();
  keeper.close();
  rmSync(path);
  vi.advanceTimersByTime(60_000);
  expect(existsSync(path)).toBe(false);
});
