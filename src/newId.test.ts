import { decodeTime } from 'ulid';
import { afterEach, expect, it, vi } from 'vitest';
import { newId } from './newId.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('newId() gives ULIDs of now', () => {
  const before = Date.now();
  const id = newId();
  expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  expect(decodeTime(id)).toBeGreaterThanOrEqual(before);
  expect(decodeTime(id)).toBeLessThanOrEqual(Date.now());
});

it('newId() sorts each id behind the one before, and repeats none', () => {
  const ids = Array.from({ length: 10_000 }, newId);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

it('newId() draws every one of the sixteen letters behind the time anew', () => {
  vi.useFakeTimers({ now: Date.now() + 1_000_000 });
  const ids = Array.from({ length: 2000 }, () => {
    vi.advanceTimersByTime(1);
    return newId();
  });
  for (let place = 10; place < 26; place++) {
    expect(new Set(ids.map((id) => id.charAt(place))).size).toBe(32);
  }
});
