import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rows } from './attack/rows/index.ts';
import { generatedPages } from './docs/pages.ts';

test.each([...generatedPages()])('%s is what the code says; if not: npm run docs', (path, text) => {
  expect(readFileSync(join(import.meta.dirname, '..', path), 'utf8')).toBe(text);
});

test('SECURITY.md names tests that there are', () => {
  const root = join(import.meta.dirname, '..');
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const [, table = ''] = text.split('## Known ways in');
  const lines =
    table
      .split('\n## ', 1)[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2) ?? [];
  const tests = lines.map((line) => line.split(' | ').at(-1) ?? '');
  const ids = new Set(rows.map(({ id }) => id));
  const missing = tests.flatMap((cell) => [
    ...[...cell.matchAll(/`([\w.-]+)`/g)].map(([, id = '']) => id).filter((id) => !ids.has(id)),
    ...[...cell.matchAll(/test\/[\w/.]+\.ts/g)]
      .map(([path]) => path)
      .filter((path) => !existsSync(join(root, path))),
  ]);
  expect(missing).toEqual([]);
  expect(tests.length).toBeGreaterThan(10);
});
