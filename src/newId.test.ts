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

it('newId() draws eleven letters behind the time anew each millisecond, and counts within one', () => {
  vi.useFakeTimers({ now: Date.now() + 1_000_000 });
  const ids = Array.from({ length: 2000 }, () => {
    vi.advanceTimersByTime(1);
    return newId();
  });
  for (let place = 10; place < 21; place++) {
    expect(new Set(ids.map((id) => id.charAt(place))).size).toBe(32);
  }
  const [one = '', other = ''] = [newId(), newId()];
  expect(other.slice(0, 21)).toBe(one.slice(0, 21));
  expect(one < other).toBe(true);
});

it('newId() goes on where it was when the clock is set back', () => {
  vi.useFakeTimers({ now: Date.now() + 2_000_000 });
  const before = newId();
  vi.setSystemTime(Date.now() - 60_000);
  expect(newId() > before).toBe(true);
});
