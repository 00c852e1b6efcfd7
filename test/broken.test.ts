import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatFileError } from '../src/policyfiles/fileerror.ts';
import { loadPolicySet } from '../src/policyfiles/load.ts';

// Mistakes as people make them, a file each, and what is said of them: to be read as whoever made them reads it.
const folder = join(import.meta.dirname, 'fixtures', 'broken');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

it('has forty mistakes and more', () => {
  expect(names.length).toBeGreaterThan(40);
});

it.each(names)('what is said of %s', async (name) => {
  const result = await loadPolicySet([join(folder, name)], 'refused', Date.parse('2026-11-24T09:30:00Z'));
  const said = result.ok ? [] : result.errors.map((error) => `${formatFileError(error)}\n`);
  expect(said).not.toEqual([]);
  const text = said.join('').replaceAll(`test/fixtures/broken/${name}`, name);
  await expect(text).toMatchFileSnapshot(join(folder, name.replace('.yaml', '.txt')));
});
