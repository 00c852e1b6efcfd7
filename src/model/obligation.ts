/** A thing that becomes its maker's when the daemon has made it. */
export interface Own {
  /** Docker's word, of lower-case letters: `volume`. */
  readonly kind: string;
  /** As asked for; any characters. */
  readonly name: string;
}

/** The obligation to make the caller the owner of a thing: `own volume data`. The name stands last, so that it may hold anything. */
export function owning({ kind, name }: Own): string {
  return `own ${kind} ${name}`;
}

/** What is owned by these obligations, each thing once; other obligations are passed over. */
export function ownedBy(obligations: readonly string[]): readonly Own[] {
  return [...new Set(obligations)].flatMap((text) => {
    const [, kind, name] = /^own ([a-z]+) (.+)$/s.exec(text) ?? [];
    return kind === undefined || name === undefined ? [] : [{ kind, name }];
  });
}
