import { renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answer, makeLedger } from '../../test/ledgerOf.ts';
import { Store } from '../ledger/store.ts';
import { follow } from './follow.ts';

const start = Date.parse('2026-11-24T08:00:00.000Z');
let ledger: ReturnType<typeof makeLedger>;
beforeEach(() => {
  ledger = makeLedger();
});
afterEach(() => ledger.remove());

const ids = (records: readonly { readonly id: string }[] | undefined) => records?.map(({ id }) => id);

describe('follow()', () => {
  it('gives the newest, then what others write, each once and in order', async () => {
    const first = Array.from({ length: 5 }, (_, at) => ledger.add({}, start + at));
    const end = new AbortController();
    const following = follow(ledger.path, { decision: 'deny' }, 2, end.signal);
    expect(ids((await following.next()).value)).toEqual(first.slice(3));
    ledger.add({ decision: 'allow' }, start + 5);
    // A clock that was set back changes nothing: the order is that of writing.
    const next = [ledger.add({}, start + 6), ledger.add({}, start - 60_000)];
    expect(ids((await following.next()).value)).toEqual(next);
    const last = ledger.add({}, start + 7);
    expect(ids((await following.next()).value)).toEqual([last]);
    end.abort();
    expect(await following.next()).toEqual({ done: true, value: undefined });
  });

  it('gives more than a portion without a gap', async () => {
    const end = new AbortController();
    const following = follow(ledger.path, {}, 0, end.signal);
    await following.next();
    const added = Array.from({ length: 1200 }, (_, at) => ledger.add({}, start + at));
    const seen: string[] = [];
    while (seen.length < added.length) seen.push(...(ids((await following.next()).value) ?? []));
    expect(seen).toEqual(added);
    end.abort();
  });

  it('goes on with the ledger that takes the place of one that is moved away', async () => {
    ledger.add({}, start);
    const end = new AbortController();
    const following = follow(ledger.path, {}, 10, end.signal);
    await following.next();
    renameSync(ledger.path, `${ledger.path}.old`);
    for (const side of ['-wal', '-shm']) renameSync(`${ledger.path}${side}`, `${ledger.path}.old${side}`);
    const other = makeLedger();
    const id = other.add({}, start + 1);
    other.store.close();
    renameSync(other.path, ledger.path);
    const store = new Store(ledger.path);
    expect(ids((await following.next()).value)).toEqual([id]);
    store.close();
    end.abort();
  });
});

describe('follow() with a rule', () => {
  // As the lists do: a rule covers its parts.
  it.each([
    ['house/memory', 'house/memory house/memory.max'],
    ['house/memory.max', 'house/memory.max'],
    ['*/memory', 'house/memory house/memory.max'],
    ['house/*', 'house/memory house/memory.max house/memorySwap'],
    ['house/mem', ''],
  ])('%s finds `%s`', async (rule, expected) => {
    const end = new AbortController();
    const following = follow(ledger.path, { rule }, 0, end.signal);
    await following.next();
    const rules = ['house/memory', 'house/memory.max', 'house/memorySwap', 'baseline/binds'];
    for (const name of rules) ledger.add({ violations: [{ rule: name, message: 'm', fix: 'f' }] }, start);
    // What every filter of this table finds, so that something comes.
    ledger.add({ violations: [{ rule, message: 'm', fix: 'last' }] }, start);
    const found = [...((await following.next()).value ?? [])];
    end.abort();
    expect(
      found
        .map(({ violations: [first] }) => first.rule)
        .slice(0, -1)
        .join(' '),
    ).toBe(expected);
  });
});

describe('bulwark denials --follow', () => {
  it('gives programs an object a line, and ends with exit code 0 on SIGINT', async () => {
    const first = ledger.add({}, start);
    const asked = answer('denials', '--data', ledger.folder, '--follow', '--output', 'json', '--rule', 'a/b');
    const wanted = ledger.add({ violations: [{ rule: 'a/b.c', message: 'm', fix: 'f' }] }, start + 1);
    // It is a spy's by now.
    const written = vi.mocked(process.stdout.write).mock.calls;
    await vi.waitFor(() => expect(JSON.stringify(written)).toContain(wanted), { timeout: 5000 });
    process.emit('SIGINT');
    const { code, stdout, stderr } = await asked;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^\\{.*"id":"${wanted}".*\\}\\n$`));
    expect(stdout).not.toContain(first);
  });
});
