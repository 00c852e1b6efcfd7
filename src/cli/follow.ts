import { statSync } from 'node:fs';
import type { Filter } from '../ledger/filter.ts';
import { LedgerReader, type Listed } from '../ledger/reader.ts';
import { Refusal } from '../model/error.ts';

/** How often the ledger is looked at, in milliseconds: another process tells nobody that it has written. */
const pause = 250;

/** How many records are read at once. */
const portion = 500;

/**
 * The newest `recent` decisions, oldest first, then every one that any process adds, each once, until `signal`. Where
 * the ledger is moved away and a new one begins, that one is followed.
 */
export async function* follow(
  path: string,
  filter: Filter,
  recent: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Listed[]> {
  let file = identityOf(path);
  let ledger = new LedgerReader(path);
  try {
    let seq = ledger.last();
    const newest = recent === 0 ? [] : ledger.query(filter, recent).items;
    yield newest.filter((record) => record.seq <= seq).reverse();
    while (!signal.aborted) {
      // Asked first: what is added meanwhile is behind it and found the next time.
      const end = ledger.last();
      const found = ledger.after(seq, filter, portion);
      if (found.length > 0) yield found;
      seq = found.length < portion ? Math.max(end, found.at(-1)?.seq ?? 0, seq) : (found.at(-1)?.seq ?? seq);
      if (found.length < portion) await wait(pause, signal);
      const current = identityOf(path);
      const next = current === file || current === undefined ? undefined : opened(path);
      if (next === undefined) continue;
      ledger.close();
      [ledger, file, seq] = [next, current, 0];
    }
  } finally {
    ledger.close();
  }
}

/** A new ledger; undefined while it is being made. */
function opened(path: string): LedgerReader | undefined {
  try {
    return new LedgerReader(path);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function identityOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = () => resolve();
  signal.addEventListener('abort', stop, { once: true });
  await promise;
  signal.removeEventListener('abort', stop);
  clearTimeout(timer);
}
