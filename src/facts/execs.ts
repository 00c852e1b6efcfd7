/** The execs that Bulwark saw made and let pass, so that their start need not be looked up. */
export class Execs {
  readonly #owners = new Map<string, string>();
  readonly #limit: number;

  /** @param limit how many are remembered; of more, the oldest are looked up again */
  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /**
   * Takes the daemon's answer to an `exec.create` that was allowed. An exec belongs to its container for good, and what
   * it runs is fixed with it (20.10 to 29.7), so its id says all that was judged.
   *
   * @param owner for whom it was judged, and by what; another's start of it is judged anew
   */
  made(answer: Uint8Array | undefined, owner: string): void {
    const id = answer === undefined ? undefined : idIn(answer);
    if (id === undefined) return;
    this.#owners.set(id, owner);
    for (const oldest of this.#owners.keys()) {
      if (this.#owners.size <= this.#limit) break;
      this.#owners.delete(oldest);
    }
  }

  passes(id: string, owner: string): boolean {
    return this.#owners.get(id) === owner;
  }
}

/** What is no answer to a create makes nothing known. */
function idIn(answer: Uint8Array): string | undefined {
  try {
    const { Id: id }: { Id?: unknown } = JSON.parse(Buffer.from(answer).toString());
    return typeof id === 'string' && /^[0-9a-f]{64}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
