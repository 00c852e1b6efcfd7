import type { Recent } from './entry.ts';

/**
 * How long after the first try dockerd sends a message again, in milliseconds: it waits 1, 2, 4 and 8 s and each
 * try may take a moment (docker/authz.md, plugin protocol, 9).
 */
export const retryWindow = 20_000;

/**
 * Tells a retry from an honest repeat. dockerd sends a message again only where it got no answer, so a message is a
 * retry if an equal one was decided within the window and its answer could not be handed over: its connection ended
 * first, or the process did. Each lost answer explains one retry.
 */
export class Retries {
  /** The one that was lost last stands last, so what is out of date stands first. */
  readonly #lost = new Map<string, readonly Recent[]>();

  /** Whether nothing was ever lost, or all of it was asked for again. */
  get isEmpty(): boolean {
    return this.#lost.size === 0;
  }

  /** Takes note of a decision whose answer did not arrive. */
  lose(recent: Recent, now: number): void {
    for (const [digest, lost] of this.#lost) {
      if (lost.some((one) => isOpen(one, now))) break;
      this.#lost.delete(digest);
    }
    const before = this.#lost.get(recent.digest) ?? [];
    this.#lost.delete(recent.digest);
    this.#lost.set(recent.digest, [...before, recent]);
  }

  /** The id under which the same message was decided in the same way; with another outcome it is a decision of its own. */
  take({ digest, allow, rules }: Omit<Recent, 'id' | 'time'>, now: number): string | undefined {
    const lost = this.#lost.get(digest);
    const same = lost?.find(
      (one) => isOpen(one, now) && one.allow === allow && one.rules.join() === rules.join(),
    );
    if (lost === undefined || same === undefined) return undefined;
    const rest = lost.filter((one) => one !== same);
    if (rest.length > 0) this.#lost.set(digest, rest);
    else this.#lost.delete(digest);
    return same.id;
  }
}

function isOpen({ time }: Recent, now: number): boolean {
  return time + retryWindow > now;
}
