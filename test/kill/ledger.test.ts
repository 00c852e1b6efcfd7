import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashOf, noTip } from '../../src/ledger/chain.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { start } from '../process.ts';

const kills = 50;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a process that commits without a pause, kills it at some moment, and gives what it had been told is durable. */
async function killed(path: string, moment: number): Promise<readonly string[]> {
  const writer = join(import.meta.dirname, 'writer.ts');
  const { child, until, stdout, ended } = start(process.execPath, [writer, path, join(folder, 'reserve')]);
  await until(/\n/);
  // Not a wait for something to happen: the moment of the kill is what differs from run to run.
  await new Promise((resolve) => setTimeout(resolve, moment));
  child.kill('SIGKILL');
  await ended;
  // What stands behind the last line break was cut off.
  return stdout().split('\n').slice(0, -1);
}

function read(path: string) {
  const db = new DatabaseSync(path);
  const all = db.prepare('SELECT json FROM records ORDER BY seq').all();
  const counts = db.prepare('SELECT coalesce(sum(count), 0) AS sum FROM counts').get();
  const check = db.prepare('PRAGMA integrity_check').get();
  db.close();
  const records: LedgerRecord[] = all.map(({ json }) => JSON.parse(String(json)));
  return { records, pending: Number(counts?.['sum']), check };
}

it(`keeps every decision that was answered over ${kills} kills, in one chain, and allows none that is not in it`, async () => {
  const path = join(folder, 'ledger.db');
  const told: string[] = [];
  for (let run = 0; run < kills; run++) told.push(...(await killed(path, (run * 37) % 100)));

  const { records, pending, check } = read(path);
  expect(check).toEqual({ integrity_check: 'ok' });
  const byId = new Map(records.map((record) => [record.id, record]));
  const allowed = told
    .filter((line) => line.startsWith('allowed '))
    .map((line) => line.slice('allowed '.length));
  expect(allowed.length).toBeGreaterThan(kills);
  expect(allowed.filter((id) => byId.get(id)?.type !== 'decision')).toEqual([]);
  expect(told).not.toContain('failed');

  // Denials have records of their own, are in the count of a minute that is over, or of one under way.
  const denials = records.filter((record) => record.type === 'decision' && record.decision === 'deny');
  const recorded = denials.reduce(
    (sum, record) => sum + ('count' in record ? (record.count ?? 1) : 1),
    pending,
  );
  const denied = told.filter((line) => line.startsWith('denied '));
  expect(denied.length).toBeGreaterThan(kills);
  expect(recorded).toBeGreaterThanOrEqual(denied.length);
  // Each kill may have lost the answers of the eight clients, but not what was recorded before.
  expect(recorded).toBeLessThanOrEqual(denied.length + kills * 8);

  let tip = noTip;
  for (const record of records) {
    expect(record).toMatchObject({ seq: tip.seq + 1, prev: tip.hash, hash: hashOf(record) });
    tip = record;
  }
}, 300_000);
