import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { controls } from '../src/policy/controls/index.ts';
import { rulesAgainst } from './docs/profiles/verdict.ts';
import { strict, stricter, weakenings } from './weakening.ts';

const sections: Record<string, string[]> = JSON.parse(
  readFileSync(new URL('./fixtures/security-fields.json', import.meta.url), 'utf8'),
);
const known = new Set(Object.values(sections).flat());

/**
 * `fields.test.ts` holds that every field is declared by a control and reaches it; here, that the control then says no:
 * one request for each way to weaken isolation or to cost the host something.
 */
describe('what weakens isolation or costs the host', () => {
  test('is measured by a container that breaks nothing', () => {
    expect(rulesAgainst({}, 'restricted', strict)).toEqual([]);
  });

  test.each(
    weakenings.map(([field, rule, against]) => [rule, field, JSON.stringify(against), against] as const),
  )('%s stops %s: %s', (rule, field, _text, against) => {
    expect(known).toContain(field);
    expect(rulesAgainst(against, 'restricted', strict)).toContain(rule);
  });

  test('a root that can be written is stopped where that is asked', () => {
    expect(known).toContain('HostConfig.ReadonlyRootfs');
    expect(rulesAgainst({}, 'restricted', stricter)).toEqual(['readOnlyRoot']);
    expect(rulesAgainst({ host: { ReadonlyRootfs: true } }, 'restricted', stricter)).toEqual([]);
  });

  test('is of every part of the list', () => {
    const fields = new Set(weakenings.map(([field]) => field));
    const without = Object.entries(sections).filter(([, names]) => !names.some((name) => fields.has(name)));
    // Refused as it is read.
    expect(without.map(([section]) => section)).toEqual(['1.1 where the fields may sit']);
  });

  test('is in reach of every control', () => {
    const reached = new Set(weakenings.map(([, rule]) => rule.split('.', 1)[0]));
    const others = controls.map(({ name }) => name).filter((name) => !reached.has(name));
    // Of no field of a body; of what it must have; of what nobody knows.
    expect(others).toEqual(['unknownFields', 'archive', 'readOnlyRoot']);
  });
});
