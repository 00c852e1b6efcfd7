/** An object of JSON of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function readRecord(value: unknown): Json {
  return isRecord(value) ? value : {};
}

/** The text, or an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The object that a body is, or an empty one. */
export function parseRecord(bytes: Uint8Array): Json {
  try {
    return readRecord(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}
