import type { Entry } from './entry.ts';
import type { Failure } from './failure.ts';
import type { Repeat } from './repeats.ts';

/** What a caller learns of an entry. */
export type Outcome =
  | { readonly ok: true }
  /** `kept`: it may become durable all the same; of a decision in the worker's hands `WriterEvents.late` then tells. */
  | { readonly ok: false; readonly failure: Failure; readonly kept: boolean };

/** Who waits for an entry. */
export interface Waiter {
  /** When to give up, by `performance.now()`. */
  readonly until: number;
  readonly tell: (outcome: Outcome) => void;
  gaveUp: boolean;
}

export interface Item {
  readonly entry: Entry;
  /** None: nobody waits for it. Several: of repeats that are counted together. */
  readonly waiters: Waiter[];
}

/** Entries that are kept while nothing can be written: some 40 MB at most. */
const longest = 10_000;

/** What is to be written, in its order; repeats of a kind are one entry with a number. */
export class Queue {
  #items: Item[] = [];
  #repeats = new Map<string, Item>();

  get length(): number {
    return this.#items.length;
  }

  /** Takes an entry in; false if there is no room for it. */
  push(entry: Entry, waiter?: Waiter): boolean {
    const same = entry.kind === 'repeats' ? this.#repeats.get(entry.repeat.id) : undefined;
    if (same !== undefined) merge(same, entry, waiter);
    else if (this.#items.length < longest) this.#append({ entry, waiters: waiter ? [waiter] : [] });
    else return false;
    return true;
  }

  /** Counts one repeat more, if some are in it. */
  count({ id }: Repeat): boolean {
    const entry = this.#repeats.get(id)?.entry;
    if (entry?.kind !== 'repeats') return false;
    entry.count++;
    return true;
  }

  take(): readonly Item[] {
    const items = this.#items;
    this.#items = [];
    this.#repeats = new Map();
    return items;
  }

  /** Puts items before all others, without their waiters; gives how many had no room. */
  putBack(items: readonly Item[]): number {
    const later = this.take();
    for (const { entry } of items) this.#append({ entry, waiters: [] });
    let dropped = 0;
    for (const item of later) {
      const { entry, waiters } = item;
      const same = entry.kind === 'repeats' ? this.#repeats.get(entry.repeat.id) : undefined;
      if (same !== undefined) {
        merge(same, entry);
        same.waiters.push(...waiters);
      } else if (this.#items.length < longest || waiters.length > 0) this.#append(item);
      else dropped++;
    }
    return dropped;
  }

  hasWaiters(): boolean {
    return this.#items.some(({ waiters }) => waiters.length > 0);
  }

  /** Tells waiters whose time is over at `now`, and lets go of decisions that nobody waits for any more. */
  giveUp(now: number, outcome: (kept: boolean) => Outcome): void {
    let gone = false;
    for (const item of this.#items) {
      const kept = item.entry.kind === 'repeats';
      if (giveUp(item, now, outcome(kept))) gone ||= !kept;
    }
    if (gone)
      this.#items = this.#items.filter(
        ({ entry, waiters }) => entry.kind === 'repeats' || !waiters[0]?.gaveUp,
      );
  }

  #append(item: Item): void {
    this.#items.push(item);
    if (item.entry.kind === 'repeats') this.#repeats.set(item.entry.repeat.id, item);
  }
}

/** Tells the waiters of an item whose time is over; true if there were any. */
export function giveUp({ waiters }: Item, now: number, outcome: Outcome): boolean {
  const over = waiters.filter(({ until, gaveUp }) => !gaveUp && now >= until);
  for (const waiter of over) {
    waiter.gaveUp = true;
    waiter.tell(outcome);
  }
  return over.length > 0;
}

function merge({ entry, waiters }: Item, more: Entry, waiter?: Waiter): void {
  if (entry.kind === 'repeats' && more.kind === 'repeats') entry.count += more.count;
  if (waiter !== undefined) waiters.push(waiter);
}
