import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bytes, nanoCpus } from './values.ts';

/** What a schema makes of a value: the result, or its first message. */
function read(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  return result.success ? result.data : result.error.issues.map(({ message }) => message);
}

describe('bytes', () => {
  it.each([
    // Bare numbers are bytes.
    [0, 0],
    [1048576, 1048576],
    ['1048576', 1048576],
    ['512b', 512],
    // Docker's units are powers of 1024, in either case, with or without `b` and `iB`.
    ['1k', 1024],
    ['1K', 1024],
    ['1kb', 1024],
    ['1KiB', 1024],
    ['512m', 512 * 1024 ** 2],
    ['512MB', 512 * 1024 ** 2],
    ['2GiB', 2 * 1024 ** 3],
    ['2 GiB', 2 * 1024 ** 3],
    ['1.5g', 1.5 * 1024 ** 3],
    ['1t', 1024 ** 4],
    // What is left of a fraction of a byte is dropped, as Docker does.
    ['0.0001k', 0],
  ])('reads %j', (text, size) => {
    expect(read(bytes, text)).toBe(size);
  });

  it.each([
    -1,
    1.5,
    Number.NaN,
    '',
    'm',
    '12x',
    '-5m',
    '1e3',
    ' 1',
    '1  m',
    '0x10',
    '1,5g',
    true,
    null,
    [],
    undefined,
  ])('refuses %j', (value) => {
    expect(read(bytes, value)).toEqual([expect.stringContaining('not a size')]);
  });

  it('refuses what a number cannot hold exactly', () => {
    expect(read(bytes, '8p')).toEqual([expect.stringContaining('8p or more')]);
    expect(read(bytes, '9'.repeat(400))).toEqual([expect.stringContaining('8p or more')]);
  });

  it('gives a safe integer or an error for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,30}(\.\d{1,9})?[a-zA-Z]{0,3}$/)), (text) => {
        const result = bytes.safeParse(text);
        expect(result.success ? Number.isSafeInteger(result.data) && result.data >= 0 : true).toBe(true);
      }),
    );
  });
});

describe('nanoCpus', () => {
  it.each([
    [2, 2_000_000_000],
    [0.5, 500_000_000],
    [1.1, 1_100_000_000],
    ['0.5', 500_000_000],
    [0, 0],
    ['0.000000001', 1],
  ])('reads %j', (value, nano) => {
    expect(read(nanoCpus, value)).toBe(nano);
  });

  it.each([
    -1,
    1e-7,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '1.',
    '.5',
    '0.0000000001',
    '2 cpus',
    true,
    null,
  ])('refuses %j', (value) => {
    expect(read(nanoCpus, value)).toEqual([expect.stringContaining('not a number of CPUs')]);
  });

  it('is exact for every number of nano-CPUs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (nano) => {
        const padded = String(nano).padStart(10, '0');
        expect(read(nanoCpus, `${padded.slice(0, -9)}.${padded.slice(-9)}`)).toBe(nano);
      }),
    );
  });
});

it('keeps its name in the JSON Schema through optional() and describe()', () => {
  const schema = z.strictObject({ max: bytes.optional().describe('the most') });
  expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
    properties: { max: { title: 'size', description: 'the most' } },
  });
});
