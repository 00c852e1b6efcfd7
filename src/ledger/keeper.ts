import type { Entry, Recent, WorkerOptions, Written } from './entry.ts';
import { isFull } from './failure.ts';
import { Reserve } from './reserve.ts';
import { retryWindow } from './retries.ts';
import { Store } from './store.ts';

/** Time between two rounds of the work that no request waits for, in milliseconds. The first is one round after the start. */
const round = 1000;

/** Pieces of the reserve that are written in one round: each is a wait for the disk. */
const piecesARound = 8;

/** Rounds between two looks for old records, when the last one found none. */
const roundsToExpire = 600;

/** Records that are counted at once, whatever the time, and rounds after which fewer are. Until then readers count them. */
const worthCounting = 1000;
const roundsToCount = 30;

/**
 * Rows of the account that are written in one transaction, a few milliseconds, while others wait for the disk, and while
 * nobody does: larger ones write each page less often.
 */
const [fewRows, manyRows] = [150, 1000];

/** So many times as long as a step of counting is the pause behind it, while others write and while nobody does. */
const [longPause, shortPause] = [9, 1];

/**
 * Keeps the store open and the disk usable: opens the file again after a failure or when it was moved away, lets the
 * reserve go when the disk is full, and between requests closes minutes, keeps the account, removes old records, fills
 * the reserve.
 */
export class Keeper {
  readonly #options: WorkerOptions;
  readonly #reserve: Reserve;
  readonly #tellDisk: (full: boolean) => void;
  #store: Store | undefined;
  #full = false;
  #rounds = 0;
  #timer: NodeJS.Timeout | undefined;
  #counting: NodeJS.Timeout | undefined;
  #rows = fewRows;
  /** Something was written since the last step of counting. */
  #busy = false;

  constructor(options: WorkerOptions, tellDisk: (full: boolean) => void) {
    this.#options = options;
    this.#reserve = new Reserve(options.reserve.path, options.reserve.bytes);
    this.#tellDisk = tellDisk;
  }

  /** Writes a batch durably, all of it or none. The first call, with an empty batch, opens the ledger. */
  write(batch: readonly Entry[]): Written {
    const recent = this.#timer === undefined ? this.#before() : [];
    this.#withRoom(() => this.#opened().append(batch, Date.now()));
    this.#timer ??= setInterval(() => this.#tidy(), round);
    this.#busy = true;
    return { full: this.#full, recent };
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#counting);
    this.#store?.close();
    this.#store = undefined;
  }

  /** What an earlier process decided and perhaps did not answer. */
  #before(): readonly Recent[] {
    let recent: readonly Recent[] = [];
    this.#withRoom(() => {
      recent = this.#opened().recent(Date.now() - retryWindow);
    });
    return recent;
  }

  #opened(): Store {
    if (this.#store?.isCurrent !== true) {
      this.#drop();
      this.#store = new Store(this.#options.path);
    }
    return this.#store;
  }

  /** Closes without a word: what is broken may refuse that too. */
  #drop(): void {
    const store = this.#store;
    this.#store = undefined;
    try {
      store?.close();
    } catch {
      // It is opened anew, which tells what is wrong.
    }
  }

  #withRoom(work: () => void): void {
    for (;;) {
      try {
        work();
        return;
      } catch (error) {
        this.#drop();
        if (!isFull(error)) throw error;
        this.#full = true;
        if (!this.#reserve.letGo()) throw error;
      }
    }
  }

  /** One round of what no request waits for. A failure shows at the next write. */
  #tidy(): void {
    try {
      const store = this.#opened();
      store.append([], Date.now());
      if (this.#rounds % roundsToCount === 0 || store.uncounted >= worthCounting) this.#count();
      this.#expire(store);
      this.#fillReserve();
    } catch {
      this.#drop();
    }
  }

  /**
   * Goes on by itself until all is counted, and stops for batches between two steps. Of a disk that is full it takes
   * nothing: what is let go of the reserve is for records.
   */
  #count(): void {
    clearTimeout(this.#counting);
    if (this.#full) return;
    const began = performance.now();
    try {
      this.#rows = this.#busy ? fewRows : Math.min(this.#rows * 2, manyRows);
      const more = this.#opened().count(this.#rows);
      const pause = (performance.now() - began) * (this.#busy ? longPause : shortPause);
      this.#busy = false;
      if (more) this.#counting = setTimeout(() => this.#count(), pause);
    } catch {
      this.#drop();
    }
  }

  #expire(store: Store): void {
    if (this.#rounds++ % roundsToExpire !== 0) return;
    const { retention, host } = this.#options;
    // There may be more: look again in the next round.
    if (store.expire(retention, host, Date.now())) this.#rounds = 0;
  }

  /** A few pieces a round. The disk counts as full until the reserve is whole. */
  #fillReserve(): void {
    for (let piece = 0; piece < piecesARound && this.#reserve.fill(); piece++);
    if (!this.#full || !this.#reserve.isWhole) return;
    this.#full = false;
    this.#tellDisk(false);
  }
}
