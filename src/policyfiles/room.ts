/** What a set may have in all, far beyond 1,000 policies or 10,000 rules of Access, and what a file of it counts. */
const most = {
  files: 10_000,
  characters: 16 * 1024 * 1024,
  /** As `ParsedFile` counts them: a policy has two hundred. */
  'words and signs': 1_000_000,
  documents: 20_000,
};

/** How much of a set was read: it must neither fill the memory nor take all day. */
export class Room {
  readonly #taken = { files: 0, characters: 0, 'words and signs': 0, documents: 0 };
  #over = false;

  /** Whether there is more in the set than is read. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Counts a file; gives what is wrong where it is one too many. */
  take(characters: number, size: number, documents: number): string | undefined {
    const file = { files: 1, characters, 'words and signs': size, documents };
    const names = ['files', 'characters', 'words and signs', 'documents'] as const;
    for (const name of names) this.#taken[name] += file[name];
    const over = names.find((name) => this.#taken[name] > most[name]);
    if (over === undefined) return undefined;
    this.#over = true;
    return `with it the set has more than ${most[over].toLocaleString('en')} ${over}`;
  }
}
