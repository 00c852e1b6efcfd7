import { Refusal } from '../model/error.ts';
import type { ResponseMessage } from '../model/message.ts';
import { quote } from '../model/printable.ts';

/** Requests that were allowed hold their names for this long at most, in milliseconds, should no response come. */
const longestHold = 30_000;

/** What a request does with a name: it acts on the container that has it, or a container gets it. */
type Side = 'used' | 'given';
const otherSide = { used: 'given', given: 'used' } as const;

/**
 * Keeps a name on its container between the look at what it stands for and the daemon's act (E: with 15 ms in between
 * the daemon started the wrong container 59 times of 60). Requests that use a name hold it beside each other, and so do
 * those that give it to a container, create and rename; the two kinds wait for each other.
 *
 * What only takes a name away, a remove or the old name of a rename, waits for nobody: a name that stands for nothing
 * does no harm before it is given again. So no script that removes what it has just started ever waits here.
 */
export class Guard {
  readonly #holds = { used: new Map<string, number>(), given: new Map<string, number>() };
  /** In their order, by the key of their request. */
  readonly #kept = new Map<string, Set<Kept>>();
  readonly #claimed = new Set<string>();
  readonly #waiting = new Set<() => void>();

  /** For one request. Whoever takes names by it must let them go, or leave that to the response. */
  hold(): Hold {
    return new Hold(this.#holds, this.#claimed, this.#waiting);
  }

  /**
   * Leaves a hold to the response of its request, known by `key`, for `limit` milliseconds at most. Equal requests have
   * equal keys and let go in their order.
   */
  keep(hold: Hold, key: string, limit = longestHold): void {
    if (hold.isEmpty) return;
    const kept = { hold, timer: setTimeout(() => this.#letGo(key, kept), limit).unref() };
    this.#kept.set(key, (this.#kept.get(key) ?? new Set()).add(kept));
  }

  /** Whether no response is waited for, so that none need be looked at. */
  get isIdle(): boolean {
    return this.#kept.size === 0;
  }

  /** The response to a request has come; none: it never will. */
  settle(key: string, response?: ResponseMessage): void {
    const first = this.#kept.get(key)?.values().next().value;
    if (first === undefined) return;
    this.#letGo(key, first);
    if (response !== undefined) first.hold.onResponse?.(response);
  }

  #letGo(key: string, kept: Kept): void {
    clearTimeout(kept.timer);
    kept.hold.release();
    const all = this.#kept.get(key);
    all?.delete(kept);
    if (all?.size === 0) this.#kept.delete(key);
  }
}

interface Kept {
  readonly hold: Hold;
  readonly timer: NodeJS.Timeout;
}

/** The names that one request holds. */
export class Hold {
  readonly #all: Readonly<Record<Side, Map<string, number>>>;
  readonly #own = { used: new Set<string>(), given: new Set<string>() };
  readonly #allClaimed: Set<string>;
  readonly #claimed = new Set<string>();
  readonly #waiting: Set<() => void>;
  #isOver = false;
  /** Told of the response, where it comes while the names are held. */
  onResponse?: (response: ResponseMessage) => void;

  constructor(
    all: Readonly<Record<Side, Map<string, number>>>,
    claimed: Set<string>,
    waiting: Set<() => void>,
  ) {
    this.#all = all;
    this.#allClaimed = claimed;
    this.#waiting = waiting;
  }

  get isEmpty(): boolean {
    return this.#own.used.size === 0 && this.#own.given.size === 0 && this.#claimed.size === 0;
  }

  /**
   * Takes names, ids or beginnings of ids: at once where nobody is on the other side, else as soon as nobody is.
   *
   * @param until by when, on `performance.now()`
   * @throws Refusal `busy`
   */
  take(side: Side, refs: readonly string[], until: number): void | Promise<void> {
    const names = refs.map(nameOf);
    if (names.some((name) => this.#isTaken(otherSide[side], name))) return this.#wait(side, names, until);
    for (const name of names) this.#add(side, name);
  }

  /** Claims the making of a volume, and waits for nobody; false where another request has claimed that and is not over. */
  claim(volume: string): boolean {
    if (this.#isOver || this.#allClaimed.has(volume)) return false;
    this.#allClaimed.add(volume);
    this.#claimed.add(volume);
    return true;
  }

  /** For good: what is still looked up for a request that was denied meanwhile takes nothing any more. */
  release(): void {
    this.#isOver = true;
    for (const side of ['used', 'given'] as const) {
      for (const name of this.#own[side]) {
        const left = (this.#all[side].get(name) ?? 0) - 1;
        if (left > 0) this.#all[side].set(name, left);
        else this.#all[side].delete(name);
      }
      this.#own[side].clear();
    }
    for (const volume of this.#claimed) this.#allClaimed.delete(volume);
    this.#claimed.clear();
    for (const wake of this.#waiting) wake();
  }

  async #wait(side: Side, names: readonly string[], until: number): Promise<void> {
    for (;;) {
      const taken = names.find((name) => this.#isTaken(otherSide[side], name));
      if (taken === undefined) break;
      if (!(await this.#change(until))) throw busy(side, taken);
    }
    for (const name of names) this.#add(side, name);
  }

  /** Whether somebody has let go by the time `until`. */
  #change(until: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (changed: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(changed);
      };
      const wake = () => end(true);
      const timer = setTimeout(() => end(false), Math.max(0, until - performance.now()));
      this.#waiting.add(wake);
    });
  }

  /** By another request: who names itself waits for nobody. */
  #isTaken(side: Side, name: string): boolean {
    return (this.#all[side].get(name) ?? 0) > (this.#own[side].has(name) ? 1 : 0);
  }

  #add(side: Side, name: string): void {
    if (this.#isOver || this.#own[side].has(name)) return;
    this.#own[side].add(name);
    this.#all[side].set(name, (this.#all[side].get(name) ?? 0) + 1);
  }
}

/** `/web` is `web`, and `web/db`, the alias of a link, stands and falls with `web` (20.10 to 29.7). */
function nameOf(ref: string): string {
  return /^\/*([^/]*)/.exec(ref)?.[1] ?? ref;
}

function busy(side: Side, name: string): Refusal {
  const others = { used: 'a container is just getting that name', given: 'it is just being used' };
  return new Refusal('busy', `the name ${quote(name)} is not free: ${others[side]}.`);
}
