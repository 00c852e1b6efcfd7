import { expect, test } from 'vitest';
import { splitWords } from './words.ts';

test.each([
  ['docker run alpine', ['docker', 'run', 'alpine']],
  ['  a   b ', ['a', 'b']],
  [`a 'b "c' d`, ['a', 'b "c', 'd']],
  [`--label="x y"'z'`, ['--label=x yz']],
  ['a\\ b "\\"\\n" \'\'', ['a b', '"\\n', '']],
])('splitWords() splits %j as a shell does', (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test('splitWords() gives nothing for an open quote', () => {
  expect(splitWords("docker run 'alpine")).toBeUndefined();
});
