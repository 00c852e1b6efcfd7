import { expect, test } from 'vitest';
import { showBytes, showCpus, showList } from './show.ts';

test.each([
  [0, '0b'],
  [1000, '1000b'],
  [1024, '1k'],
  [1536 * 1024 ** 2, '1536m'],
  [2 * 1024 ** 3, '2g'],
  [1n << 62n, '4194304t'],
])('showBytes() writes %s exactly as %s', (bytes, text) => {
  expect(showBytes(bytes)).toBe(text);
});

test.each([
  [0, '0'],
  [1_000_000_000, '1'],
  [1_500_000_000, '1.5'],
  [1, '0.000000001'],
  [9_223_372_036_854_775_807n, '9223372036.854775807'],
])('showCpus() writes %s as %s', (nano, text) => {
  expect(showCpus(nano)).toBe(text);
});

test('showList() says that a list is empty', () => {
  expect(showList([])).toBe('none');
  expect(showList(['a', 8080])).toBe('a, 8080');
});
