import { expect, it } from 'vitest';
import { suggest } from './suggest.ts';

const known = ['allowAdd', 'requireDrop', 'allow', 'pids', 'cpus', 'name', 'kind'];

it.each([
  // Swapped, wrong, missing and added letters; another case.
  ['requireDorp', 'requireDrop'],
  ['requiredrop', 'requireDrop'],
  ['require_drop', 'requireDrop'],
  ['alowAdd', 'allowAdd'],
  ['allows', 'allow'],
  ['pid', 'pids'],
  ['nmae', 'name'],
  ['knd', 'kind'],
  // Of two that are near the nearer, of two as near the first.
  ['cpis', 'cpus'],
  // Nothing is near.
  ['foo', undefined],
  ['privileged', undefined],
  ['', undefined],
  ['x'.repeat(10_000), undefined],
])('for %s offers %s', (word, expected) => {
  expect(suggest(word, known)).toBe(expected);
});
