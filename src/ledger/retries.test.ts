import { expect, it } from 'vitest';
import { Retries, retryWindow } from './retries.ts';

const decided = 1_000_000;
const message = { digest: 'd', allow: false, rules: ['a/b'] };

// A process that starts anew learns of a decision some time after it was made.
it.each([
  ['within the window is a retry', retryWindow - 1, 'first'],
  ['after the window is an honest repeat', retryWindow, undefined],
])('a message that comes again %s, which begins with the decision', (_, later, id) => {
  const retries = new Retries();
  retries.lose({ ...message, id: 'first', time: decided }, decided + retryWindow / 2);
  expect(retries.take(message, decided + later)).toBe(id);
});
