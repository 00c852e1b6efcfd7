import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import { Refusal } from '../model/error.ts';
import { busy } from './problem.ts';
import type { Answered, Question } from './question.ts';

/** What is wanted of the process that reads the ledger. */
export interface ReaderPort {
  send(question: Question, done: (error: Error | null) => void): unknown;
  on(event: 'message', listener: (answer: Answered) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  kill(signal: 'SIGKILL'): unknown;
}

/** Starts the process that reads the ledger at `path`; it ends with this one. */
export function startReader(path: string): ChildProcess {
  // `.ts` in the source, `.js` in a package.
  const file = join(import.meta.dirname, `reader${extname(import.meta.filename)}`);
  return fork(file, [path], {
    execArgv: ['--max-old-space-size=256'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

export interface QueryLimits {
  /** From question to answer, in milliseconds. */
  readonly deadline: number;
  /** Questions that wait behind the one under way. */
  readonly queue: number;
  /** The process ends when it was asked nothing for so long, in milliseconds. */
  readonly idle: number;
}

export const queryLimits: QueryLimits = { deadline: 10_000, queue: 16, idle: 60_000 };

type Success = Extract<Answered, { ok: true }>;

interface Waiting {
  readonly question: Question;
  readonly resolve: (answer: Success) => void;
  readonly reject: (error: Refusal) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Questions about the ledger, answered by a process of its own one after the other. There is at most one such
 * process, also while a frozen disk keeps a killed one from ending: until then questions wait for their deadline.
 */
export class LedgerQueries {
  readonly #start: () => ReaderPort;
  readonly #limits: QueryLimits;
  #port: ReaderPort | undefined;
  /** The process was killed and has not ended yet. */
  #ending = false;
  #stopped = false;
  #queue: Waiting[] = [];
  #current: Waiting | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(start: () => ReaderPort, limits: QueryLimits = queryLimits) {
    this.#start = start;
    this.#limits = limits;
  }

  /**
   * Asks. What nobody waits for any more, by `signal`, is not asked.
   *
   * @throws ApiError `api-busy`, `api-slow`; Refusal with what keeps the ledger from being read
   */
  ask(question: Question, signal?: AbortSignal): Promise<Success> {
    if (this.#stopped || this.#queue.length >= this.#limits.queue)
      return Promise.reject(busy('questions about the ledger'));
    const { promise, resolve, reject } = Promise.withResolvers<Success>();
    const timer = setTimeout(
      () => this.#giveUp(waiting, tooSlow(this.#limits.deadline)),
      this.#limits.deadline,
    );
    const waiting: Waiting = { question, resolve, reject, timer };
    const leave = () => {
      if (this.#current !== waiting)
        this.#giveUp(waiting, new Refusal('api-slow', 'nobody waits for the answer.'));
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#queue.push(waiting);
    this.#next();
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    });
  }

  /** Ends the process, whatever it does, and answers nothing more. */
  stop(): void {
    this.#stopped = true;
    for (const { reject } of this.#queue) reject(busy('questions about the ledger'));
    this.#queue = [];
    this.#end();
  }

  #next(): void {
    if (this.#current !== undefined || this.#ending) return;
    clearTimeout(this.#idle);
    this.#current = this.#queue.shift();
    if (this.#current === undefined) {
      // The process is not what keeps this one running.
      this.#idle = setTimeout(() => this.#end(), this.#limits.idle).unref();
      return;
    }
    try {
      this.#port ??= this.#started();
      // That the process is gone is what `exit` tells.
      this.#port.send(this.#current.question, () => {});
    } catch (error) {
      this.#gone(error instanceof Error ? error.message : 'it could not be started');
    }
  }

  #started(): ReaderPort {
    const port = this.#start();
    port.on('message', (answer) => {
      if (port === this.#port && !this.#ending) this.#hear(answer);
    });
    const gone = () => {
      if (port === this.#port) this.#gone('it has ended');
    };
    port.on('error', gone);
    port.on('exit', gone);
    return port;
  }

  #hear(answer: Answered): void {
    const waiting = this.#current;
    this.#current = undefined;
    if (answer.ok) waiting?.resolve(answer);
    else waiting?.reject(new Refusal(answer.code, answer.message, answer.fix));
    this.#next();
  }

  #giveUp(waiting: Waiting, error: Refusal): void {
    waiting.reject(error);
    this.#queue = this.#queue.filter((one) => one !== waiting);
    if (this.#current !== waiting) return;
    this.#current = undefined;
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#idle);
    if (this.#port === undefined) return;
    this.#ending = true;
    this.#port.kill('SIGKILL');
  }

  #gone(reason: string): void {
    this.#port = undefined;
    this.#ending = false;
    const waiting = this.#current;
    this.#current = undefined;
    waiting?.reject(
      new Refusal('ledger-unreadable', `the process that reads the ledger failed: ${reason}.`, again),
    );
    this.#next();
  }
}

const again = 'Send it again. If it stays, look at the log of Bulwark.';

function tooSlow(deadline: number): Refusal {
  return new Refusal('api-slow', `the ledger did not answer within ${deadline / 1000} s.`);
}
