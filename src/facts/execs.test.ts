import { expect, test } from 'vitest';
import { Execs } from './execs.ts';

function answer(id: unknown): Buffer {
  return Buffer.from(JSON.stringify({ Id: id }));
}

const [one = '', two = '', three = ''] = ['1', '2', '3'].map((digit) => digit.repeat(64));

test('an exec passes for whom it was made, and for nobody else', () => {
  const execs = new Execs();
  execs.made(answer(one), 'alice');
  expect([execs.passes(one, 'alice'), execs.passes(one, 'bob'), execs.passes(two, 'alice')]).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([undefined, Buffer.from('not JSON'), Buffer.from('null'), answer(7), answer(''), answer('../x')])(
  'what is no answer to a create makes nothing known: %s',
  (bytes) => {
    const execs = new Execs();
    execs.made(bytes, 'alice');
    for (const id of ['', '7', '../x', 'undefined', 'null']) expect(execs.passes(id, 'alice')).toBe(false);
  },
);

test('the oldest is forgotten first', () => {
  const execs = new Execs(2);
  for (const id of [one, two, three]) execs.made(answer(id), 'alice');
  expect([one, two, three].map((id) => execs.passes(id, 'alice'))).toEqual([false, true, true]);
});
