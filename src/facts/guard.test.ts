import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Guard } from './guard.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function soon(): number {
  return performance.now() + 1000;
}

/** Whether a promise, or what is none, is through by now. */
async function isThrough(work: void | Promise<void>): Promise<boolean> {
  let through = false;
  Promise.resolve(work).then(() => (through = true));
  await vi.advanceTimersByTimeAsync(0);
  return through;
}

describe('a hold', () => {
  test.each(['used', 'given'] as const)('lets others take a name that is %s, on the same side', (side) => {
    const guard = new Guard();
    expect(guard.hold().take(side, ['web'], soon())).toBeUndefined();
    expect(guard.hold().take(side, ['web'], soon())).toBeUndefined();
  });

  test.each([
    ['used', 'given'],
    ['given', 'used'],
  ] as const)(
    'of a name that is %s lets nobody have it %s before the last has let go',
    async (first, second) => {
      const guard = new Guard();
      const [one, two, other] = [guard.hold(), guard.hold(), guard.hold()];
      one.take(first, ['web', 'db'], soon());
      two.take(first, ['web'], soon());
      const taking = other.take(second, ['web'], soon());
      one.release();
      expect(await isThrough(taking)).toBe(false);
      two.release();
      expect(await isThrough(taking)).toBe(true);
    },
  );

  test.each([
    ['/web', 'web'],
    ['web', '/web'],
    // The alias of a link goes where its container goes.
    ['web/db', 'web'],
    ['/web/db', 'web'],
  ])('of %s is one of %s', async (used, given) => {
    const guard = new Guard();
    guard.hold().take('used', [used], soon());
    expect(await isThrough(guard.hold().take('given', [given], soon()))).toBe(false);
  });

  test('waits until its time is over, and then says what was in the way', async () => {
    const guard = new Guard();
    guard.hold().take('used', ['web'], soon());
    const late = expect(guard.hold().take('given', ['web'], soon())).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('`web`'),
    });
    await vi.advanceTimersByTimeAsync(1000);
    await late;
  });

  test('takes none of its names while one is not free', async () => {
    const guard = new Guard();
    guard.hold().take('given', ['db'], soon());
    guard.hold().take('used', ['web', 'db'], soon());
    expect(guard.hold().take('given', ['web'], soon())).toBeUndefined();
  });

  test.each(['at once', 'after waiting'])('takes nothing any more when it was let go, %s', async (when) => {
    const guard = new Guard();
    const [hold, other] = [guard.hold(), guard.hold()];
    if (when === 'after waiting') other.take('given', ['web'], soon());
    const taking = when === 'after waiting' ? hold.take('used', ['web'], soon()) : undefined;
    hold.release();
    other.release();
    await (taking ?? hold.take('used', ['web'], soon()));
    expect(guard.hold().take('given', ['web'], soon())).toBeUndefined();
  });

  test('is not in its own way', () => {
    const hold = new Guard().hold();
    hold.take('used', ['web'], soon());
    expect(hold.take('given', ['web'], soon())).toBeUndefined();
  });
});

describe('a claim', () => {
  test('is had by one at a time, until that one is over', () => {
    const guard = new Guard();
    const [one, two] = [guard.hold(), guard.hold()];
    expect([one.claim('data'), two.claim('data'), two.claim('logs')]).toEqual([true, false, true]);
    expect([one.isEmpty, two.isEmpty]).toEqual([false, false]);
    one.release();
    expect(two.claim('data')).toBe(true);
    // For good.
    expect(one.claim('other')).toBe(false);
    expect(two.claim('other')).toBe(true);
  });

  test('is kept until the response', () => {
    const guard = new Guard();
    const one = guard.hold();
    one.claim('data');
    guard.keep(one, 'key');
    expect(guard.hold().claim('data')).toBe(false);
    guard.settle('key');
    expect(guard.hold().claim('data')).toBe(true);
  });
});

describe('a hold that is kept', () => {
  test('goes with the response of its request', () => {
    const guard = new Guard();
    const hold = guard.hold();
    hold.take('used', ['web'], soon());
    guard.keep(hold, 'request');
    guard.settle('another');
    expect([hold.isEmpty, guard.isIdle]).toEqual([false, false]);
    guard.settle('request');
    expect([hold.isEmpty, guard.isIdle]).toEqual([true, true]);
    // As when the daemon tells of one response twice.
    guard.settle('request');
  });

  test('goes in the order of equal requests', () => {
    const guard = new Guard();
    const [one, two] = [guard.hold(), guard.hold()];
    one.take('used', ['a'], soon());
    two.take('used', ['b'], soon());
    guard.keep(one, 'request');
    guard.keep(two, 'request');
    guard.settle('request');
    expect([one.isEmpty, two.isEmpty]).toEqual([true, false]);
  });

  test('goes after its time where no response comes', async () => {
    const guard = new Guard();
    const hold = guard.hold();
    hold.take('used', ['web'], soon());
    guard.keep(hold, 'request', 2000);
    await vi.advanceTimersByTimeAsync(1999);
    expect(hold.isEmpty).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([hold.isEmpty, guard.isIdle]).toEqual([true, true]);
  });
});

test('never is a name used and given at once, whatever the order', async () => {
  const step = fc.record({
    side: fc.constantFrom('used' as const, 'given' as const),
    names: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
    keeps: fc.integer({ min: 1, max: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const guard = new Guard();
      const held = { used: new Map<string, number>(), given: new Map<string, number>() };
      const work = steps.map(async ({ side, names, keeps }) => {
        const hold = guard.hold();
        const other = side === 'used' ? held.given : held.used;
        try {
          await hold.take(side, names, performance.now() + 50);
        } catch {
          return;
        }
        for (const name of names) {
          expect(other.get(name) ?? 0).toBe(0);
          held[side].set(name, (held[side].get(name) ?? 0) + 1);
        }
        await new Promise((resolve) => setTimeout(resolve, keeps));
        for (const name of names) held[side].set(name, (held[side].get(name) ?? 0) - 1);
        hold.release();
      });
      await vi.advanceTimersByTimeAsync(5000);
      await Promise.all(work);
      // All is free again.
      for (const side of ['used', 'given'] as const) {
        const hold = guard.hold();
        expect(hold.take(side, ['a', 'b', 'c'], 0)).toBeUndefined();
        hold.release();
      }
    }),
  );
});
