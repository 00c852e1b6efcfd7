import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chain, hashOf, noTip, recordLimit } from './chain.ts';
import { type DecisionRecord, type Draft, recordSchema } from './record.ts';

const draft: Draft<DecisionRecord> = {
  type: 'decision',
  id: '01KB0000000000000000000000',
  time: '2026-11-24T08:58:30.836Z',
  host: 'h',
  decision: 'deny',
  subject: { name: 'alice', groups: ['web'], method: 'tls' },
  action: 'container.create',
  operation: 'CREATE',
  resource: { kind: 'container', ref: 'c1' },
  facts: 'off',
  gate: 'request',
  violations: [{ rule: 'baseline/privileged', message: 'm', fix: 'f', source: { file: 'a.yaml', line: 4 } }],
};

describe('chain()', () => {
  it('makes a record of the schema that names the one before by its hash', () => {
    const first = chain(draft, noTip);
    const second = chain(draft, first.tip);
    const [one, two] = [first, second].map(({ json }) => recordSchema.parse(JSON.parse(json)));
    expect(one).toMatchObject({ seq: 1, prev: '0'.repeat(64) });
    expect(two).toMatchObject({ seq: 2, prev: one?.hash });
  });

  it('hashes all of the record but the hash', () => {
    const record = JSON.parse(chain(draft, noTip).json);
    expect(hashOf(record)).toBe(record.hash);
    for (const key of Object.keys(record).filter((one) => one !== 'hash')) {
      expect(hashOf({ ...record, [key]: 'changed' })).not.toBe(record.hash);
    }
  });

  it('keeps to the limit whatever is in the object, and says that it was cut', () => {
    const long = fc.oneof(
      fc.string({ maxLength: 50_000, unit: 'grapheme' }),
      fc.constant('€'.repeat(30_000)),
    );
    const map = fc.dictionary(long, long, { maxKeys: 80 });
    const object = fc.record({ container: fc.record({ labels: map, env: fc.array(long) }), labels: map });
    fc.assert(
      fc.property(object, fc.array(long), (value, unknown) => {
        const { json } = chain({ ...draft, object: value, unknown }, noTip);
        const record = recordSchema.parse(JSON.parse(json));
        const whole = JSON.stringify({ object: value, unknown }).length < 10_000;
        expect(Buffer.byteLength(json)).toBeLessThanOrEqual(recordLimit);
        if (!('truncated' in record)) expect(record).toMatchObject({ unknown });
        if (whole && Buffer.byteLength(JSON.stringify(value)) < 10_000)
          expect(record).toMatchObject({ object: value });
        expect(record).toMatchObject({ id: draft.id, violations: draft.violations });
      }),
      { numRuns: 50 },
    );
  });

  it('keeps to the limit with ten thousand violations of long texts', () => {
    const [violation] = draft.violations ?? [];
    if (violation === undefined) throw new Error('the draft has one');
    const many = Array.from({ length: 10_000 }, () => ({ ...violation, message: 'x'.repeat(600) }));
    const { json } = chain({ ...draft, violations: many }, noTip);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(recordLimit);
    expect(JSON.parse(json)).toMatchObject({ truncated: true, violations: { length: expect.any(Number) } });
  });
});
