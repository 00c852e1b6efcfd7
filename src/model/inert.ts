/** What would steer a terminal, and JSON leaves as it is. */
const unprintable = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** JSON that says the same and holds nothing that a terminal would obey; one line without `indent`. */
export function safeJson(value: unknown, indent?: number): string {
  return inert(JSON.stringify(value, null, indent));
}

/** Text that was made printable when it was written, so that it cannot steer a terminal whoever wrote it. */
export function inert(text: string): string {
  return text.replace(unprintable, (char) =>
    Array.from(
      { length: char.length },
      (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
