import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import { printable, quote } from '../model/printable.ts';
import type { Entry, Recent, Reply, Request, WorkerOptions } from './entry.ts';
import { type Failure, failureOf, LedgerError } from './failure.ts';
import { giveUp, type Item, type Outcome, Queue } from './queue.ts';
import type { DecisionRecord, Draft } from './record.ts';
import type { Repeat } from './repeats.ts';

/** What the writer wants of the process that writes. */
export interface WorkerPort {
  /** `done` hears of a request that could not be sent; that the process is gone is what `exit` tells. */
  send(request: Request, done: (error: Error | null) => void): unknown;
  on(event: 'message', listener: (reply: Reply) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
}

/**
 * Starts the process that writes; it ends with this one. A thread would not do: SQLite's write-ahead log has a file in
 * shared memory, and who touches that on a frozen file system holds the lock of the whole address space.
 */
export function startWorker(options: WorkerOptions): ChildProcess {
  // `.ts` in the source, `.js` in a package.
  const file = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);
  return fork(file, [JSON.stringify(options)], {
    // Its heap is small: a young generation of the usual size would only be memory that nobody uses.
    execArgv: ['--max-semi-space-size=2'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

export interface WriterEvents {
  /** Decisions of an earlier process which the daemon may ask for again. */
  recent(decisions: readonly Recent[]): void;
  /** What became of a decision after its caller had been told that it was `kept`. */
  late(draft: Draft<DecisionRecord>, durable: boolean): void;
  /** The first failure after all was well, and the end of failing. */
  health(failure: Failure | undefined): void;
  /** Entries that nobody waits for had to be given up. */
  dropped(count: number): void;
}

/** How long entries that nobody waits for are gathered, and how often waiting ones are looked at, in milliseconds. */
const tick = 25;

/** So long a batch may take before reads wait for it too, and before it counts as stalled. */
const lag = 50;

/** After a failure the entries that nobody waits for are tried again so often; waiting ones at once. */
const again = 500;

/**
 * Hands entries to the one worker that writes, a batch at a time: one is under way, what comes meanwhile is the
 * next, so that all who wait share an fsync. Nothing waits longer than it said.
 */
export class Writer {
  readonly #start: () => WorkerPort;
  readonly #path: string;
  readonly #events: WriterEvents;
  #worker: WorkerPort | undefined;
  readonly #queue = new Queue();
  #underWay: readonly Item[] | undefined;
  #since = 0;
  #failure: Failure | undefined;
  #failedAt = 0;
  #full = false;
  #closed: (() => void) | undefined;
  #goneAt = -again;
  /** Runs while there is something to write. */
  #timer: NodeJS.Timeout | undefined;

  constructor(start: () => WorkerPort, path: string, events: WriterEvents) {
    this.#start = start;
    this.#path = path;
    this.#events = events;
  }

  /** The disk is full and the reserve is being used up. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether what is queued now may not be durable soon: after a failure, or while a batch takes long. */
  get isBehind(): boolean {
    return (
      this.#failure !== undefined || (this.#underWay !== undefined && performance.now() - this.#since > lag)
    );
  }

  /** What is not durable yet, how long the batch under way has taken (milliseconds), and why nothing can be written. */
  get state() {
    const lag = this.#underWay === undefined ? 0 : performance.now() - this.#since;
    return { queued: this.#queue.length + (this.#underWay?.length ?? 0), lag, failure: this.#failure };
  }

  /** Starts the worker before there is anything to write. */
  prepare(): void {
    this.#worker ??= this.#started();
  }

  /** Counts one repeat more, if some are queued already; it needs no draft of its own then. */
  count(repeat: Repeat): boolean {
    return this.#queue.count(repeat);
  }

  /** Queues an entry that nobody waits for. */
  add(entry: Entry): void {
    if (this.#queue.push(entry)) this.#watch();
    else this.#events.dropped(1);
  }

  /** Queues an entry and says what became of it: durable, failed, or neither by the time `until` (`performance.now()`). */
  write(entry: Entry, until: number): Promise<Outcome> {
    return new Promise((tell) => {
      if (!this.#queue.push(entry, { until, tell, gaveUp: false })) tell(this.#stalled(false));
      this.#watch();
      this.#flush();
    });
  }

  /** Writes what is queued, until the time `until`, and lets go of the file and the process. */
  async close(until: number): Promise<void> {
    while (this.#queue.length > 0 || this.#underWay !== undefined) {
      if (performance.now() > until) break;
      this.#flush();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    clearInterval(this.#timer);
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, until - performance.now()));
      this.#closed = () => {
        clearTimeout(timer);
        resolve();
      };
      worker.send('close', () => {});
    });
  }

  #watch(): void {
    this.#timer ??= setInterval(() => this.#tick(), tick);
  }

  #tick(): void {
    if (this.#queue.length === 0 && this.#underWay === undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    for (const item of this.#underWay ?? []) giveUp(item, now, this.#stalled(true));
    this.#queue.giveUp(now, (kept) => this.#stalled(kept));
    if (this.#failure === undefined || now - this.#failedAt > again) this.#flush();
  }

  #stalled(kept: boolean): Outcome {
    const detail = `${quote(this.#path)} was not written in time: its disk does not answer.`;
    return { ok: false, failure: { code: 'ledger-stalled', detail }, kept };
  }

  #flush(): void {
    if (this.#underWay !== undefined || this.#queue.length === 0) return;
    this.#underWay = this.#queue.take();
    this.#since = performance.now();
    try {
      this.#worker ??= this.#started();
      this.#worker.send({ batch: JSON.stringify(this.#underWay.map(({ entry }) => entry)) }, () => {});
    } catch (error) {
      this.#failed(failureOf(error, this.#path));
    }
  }

  #started(): WorkerPort {
    // Starting a process costs more than a request.
    if (performance.now() - this.#goneAt < again)
      throw new LedgerError('ledger-gone', 'its writer has ended');
    const worker = this.#start();
    worker.on('message', (reply) => this.#hear(reply));
    worker.on('error', (error) => this.#gone(worker, error.message));
    worker.on('exit', () => this.#gone(worker, 'it ended'));
    return worker;
  }

  #hear(reply: Reply): void {
    switch (reply.type) {
      case 'written':
        this.#full = reply.full;
        if (reply.recent.length > 0) this.#events.recent(reply.recent);
        this.#written();
        return;
      case 'failed':
        this.#failed(reply.failure);
        return;
      case 'disk':
        this.#full = reply.full;
    }
  }

  #written(): void {
    const items = this.#underWay ?? [];
    this.#underWay = undefined;
    this.#setFailure(undefined);
    this.#tell(items, true, { ok: true });
    // What nobody waits for comes with the next tick, so that a stream of reads does not keep the disk busy.
    if (this.#queue.hasWaiters()) this.#flush();
  }

  /** Who waits is told; what nobody waits for, and every count, is kept and tried again. */
  #failed(failure: Failure): void {
    const items = this.#underWay ?? [];
    this.#underWay = undefined;
    this.#failedAt = performance.now();
    this.#setFailure(failure);
    const waiting = this.#queue.hasWaiters();
    const kept = items.filter(({ entry, waiters }) => entry.kind === 'repeats' || waiters.length === 0);
    const dropped = this.#queue.putBack(kept);
    if (dropped > 0) this.#events.dropped(dropped);
    this.#tell(items, false, { ok: false, failure, kept: false });
    if (waiting) this.#flush();
  }

  #tell(items: readonly Item[], durable: boolean, outcome: Outcome): void {
    for (const { entry, waiters } of items) {
      for (const { gaveUp, tell } of waiters) {
        if (!gaveUp) tell(outcome.ok || entry.kind !== 'repeats' ? outcome : { ...outcome, kept: true });
        else if (entry.kind === 'decision') this.#events.late(entry.draft, durable);
      }
    }
  }

  #gone(worker: WorkerPort, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#goneAt = performance.now();
    this.#closed?.();
    const detail = `${quote(this.#path)}: its writer has ended: ${printable(reason)}.`;
    if (this.#underWay !== undefined) this.#failed({ code: 'ledger-gone', detail });
  }

  #setFailure(failure: Failure | undefined): void {
    const changed = this.#failure?.code !== failure?.code;
    this.#failure = failure;
    if (changed) this.#events.health(failure);
  }
}
