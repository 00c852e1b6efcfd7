import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** From package.json, which stands at the same distance from src/config and from dist/config. */
export function version(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
