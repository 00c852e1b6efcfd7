import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourOf, hoursOf, periodOf, periodsOf, runsOf, timeOf } from './periods.ts';

const hour = (text: string) => hourOf(Date.parse(text));

describe('runsOf()', () => {
  it('covers each hour once, and no other', () => {
    const some = fc.integer({ min: hour('2023-12-01T00:00Z'), max: hour('2024-04-15T00:00Z') });
    fc.assert(
      fc.property(some, some, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const hours = runsOf({ from, to }).flatMap((run) =>
          periodsOf(run).flatMap((period) => {
            const all: number[] = [];
            for (let at = period; periodOf[run.level](at) === period; at++) all.push(at);
            return all;
          }),
        );
        expect(hours).toEqual(Array.from({ length: to - from }, (_, nth) => from + nth));
      }),
    );
  });

  it.each<[string, string, readonly string[]]>([
    // A leap year: its February is a month as any other.
    ['2024-01-01T00:00Z', '2024-03-01T00:00Z', ['month 2024-01-01T00', 'month 2024-02-01T00']],
    [
      '2024-02-28T23:00Z',
      '2024-03-01T01:00Z',
      ['hour 2024-02-28T23', 'day 2024-02-29T00', 'hour 2024-03-01T00'],
    ],
    ['2024-02-29T05:00Z', '2024-02-29T06:00Z', ['hour 2024-02-29T05']],
    ['2024-02-29T05:00Z', '2024-02-29T05:00Z', []],
  ])('from %s to %s reads as few rows as there can be', (from, to, expected) => {
    const runs = runsOf({ from: hour(from), to: hour(to) });
    const shown = runs.flatMap((run) =>
      periodsOf(run).map((period) => `${run.level} ${new Date(timeOf(period)).toISOString().slice(0, 13)}`),
    );
    expect(shown).toEqual(expected);
  });

  it('without bounds reads months alone', () => {
    expect(runsOf(hoursOf({})).map(({ level }) => level)).toEqual(['month']);
  });
});

describe('hoursOf()', () => {
  it.each<[string, string, string, string]>([
    // Outward, to whole hours: what is asked for is in it.
    ['2026-11-24T10:31Z', '2026-11-24T10:32Z', '2026-11-24T10:00Z', '2026-11-24T11:00Z'],
    ['2026-11-24T10:00Z', '2026-11-24T11:00Z', '2026-11-24T10:00Z', '2026-11-24T11:00Z'],
    ['1969-01-01T00:00Z', '2026-11-24T10:59:59.999Z', '1970-01-01T00:00Z', '2026-11-24T11:00Z'],
  ])('%s to %s', (since, until, from, to) => {
    expect(hoursOf({ since: Date.parse(since), until: Date.parse(until) })).toEqual({
      from: hour(from),
      to: hour(to),
    });
  });
});
