import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../model/error.ts';
import { Looks } from './looks.ts';

describe('Looks', () => {
  it('waits no longer than it was told, and says what was not seen', async () => {
    const looks = new Looks();
    expect(await looks.at('a dead disk', () => new Promise(() => {}), 10)).toBeUndefined();
    expect(looks.unseen).toEqual([{ what: 'a dead disk', why: 'no answer within 0.01 s' }]);
  });

  // What is said is the shortest that tells the reason.
  it.each<[string, () => unknown, string]>([
    ['an error of the system', () => rm('/nonexistent-bulwark/x'), 'ENOENT'],
    [
      'an abort',
      () => Promise.reject(Object.assign(new Error('x'), { code: 'ABORT_ERR' })),
      'no answer in time',
    ],
    ['a refusal', () => Promise.reject(new Refusal('daemon-json', 'it is broken.')), 'it is broken.'],
    [
      'a program that failed',
      () => Promise.reject(Object.assign(new Error('Command failed'), { code: 1, stderr: 'no bus\n' })),
      'no bus',
    ],
    [
      'what is thrown at once',
      () => {
        throw new Error('only root');
      },
      'only root',
    ],
  ])('goes on after %s', async (_, look, why) => {
    const looks = new Looks();
    expect(await looks.at('x', look)).toBeUndefined();
    expect(looks.unseen).toEqual([{ what: 'x', why }]);
  });

  it('gives what was seen, and leaves nothing behind', async () => {
    const looks = new Looks();
    expect(await looks.at('x', () => 7)).toBe(7);
    expect(looks.unseen).toEqual([]);
  });
});
