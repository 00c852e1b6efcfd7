import { expect, it } from 'vitest';
import { z } from 'zod';
import { explain, noMessage } from './explain.ts';

/** The words for a value that a schema refuses, as the value of the key `key`. */
function words(schema: z.ZodType, value: unknown): string {
  const result = z
    .object({ key: schema })
    .safeParse({ key: value }, { error: () => noMessage, reportInput: true });
  const written = typeof value === 'object' ? undefined : String(value);
  const said = (result.error?.issues ?? []).map((issue) => explain(issue, written, schema));
  return said.map(({ message, hint = '' }) => `${message} ${hint}`.trim()).join('\n');
}

it.each([
  [z.string(), 12, '"key" must be text, not 12 did you mean "12", with quotes?'],
  [z.string(), null, '"key" must be text, not empty'],
  [z.array(z.string()), 'a', '"key" must be a list, not "a" did you mean [a]?'],
  [z.array(z.string()), { a: 1 }, '"key" must be a list, not a map begin each of its entries with `- `'],
  [z.array(z.string()), ['a', []], 'an entry of "key" must be text, not a list'],
  [z.boolean(), 'yes', '"key" must be true or false, not "yes" did you mean true?'],
  [z.boolean(), 'OFF', '"key" must be true or false, not "OFF" did you mean false?'],
  [z.boolean(), 'maybe', '"key" must be true or false, not "maybe"'],
  [z.int(), 1.5, '"key" must be a whole number, not 1.5'],
  [z.int().min(3), 1, '"key" must be at least 3'],
  [z.int().positive(), 0, '"key" must be more than 0'],
  [z.int().max(3), 4, '"key" must be at most 3'],
  [z.array(z.string()).min(1), [], '"key" must have at least 1 entry'],
  [z.string().min(2), 'a', '"key" must have at least 2 characters'],
  [z.enum(['allow', 'deny']), 'dney', '"key" must be "allow" or "deny", not "dney" did you mean "deny"?'],
  [z.literal('x'), 'word', '"key" must be "x", not "word"'],
  [z.record(z.string().regex(/^a/, 'keys begin with a'), z.int()), { b: 1 }, 'keys begin with a'],
  [z.record(z.string().regex(/^a/), z.int()), { b: 1 }, '"b" cannot be a key here'],
  [z.record(z.string(), z.int()), { b: 'c' }, '"b" must be a number, not "c"'],
  [z.union([z.int(), z.string()]), true, '"key" must be a number or text, not true'],
  [z.array(z.union([z.int(), z.string().regex(/^\d+$/, 'a number')])), ['x'], 'a number'],
  [z.string().regex(/^a/), 'b', '"key" does not have the form that is wanted here'],
  // A schema's own words are better than any of these.
  [z.string('a path, please'), 1, 'a path, please'],
])('%#: %j is refused in words', (schema, value, expected) => {
  expect(words(schema, value)).toBe(expected);
});
