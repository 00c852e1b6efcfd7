import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanPath } from './paths.ts';

test.each([
  ['/', '/'],
  ['', '/'],
  ['/etc', '/etc'],
  ['/etc/', '/etc'],
  ['//etc///x', '/etc/x'],
  ['/etc/../root', '/root'],
  ['/../..', '/'],
  ['/a/./b/.', '/a/b'],
  ['/a/.git/..b', '/a/.git/..b'],
  ['etc/passwd', '/etc/passwd'],
  ['../etc', '/etc'],
])('cleanPath() makes %j %j', (path, expected) => {
  expect(cleanPath(path)).toBe(expected);
});

test('cleanPath() agrees with a resolution from the root', () => {
  const part = fc.constantFrom('a', 'b.c', '.', '..', '', '.x', '...');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = `/${parts.join('/')}`;
      expect(cleanPath(path)).toBe(posix.resolve('/', path));
    }),
  );
});
