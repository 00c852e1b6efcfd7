import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ownedBy, owning } from './obligation.ts';

it('ownedBy() gives back what owning() wrote, whatever the name', () => {
  const own = fc.record({
    kind: fc.constantFrom('volume', 'network'),
    name: fc.string({ minLength: 1, unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
  });
  fc.assert(
    fc.property(own, (one) => {
      expect(ownedBy([owning(one)])).toEqual([one]);
    }),
  );
});

it.each<[string, readonly string[], readonly string[]]>([
  ['each thing once', ['own volume a', 'own volume a', 'own volume b'], ['a', 'b']],
  ['with blanks and breaks in its name', ['own volume a own\nvolume b '], ['a own\nvolume b ']],
  [
    'no other obligation',
    ['reserve memory 5', 'own', 'own volume', 'own volume ', 'own Volume a', ' own volume a'],
    [],
  ],
])('ownedBy() reads %s', (_, obligations, names) => {
  expect(ownedBy(obligations).map(({ name }) => name)).toEqual(names);
});
