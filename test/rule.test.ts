import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SetDocument } from '../src/policy/schema.ts';
import { plainly } from './model/plain.ts';
import { answered, document, documents, policySpec, questions, setOf } from './model/sets.ts';

const timeout = 120_000;

/** Whether documents allow a question. */
function allows(all: readonly SetDocument[], question: Parameters<typeof answered>[1]): boolean {
  return answered(setOf(all), question).allow;
}

test('the engine and a plain evaluator agree on 200,000 sets and requests', { timeout: 600_000 }, () => {
  const seen = { allow: 0, access: 0, policy: 0, exception: 0, observed: 0 };
  fc.assert(
    fc.property(documents, fc.array(questions, { minLength: 20, maxLength: 20 }), (all, asked) => {
      const set = setOf(all);
      for (const question of asked) {
        const said = answered(set, question);
        expect(said).toEqual(plainly(all, question.request, question.around));
        if (said.allow) seen.allow += 1;
        if (said.exceptions.length > 0) seen.exception += 1;
        if (said.observed.length > 0) seen.observed += 1;
        if (said.rules.some((rule) => rule.startsWith('access/'))) seen.access += 1;
        else if (!said.allow) seen.policy += 1;
      }
    }),
    { numRuns: 10_000 },
  );
  // None of the roads through the rule is rare.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1000);
});

describe('the rule', () => {
  const holds = (name: string, property: fc.IProperty<unknown[]> | fc.IRawProperty<unknown>) =>
    test(name, { timeout }, () => {
      fc.assert(property as fc.IRawProperty<unknown>, { numRuns: 5000 });
    });

  holds(
    'adding a Policy never turns a deny into an allow',
    fc.property(documents, policySpec, questions, (all, spec, question) => {
      const more = [...all, document('Policy', 9, spec)];
      expect(allows(all, question) || !allows(more, question)).toBe(true);
    }),
  );

  holds(
    'removing an Exception never turns a deny into an allow',
    fc.property(documents, fc.nat(), questions, (all, at, question) => {
      const exceptions = all.filter(({ kind }) => kind === 'Exception');
      const gone = exceptions[at % Math.max(1, exceptions.length)];
      const fewer = all.filter((one) => one !== gone);
      expect(allows(all, question) || !allows(fewer, question)).toBe(true);
    }),
  );

  holds(
    'document order never matters',
    fc.property(
      documents.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
      ),
      questions,
      ([all, shuffled], question) => {
        expect(answered(setOf(shuffled), question)).toEqual(answered(setOf(all), question));
      },
    ),
  );

  holds(
    'deny always beats allow: what takes an action away is never outweighed',
    fc.property(documents, questions, (all, question) => {
      const allow = [{ actions: ['*'] }];
      const deny = [{ actions: [question.request.action] }];
      const more = [
        ...all,
        document('Access', 8, { subjects: ['*'], allow }),
        document('Access', 9, { subjects: ['*'], deny }),
        document('Exception', 9, {
          rules: ['*/*'],
          match: { subjects: ['*'] },
          reason: 'x',
          expires: 'never',
        }),
      ];
      expect(answered(setOf(more), question)).toMatchObject({ allow: false, exceptions: [] });
    }),
  );

  holds(
    'nothing granted, nothing allowed, once there is an Access document',
    fc.property(documents, questions, (all, question) => {
      const others = all.filter(({ kind }) => kind !== 'Access');
      const access = document('Access', 9, { subjects: ['*'], allow: [{ actions: ['nothing.*'] }] });
      expect(answered(setOf([...others, access]), question)).toMatchObject({
        allow: false,
        rules: ['access/not-granted'],
      });
    }),
  );

  holds(
    '`exclude` never tightens',
    fc.property(documents, fc.nat(), questions, (all, at, question) => {
      const index = at % all.length;
      const without = all.map((one, place) => {
        if (place !== index || one.kind !== 'Policy') return one;
        const { exclude, ...spec } = one.spec;
        return { ...one, spec };
      });
      expect(!allows(without, question) || allows(all, question)).toBe(true);
    }),
  );
});
