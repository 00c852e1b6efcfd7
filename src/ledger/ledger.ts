import type { Code } from '../model/codes.ts';
import type { Decision } from '../model/decision.ts';
import { Refusal } from '../model/error.ts';
import type { Message, ResponseMessage } from '../model/message.ts';
import { newId } from '../newId.ts';
import { commonOf, digestOf, draftOf, type Judged } from './draft.ts';
import type { Entry, Note, PolicyFile, Present, WorkerOptions } from './entry.ts';
import type { Failure } from './failure.ts';
import type { LeftNote } from './leftNotes.ts';
import type { Outcome } from './queue.ts';
import type { DecisionRecord, Draft } from './record.ts';
import { type Repeat, Repeats } from './repeats.ts';
import { Retries } from './retries.ts';
import { responseOf } from './settle.ts';
import { startWorker, type WorkerPort, Writer } from './writer.ts';

export interface LedgerOptions extends WorkerOptions {
  /** Reads and denials of one kind a minute, above which they are counted together. */
  readonly coalesceAbove: number;
  /** Told when the ledger cannot be written any more (why), and when it can again. */
  readonly onHealth: (failure: Failure | undefined) => void;
  /** Starts the writer's process; tests bring their own. */
  readonly start?: () => WorkerPort;
}

/** What only asks for version and state of the daemon: without it no client gets as far as to say what is wrong. */
const passes = new Set(['system.ping', 'system.options', 'system.version', 'system.info']);

/** What may free space, and so is possible while the disk is full. */
const frees = /(?:\.(?:delete|prune)|^container\.(?:stop|kill))$/;

/** A commit gives up after this part of the time that is left, so that its denial is in time. */
const patience = 0.9;

/**
 * The durable record of what was decided. The ledger has the last word: what cannot be recorded is denied.
 */
export class Ledger {
  readonly #writer: Writer;
  readonly #host: string;
  readonly #retries = new Retries();
  readonly #repeats: Repeats;
  #unrecorded = 0;
  #isOpen = false;

