/** Upper bounds in seconds, for what takes microseconds to seconds. */
export const bounds = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** Counts how long something took; as cheap as can be, since it happens with every request. */
export class Histogram {
  /** How many were at most this bound and above the one before; the last: above all. */
  readonly #counts = new Float64Array(bounds.length + 1);
  #sum = 0;

  /** Takes one duration in, in milliseconds. */
  observe(milliseconds: number): void {
    const seconds = milliseconds / 1000;
    this.#sum += seconds;
    let at = 0;
    while (seconds > (bounds[at] ?? Number.POSITIVE_INFINITY)) at += 1;
    // A cell of a typed array: there is one for each bound, and one more.
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** As Prometheus wants it: how many were at most each bound, how many in all, and their sum in seconds. */
  read(): { readonly buckets: readonly number[]; readonly count: number; readonly sum: number } {
    const buckets: number[] = [];
    let count = 0;
    for (const [at, more] of this.#counts.entries()) {
      count += more;
      if (at < bounds.length) buckets.push(count);
    }
    return { buckets, count, sum: this.#sum };
  }
}
