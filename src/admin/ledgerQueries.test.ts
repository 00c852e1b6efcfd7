import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeLedger } from '../../test/ledgerOf.ts';
import { LedgerQueries, queryLimits, type ReaderPort, startReader } from './ledgerQueries.ts';
import type { Answered, Question } from './question.ts';

const explain = (id: string): Question => ({ kind: 'explain', id });

/** A process that does what the test says. It ends a moment after it was killed, or when told so. */
class FakeReader extends EventEmitter implements ReaderPort {
  readonly asked: Question[] = [];
  killed = false;
  readonly #dies: boolean;

  constructor(dies = true) {
    super();
    this.#dies = dies;
  }

  send(question: Question): void {
    this.asked.push(question);
  }

  answer(answer: Answered): void {
    this.emit('message', answer);
  }

  kill(): void {
    this.killed = true;
    if (this.#dies) setTimeout(() => this.emit('exit'), 1);
  }
}

let readers: FakeReader[];
let dies: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  readers = [];
  dies = true;
});

afterEach(() => {
  vi.useRealTimers();
});

function queries(): LedgerQueries {
  const limits = { deadline: 1000, queue: 3, idle: 60_000 };
  return new LedgerQueries(() => {
    const reader = new FakeReader(dies);
    readers.push(reader);
    return reader;
  }, limits);
}

const code = (promise: Promise<unknown>) => promise.catch((error: { code: string }) => error.code);

describe('LedgerQueries', () => {
  it('starts the process with the first question, and asks one after the other', async () => {
    const ledger = queries();
    expect(readers).toHaveLength(0);
    const [first, second] = [ledger.ask(explain('1')), ledger.ask(explain('2'))];
    expect(readers).toHaveLength(1);
    expect(readers[0]?.asked).toEqual([explain('1')]);
    readers[0]?.answer({ ok: true, text: 'one' });
    expect(await first).toMatchObject({ text: 'one' });
    expect(readers[0]?.asked).toEqual([explain('1'), explain('2')]);
    readers[0]?.answer({ ok: false, code: 'ledger-cursor', message: 'no.', fix: 'Begin again.' });
    expect(await code(second)).toBe('ledger-cursor');
  });

  it('refuses what its queue has no room for', async () => {
    const ledger = queries();
    const waiting = [1, 2, 3, 4].map((id) => ledger.ask(explain(String(id))));
    expect(await code(ledger.ask(explain('5')))).toBe('api-busy');
    for (let count = 0; count < 4; count += 1) readers[0]?.answer({ ok: true });
    expect(await Promise.all(waiting)).toHaveLength(4);
  });

  it('kills a process that is too slow, says so, and answers the next from a new one', async () => {
    const ledger = queries();
    const slow = code(ledger.ask(explain('slow')));
    await vi.advanceTimersByTimeAsync(500);
    const next = ledger.ask(explain('next'));
    await vi.advanceTimersByTimeAsync(500);
    expect(await slow).toBe('api-slow');
    expect(readers[0]?.killed).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(readers[1]?.asked).toEqual([explain('next')]);
    readers[1]?.answer({ ok: true, text: 'here' });
    expect(await next).toMatchObject({ text: 'here' });
  });

  it('starts no second process while a frozen disk keeps the first from ending', async () => {
    dies = false;
    const ledger = queries();
    const first = code(ledger.ask(explain('1')));
    await vi.advanceTimersByTimeAsync(1000);
    const second = code(ledger.ask(explain('2')));
    await vi.advanceTimersByTimeAsync(1000);
    expect([await first, await second]).toEqual(['api-slow', 'api-slow']);
    expect(readers).toHaveLength(1);
    readers[0]?.emit('exit');
    const third = ledger.ask(explain('3'));
    readers[1]?.answer({ ok: true });
    await third;
  });

  it('does not take a late answer for that to the next question', async () => {
    const ledger = queries();
    const slow = code(ledger.ask(explain('slow')));
    await vi.advanceTimersByTimeAsync(999);
    const next = ledger.ask(explain('next'));
    vi.advanceTimersByTime(1);
    readers[0]?.answer({ ok: true, text: 'late' });
    expect(await slow).toBe('api-slow');
    await vi.advanceTimersByTimeAsync(1);
    expect(readers[1]?.asked).toEqual([explain('next')]);
    readers[1]?.answer({ ok: true, text: 'its own' });
    expect(await next).toMatchObject({ text: 'its own' });
  });

  it('answers with the reason where the process ends by itself, and the next from a new one', async () => {
    const ledger = queries();
    const first = code(ledger.ask(explain('1')));
    readers[0]?.emit('exit');
    expect(await first).toBe('ledger-unreadable');
    const second = ledger.ask(explain('2'));
    readers[1]?.answer({ ok: true, text: 'two' });
    expect(await second).toMatchObject({ text: 'two' });
  });

  it('does not ask what nobody waits for any more', async () => {
    const ledger = queries();
    const controller = new AbortController();
    const first = ledger.ask(explain('1'));
    const gone = code(ledger.ask(explain('gone'), controller.signal));
    controller.abort();
    expect(await gone).toBe('api-slow');
    readers[0]?.answer({ ok: true });
    await first;
    expect(readers[0]?.asked).toEqual([explain('1')]);
  });

  it('ends the process when it was asked nothing for a while', async () => {
    const ledger = queries();
    const first = ledger.ask(explain('1'));
    readers[0]?.answer({ ok: true });
    await first;
    await vi.advanceTimersByTimeAsync(59_000);
    expect(readers[0]?.killed).toBe(false);
    await vi.advanceTimersByTimeAsync(1001);
    expect(readers[0]?.killed).toBe(true);
    const second = ledger.ask(explain('2'));
    readers[1]?.answer({ ok: true });
    await second;
  });

  it('ends it when it stops, and answers all that wait', async () => {
    const ledger = queries();
    const waiting = [code(ledger.ask(explain('1'))), code(ledger.ask(explain('2')))];
    ledger.stop();
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all(waiting)).toEqual(['ledger-unreadable', 'api-busy']);
    expect(readers[0]?.killed).toBe(true);
    expect(await code(ledger.ask(explain('3')))).toBe('api-busy');
    expect(readers).toHaveLength(1);
  });
});

describe('the process that reads', () => {
  it('answers from the ledger, and is replaced when it was killed', { timeout: 30_000 }, async () => {
    vi.useRealTimers();
    const made = makeLedger();
    const id = made.add({}, Date.UTC(2026, 10, 24));
    const pids: number[] = [];
    const ledger = new LedgerQueries(() => {
      const child = startReader(made.path);
      pids.push(child.pid ?? 0);
      return child;
    }, queryLimits);
    try {
      const page: Question = { kind: 'page', filter: {}, limit: 10 };
      expect(JSON.parse((await ledger.ask(page)).text ?? '')).toMatchObject({ items: [{ id }], next: null });
      expect((await ledger.ask(explain('01M86B8Y4RYV9TWN10H3RDJ8TA'))).text).toBeUndefined();
      process.kill(pids[0] ?? 0, 'SIGKILL');
      await expect
        .poll(() =>
          ledger.ask(page).then(
            ({ ok }) => ok,
            () => false,
          ),
        )
        .toBe(true);
      await expect.poll(() => pids.length).toBe(2);
    } finally {
      ledger.stop();
      made.remove();
    }
  });
});