  constructor({ onHealth, start, coalesceAbove, ...options }: LedgerOptions) {
    this.#host = options.host;
    this.#repeats = new Repeats(coalesceAbove);
    this.#writer = new Writer(start ?? (() => startWorker(options)), options.path, {
      recent: (decisions) => {
        // Of the same process: what it decided it has answered, though another writer wrote it.
        if (this.#isOpen) return;
        for (const recent of decisions.toReversed()) this.#retries.lose(recent, Date.now());
      },
      late: (draft, durable) => this.#late(draft, durable),
      dropped: (count) => {
        this.#unrecorded += count;
      },
      health: (failure) => {
        if (failure === undefined) this.#noteUnrecorded();
        onHealth(failure);
      },
    });
  }

  /** How the writing goes, for who watches: see `Writer.state`. */
  get state() {
    const { failure = this.#writer.full ? diskFull : undefined, ...state } = this.#writer.state;
    return { ...state, failure };
  }

  /** Starts the writer's process, which touches no file yet. */
  prepare(): void {
    this.#writer.prepare();
  }

  /**
   * Opens the ledger and records the start.
   *
   * @throws Refusal with the code of what keeps it from being written
   */
  async open(policySet: string, files: readonly PolicyFile[], until: number): Promise<void> {
    this.#writer.add(this.#policies(policySet, files));
    const outcome = await this.#writer.write(
      this.#note({ type: 'system', event: 'start', policySet }),
      until,
    );
    if (!outcome.ok) throw new Refusal(outcome.failure.code, outcome.failure.detail);
    this.#isOpen = true;
  }

  /**
   * Records a decision: denials and allowed writes are durable when it resolves, allowed reads, which are there at
   * once, soon after. By the time `until` (`performance.now()`) it has resolved: with the decision, or with a denial
   * that says why it could not be recorded. Never throws or rejects.
   */
  commit(asked: Judged, until: number): Decision | Promise<Decision> {
    const judged = this.#mayWrite(asked) ? asked : { ...asked, decision: denied(asked.decision, diskFull) };
    const { decision, message, request } = judged;
    const reads = request?.operation === 'READ';
    const retried = this.#retryOf(message, decision);
    if (retried !== undefined) return { ...decision, id: retried };

    const repeat = reads || !decision.allow ? this.#repeats.take(decision, Date.now()) : undefined;
    const soon = decision.allow && reads && (passes.has(decision.action) || !this.#writer.isBehind);
    if (!soon) return this.#durable(judged, this.#entryOf(judged, repeat), until);
    if (repeat === undefined || !this.#writer.count(repeat)) this.#writer.add(this.#entryOf(judged, repeat));
    return repeat === undefined ? decision : { ...decision, id: repeat.id };
  }

  async #durable(judged: Judged, entry: Decided, until: number): Promise<Decision> {
    const now = performance.now();
    const outcome = await this.#writer.write(entry, now + (until - now) * patience);
    if (!outcome.ok) return this.#failed(judged, entry, outcome);
    return entry.kind === 'repeats' ? { ...judged.decision, id: entry.repeat.id } : judged.decision;
  }

  /** The answer to a message did not reach the daemon, which asks again: that is recorded no second time. */
  lose(message: Message, decision: Decision): void {
    const now = Date.now();
    this.#retries.lose({ digest: digestOf(message), ...recentOf(decision), time: now }, now);
  }

  /** A decision that was recorded came too late: `reason` was the code of the answer. */
  correct({ id, allow }: Decision, reason: string): void {
    this.#correct(id, allow, reason);
  }

  /** The daemon's response to an allowed request. */
  settle(message: ResponseMessage): void {
    // No route that writes has these methods.
    if (message.method === 'GET' || message.method === 'HEAD') return;
    const draft = { type: 'settled', ...this.#stamp(), ...responseOf(message) } as const;
    this.#writer.add({ kind: 'response', digest: digestOf(message), draft });
  }

  /** Another policy set is in force. */
  reload(policySet: string, files: readonly PolicyFile[]): void {
    this.#writer.add(this.#policies(policySet, files));
    this.#writer.add(this.#note({ type: 'system', event: 'reload', policySet }));
  }

  /** Policies that only watch: kept, so that what they would have denied can be explained. */
  keep(policySet: string, files: readonly PolicyFile[]): void {
    this.#writer.add(this.#policies(policySet, files));
  }

  /** What the daemon has of a kind: what had an owner and is not there is gone. */
  present(present: Present): void {
    this.#writer.add({ kind: 'present', ...present });
  }

  /** The daemon does not ask any more, or cannot be reached, for the reason of this code; undefined: it asks again. */
  heartbeat(lost: Code | undefined): void {
    const note =
      lost === undefined
        ? { event: 'heartbeat-back' as const }
        : { event: 'heartbeat-lost' as const, reason: lost };
    this.#writer.add(this.#note({ type: 'system', ...note }));
  }

  /** What was done to the host while nobody may have been there to record it. */
  adopt(notes: readonly LeftNote[]): void {
    for (const note of notes) this.#writer.add(this.#note({ type: 'system', ...note }));
  }

  /** Records the stop and what is queued, until the time `until`, and lets the file go. */
  async close(until: number): Promise<void> {
    this.#writer.add(this.#note({ type: 'system', event: 'stop' }));
    await this.#writer.close(until);
  }

  /** While the disk is full, what frees space and what only reads goes on. */
  #mayWrite({ decision, request }: Judged): boolean {
    if (!this.#writer.full || !decision.allow || request?.operation === 'READ') return true;
    return frees.test(decision.action);
  }

  #retryOf(message: Message | undefined, decision: Decision): string | undefined {
    if (message === undefined || this.#retries.isEmpty) return undefined;
    return this.#retries.take({ digest: digestOf(message), ...recentOf(decision) }, Date.now());
  }

  #entryOf(judged: Judged, repeat: Repeat | undefined): Decided {
    if (repeat === undefined) return { kind: 'decision', draft: draftOf(judged, this.#host) };
    return { kind: 'repeats', repeat, count: 1, draft: commonOf(judged, this.#host) };
  }

  /** The denial of what could not be recorded. It is recorded itself, as soon as that can be done. */
  #failed(judged: Judged, entry: Decided, { failure, kept }: NotDurable): Decision {
    const decision = denied(judged.decision, failure);
    // A read that was counted as allowed has a denial beside that; a denial counts as one either way.
    const recorded = kept && !(entry.kind === 'repeats' && judged.decision.allow);
    if (recorded) return decision;
    // One that was counted shares its id with others; its denial has one of its own.
    const own = entry.kind === 'repeats' ? { ...decision, id: judged.decision.id } : decision;
    const denial = this.#entryOf({ ...judged, decision: own }, this.#repeats.take(own, Date.now()));
    this.#writer.add(denial);
    return denial.kind === 'repeats' ? { ...own, id: denial.repeat.id } : own;
  }

  #late(draft: Draft<DecisionRecord>, durable: boolean): void {
    if (durable) this.#correct(draft.id, draft.decision === 'allow', 'ledger-stalled');
    else this.#addDenial({ ...draft, decision: 'deny', violations: [...(draft.violations ?? []), stalled] });
  }

  #addDenial(draft: Draft<DecisionRecord>): void {
    this.#writer.add({ kind: 'decision', draft });
  }

  #correct(of: string, allow: boolean, reason: string): void {
    if (allow) this.#writer.add(this.#note({ type: 'corrected', of, reason }));
  }

  #noteUnrecorded(): void {
    if (this.#unrecorded === 0) return;
    this.#writer.add(this.#note({ type: 'system', event: 'unrecorded', count: this.#unrecorded }));
    this.#unrecorded = 0;
  }

  #note(note: Unstamped<Note>): Entry {
    return { kind: 'note', draft: { ...note, ...this.#stamp() } };
  }

  #policies(digest: string, files: readonly PolicyFile[]): Entry {
    return { kind: 'policies', digest, time: this.#stamp().time, files };
  }

  #stamp() {
    return { id: newId(), time: new Date().toISOString(), host: this.#host };
  }
}

function recentOf({ id, allow, violations }: Decision) {
  return { id, allow, rules: violations.map(({ rule }) => rule) };
}

type Decided = Extract<Entry, { kind: 'decision' | 'repeats' }>;

type NotDurable = Extract<Outcome, { ok: false }>;

type Unstamped<N> = N extends unknown ? Omit<N, 'id' | 'time' | 'host'> : never;

const stalled = new Refusal('ledger-stalled', 'the ledger was not written in time.').toViolation();

const diskFull: Failure = {
  code: 'ledger-full',
  detail: 'the disk of the ledger is full, so that only what frees space and what reads is answered.',
};

/** A decision turned into a denial, which names the ledger's trouble behind what was wrong already. */
function denied(decision: Decision, { code, detail }: Failure): Decision {
  const violation = new Refusal(code, detail).toViolation();
  return { ...decision, allow: false, violations: [...decision.violations, violation] };
}
