import type { FileError } from './fileerror.ts';
import { type LoadResult, loadPolicySet } from './load.ts';

/** Policies that were read whole. */
export type Loaded = Extract<LoadResult, { ok: true }>;

/** The policies that decide at present. */
export interface InForce extends Loaded {
  readonly since: Date;
  /** Why the last reload changed nothing: what was read then is broken. Empty: it is in force. */
  readonly problems: readonly FileError[];
}

/** Told how a reload ended. */
export interface ReloadEvents {
  replaced(loaded: Loaded): void;
  /** The last good set stays. */
  broken(errors: readonly FileError[]): void;
}

/** The policies in force, and how newer ones take their place: all of them between two requests, or none. */
export class Policies {
  readonly #paths: readonly string[];
  readonly #events: ReloadEvents;
  #current: InForce;
  /** One after the other, so that the last one asked for is the last one in force. */
  #loading = Promise.resolve();

  constructor(paths: readonly string[], loaded: Loaded, events: ReloadEvents) {
    this.#paths = paths;
    this.#events = events;
    this.#current = { ...loaded, since: new Date(), problems: [] };
  }

  get current(): InForce {
    return this.#current;
  }

  /** Reads the files again. */
  reload(): Promise<void> {
    this.#loading = this.#loading.then(() => this.#load());
    return this.#loading;
  }

  async #load(): Promise<void> {
    const next = await loadPolicySet(this.#paths);
    if (next.ok) {
      this.#current = { ...next, since: new Date(), problems: [] };
      this.#events.replaced(next);
    } else {
      this.#current = { ...this.#current, problems: next.errors };
      this.#events.broken(next.errors);
    }
  }
}
