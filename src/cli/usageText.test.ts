import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupings } from '../ledger/account/show.ts';
import { counted, nothing, type Tally } from '../ledger/account/tally.ts';
import { widthOf } from './textTable.ts';
import { boundsText, linesText, subjectText } from './usageText.ts';

const zone = 'Europe/Berlin';
const at = Date.parse('2026-11-24T08:00:00.000Z');

const tally: fc.Arbitrary<Tally> = fc
  .record(Object.fromEntries(counted.map((name) => [name, fc.integer({ min: 0, max: 10_000_000 })])))
  .map((numbers) => ({ ...nothing, ...numbers, first: at, last: at, newest: '01M85DHPM00000000000029999' }));
const name = fc.string({
  minLength: 1,
  maxLength: 300,
  unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)),
});
const lines = fc.array(fc.record({ key: name, tally }), { minLength: 1, maxLength: 5 });

const isHarmless = (text: string) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);

describe('a list', () => {
  it.each([80, 100, 140])('fits a screen of %i columns, whatever the names and numbers', (width) => {
    fc.assert(
      fc.property(lines, fc.constantFrom(...groupings), (all, by) => {
        const shown = linesText(by, all, zone, { width, color: false });
        expect(shown.filter((line) => widthOf(line) > width)).toEqual([]);
        expect(shown.filter((line) => !isHarmless(line))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('has colors where the screen has', () => {
    const one = [{ key: 'alice', tally: { ...nothing, requests: 1 } }];
    expect(linesText('user', one, zone, { color: true }).join('')).toContain('\u001b[32m█');
    expect(linesText('user', one, zone, { color: false }).join('')).not.toContain('\u001b');
  });

  it('gives each what is not nothing a bar, and the most a whole one', () => {
    const all = [1_000_000, 500_000, 1, 0].map((requests) => ({ key: 'x', tally: { ...nothing, requests } }));
    const bars = linesText('user', all, zone, { color: false }).map((line) => /[█-▏]+/.exec(line)?.[0] ?? '');
    expect(bars).toEqual(['', '█'.repeat(16), '█'.repeat(8), '▏', '']);
  });
});

describe('a page', () => {
  it('is harmless, whatever the names', () => {
    fc.assert(
      fc.property(name, tally, lines, (any, total, all) => {
        const seen = { value: any, first: at, lastDay: at };
        const account = {
          subject: any,
          tally: total,
          groups: [seen],
          methods: [seen],
          clients: [seen],
          actions: all,
          rules: all,
          owns: [
            {
              kind: 'volume',
              count: 1,
              newest: [{ kind: 'volume', id: any, name: any, decision: 'd', time: at }],
            },
          ],
          hours: [{ hour: 498_000, requests: 3 }],
        };
        const shown = subjectText(account, zone, { width: 80, color: false });
        expect(shown.filter((line) => !isHarmless(line))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('boundsText()', () => {
  it('says how far an account goes that is still being made', () => {
    const text = boundsText({ from: 0, to: 70_389_528 }, { since: at, until: at, behind: 30_000 }, zone);
    expect(text).toEqual([
      'Counted since 2026-11-24 09:00.',
      'The account is still being made: it goes to 2026-11-24 09:00, and 30000 records are not counted yet. Ask again in a while.',
    ]);
  });
});
