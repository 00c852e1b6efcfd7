/** An error as it may stand in a log. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  /** Where it was thrown, the innermost place first; without the message, which `stack` repeats. */
  readonly at: readonly string[];
}

/**
 * Describes what was thrown. A SyntaxError's message is left out: `JSON.parse` quotes the text around the error
 * in it, which may be a secret.
 */
export function describeError(thrown: unknown): ErrorDescription {
  if (!(thrown instanceof Error)) {
    return { type: typeof thrown, message: typeof thrown === 'string' ? thrown : 'not an error', at: [] };
  }
  const message = thrown instanceof SyntaxError ? '(left out, since it may quote a secret)' : thrown.message;
  return { type: thrown.name, message, at: frames(thrown.stack ?? '') };
}

function frames(stack: string): readonly string[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .+:\d+:\d+\)?$/.test(line))
    .slice(0, 8);
}
