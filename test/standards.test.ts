import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { controls } from '../src/policy/controls/index.ts';
import { policySchema } from '../src/policy/schema.ts';
import type { Row } from './docs/profiles/row.ts';
import { rulesAgainst } from './docs/profiles/verdict.ts';
import { standards } from './docs/profiles.ts';

const [podBaseline = [], podRestricted = [], cisImages = [], cisRuntime = []] = [...standards.values()];
const rows = [...standards.values()].flat();
const known = new Set(controls.map(({ name }) => name));

function controlOf(rule: string): string {
  return rule.split('.', 1)[0] ?? '';
}

function numbers(section: number, last: number): string[] {
  return Array.from({ length: last }, (_, index) => `${section}.${index + 1}`);
}

/** What `docs/profiles.md` says of the standards. */
describe('the standards', () => {
  test('are whole', () => {
    const items = (list: readonly Row[]) => list.map(({ item }) => item);
    expect(items(cisImages)).toEqual(numbers(4, 12));
    expect(items(cisRuntime)).toEqual(numbers(5, 32));
    expect(podBaseline).toHaveLength(12);
    expect(podRestricted).toHaveLength(6);
  });

  test('are held against a container that passes but for the item', () => {
    expect(rulesAgainst({}, 'restricted')).toEqual([]);
  });

  const covered = rows.filter((row) => row.controls.length > 0);
  describe.each(covered.map((row) => [`${row.item}: ${row.asks}`, row] as const))('%s', (_title, row) => {
    const { against = [], add } = row;

    test('names controls that there are', () => {
      expect(row.controls.filter((name) => !known.has(name))).toEqual([]);
    });

    test('is denied by restricted with what the row adds, by its controls alone', () => {
      expect(against.length).toBeGreaterThan(0);
      for (const one of against) {
        const rules = rulesAgainst(one, 'restricted', add);
        expect(rules.length).toBeGreaterThan(0);
        expect(rules.map(controlOf).filter((name) => !row.controls.includes(name))).toEqual([]);
      }
    });

    test('is denied by restricted wherever baseline denies it', () => {
      for (const one of against) {
        expect(rulesAgainst(one, 'restricted')).toEqual(
          expect.arrayContaining([...rulesAgainst(one, 'baseline')]),
        );
      }
    });

    test('adds something only where restricted does without', () => {
      const open = against.filter((one) => rulesAgainst(one, 'restricted').length === 0);
      expect(open.length > 0).toBe(add !== undefined);
    });
  });

  test('that are not covered say why', () => {
    const open = rows.filter((row) => row.controls.length === 0);
    expect(open.filter((row) => !row.differs.startsWith('Not covered'))).toEqual([]);
    expect(open.filter((row) => row.against !== undefined || row.add !== undefined)).toEqual([]);
  });

  test("have parameters in the text that a policy's schema takes", () => {
    const page = readFileSync(new URL('../docs/profiles.md', import.meta.url), 'utf8');
    // `name: { parameters }` in a line, as one would write it under `controls`.
    const stated = [...page.matchAll(/`(\w+: \{[^`]*\})`/g)].map(([, text = '']) => parse(text));
    expect(stated.length).toBeGreaterThan(4);
    const shown = [...page.matchAll(/```yaml\n([^`]*)```/g)].map(([, text = '']) => parse(text));
    expect(shown).toHaveLength(1);
    const frame = { apiVersion: 'bulwark/v1', kind: 'Policy', metadata: { name: 'shown' } };
    for (const document of [...shown, ...stated.map((own) => ({ ...frame, spec: { controls: own } }))])
      expect(policySchema.safeParse(document).error).toBeUndefined();
  });
});
