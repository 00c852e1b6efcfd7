import { expect, it } from 'vitest';
import { setIn } from '../policyfiles/load.ts';
import { exceptionsFor, type Refused } from './survey.ts';

const violation = (rule: string) => ({ rule, message: 'm', fix: 'f' });
const container = (id: string, name: string, ...rules: readonly string[]): Refused => ({
  id: id.repeat(64),
  name,
  image: 'nginx',
  state: 'running',
  violations: rules.map(violation),
});

it('exceptions for what is there are policies that load, each for its own container and rules', () => {
  const text = exceptionsFor(
    [
      container('a', 'web', 'house/memory', 'house/memory', 'house/hostNamespaces.network'),
      container('b', 'db: {x}\n---', 'house/privileged'),
      // Nothing lets off what cannot be read, or is not granted.
      container('c', 'odd', 'facts-unreadable', 'access/not-granted'),
    ],
    '2026-11-30',
    '2026-12-30',
  );
  const policy =
    'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec: { profile: baseline }\n';
  const set = setIn([
    { file: 'house.yaml', text: policy },
    { file: 'existing.yaml', text },
  ]);
  expect(set?.exceptions).toEqual([
    {
      name: 'existing-aaaaaaaaaaaa',
      rules: ['house/memory', 'house/hostNamespaces.network'],
      match: { containers: ['a'.repeat(64)] },
      ends: Date.parse('2026-12-31T00:00:00Z'),
    },
    {
      name: 'existing-bbbbbbbbbbbb',
      rules: ['house/privileged'],
      match: { containers: ['b'.repeat(64)] },
      ends: Date.parse('2026-12-31T00:00:00Z'),
    },
  ]);
});
