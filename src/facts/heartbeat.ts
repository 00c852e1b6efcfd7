import { Refusal } from '../model/error.ts';

/** Whether the daemon asks this Bulwark, as far as is known, and since when that is so. */
export type Beat =
  /** Nothing is known yet, or the daemon has not answered since Bulwark started: it is starting, or is not there. */
  | { readonly state: 'waiting'; readonly since: Date; readonly why?: Refusal }
  | { readonly state: 'asks'; readonly since: Date }
  /** It answers and does not ask (`daemon-silent`), or it cannot be found out whether it does (`facts-...`). */
  | { readonly state: 'silent' | 'unreachable'; readonly since: Date; readonly why: Refusal };

export interface HeartbeatOptions {
  /** One look-up, by the time `until` (`performance.now()`). Throws a `Refusal` where it fails, or was not asked about. */
  probe(until: number): Promise<void>;
  /** Told of each change of the state, once. */
  changed(now: Beat, before: Beat): void;
  /** Milliseconds from the end of a look-up to the next one. */
  readonly every?: number;
  /** Milliseconds that a look-up may take. */
  readonly patience?: number;
}

/**
 * Looks again and again whether the daemon still asks: a reload of its `daemon.json` without the plugin takes Bulwark out
 * without a word. One look-up is under way at most, so what changes is known after `every` and `patience` together.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #every: number;
  readonly #soon: number;
  readonly #patience: number;
  #current: Beat = { state: 'waiting', since: new Date() };
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#every = options.every ?? 10_000;
    this.#soon = Math.min(this.#every, 1000);
    this.#patience = options.patience ?? 5000;
  }

  get current(): Beat {
    return this.#current;
  }

  /** Begins, after what is under way has been done; it keeps no process alive. */
  start(): void {
    this.#schedule(0);
  }

  /** Nothing is asked or told from now on. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#beat(), delay).unref();
  }

  async #beat(): Promise<void> {
    try {
      const found = await this.#look();
      if (!this.#stopped) this.#take(found);
    } finally {
      // Somebody is likely at work to put it back, and waits.
      this.#schedule(this.#current.state === 'silent' ? this.#soon : this.#every);
    }
  }

  async #look(): Promise<Found> {
    try {
      await this.#options.probe(performance.now() + this.#patience);
      return { state: 'asks' };
    } catch (error) {
      return foundBy(error);
    }
  }

  #take(found: Found): void {
    const before = this.#current;
    const isChange = found.state !== before.state;
    this.#current = { ...found, since: isChange ? new Date() : before.since };
    if (isChange) this.#options.changed(this.#current, before);
  }
}

type Found = Beat extends infer B ? (B extends Beat ? Omit<B, 'since'> : never) : never;

function foundBy(error: unknown): Found {
  // A bug must not end the heartbeat.
  if (!(error instanceof Refusal)) {
    const why = new Refusal('internal-error', `the look-up failed: ${String(error)}`);
    return { state: 'unreachable', why };
  }
  switch (error.code) {
    case 'facts-wrong-daemon':
      return { state: 'silent', why: new Refusal('daemon-silent', error.message) };
    case 'facts-starting':
      return { state: 'waiting', why: error };
    default:
      return { state: 'unreachable', why: error };
  }
}
