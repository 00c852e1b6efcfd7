import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codes } from '../src/model/codes.ts';
import { readSource } from './architecture/source.ts';

const src = join(import.meta.dirname, '..', 'src');

/** Every string of the code itself, tests and the table left out. */
const used = new Set(
  globSync('**/*.ts', { cwd: src })
    .filter((path) => !path.endsWith('.test.ts') && path !== join('model', 'codes.ts'))
    .flatMap((path) => readSource(readFileSync(join(src, path), 'utf8')).strings),
);

// A code that is used without being in the table does not compile: this is the other way round.
it.each(Object.keys(codes))('the code %s is used', (code) => {
  expect(used).toContain(code);
});

it.each(Object.entries(codes))(
  'the code %s says what it means and a way out, in sentences',
  (code, { means, fix }) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(means).toMatch(/^[A-Z].*\.$/);
    expect(fix).toMatch(/^[A-Z].*\.$/);
  },
);
