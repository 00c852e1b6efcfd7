import { describe, expect, it } from 'vitest';
import { parseTime, showTime } from './times.ts';

const now = Date.parse('2026-11-24T09:30:00.500Z');
const berlin = { now, zone: 'Europe/Berlin' };

describe('parseTime()', () => {
  it.each([
    // A span counts back from now.
    ['30m', '2026-11-24T09:00:00.500Z'],
    ['2h', '2026-11-24T07:30:00.500Z'],
    ['1h30m', '2026-11-24T08:00:00.500Z'],
    ['2 hours ago', '2026-11-24T07:30:00.500Z'],
    ['90 sec', '2026-11-24T09:28:30.500Z'],
    ['7d', '2026-11-17T09:30:00.500Z'],
    ['1 week ago', '2026-11-17T09:30:00.500Z'],
    ['now', '2026-11-24T09:30:00.500Z'],
    // Days and times without an offset are local.
    ['today', '2026-11-23T23:00:00.000Z'],
    ['Yesterday', '2026-11-22T23:00:00.000Z'],
    ['10:29', '2026-11-24T09:29:00.000Z'],
    ['10:31', '2026-11-23T09:31:00.000Z'],
    ['2026-11-20', '2026-11-19T23:00:00.000Z'],
    ['2026-11-20 08:15', '2026-11-20T07:15:00.000Z'],
    ['2026-11-20T08:15:30.25', '2026-11-20T07:15:30.250Z'],
    // In summer time, and on the day on which it ends, which has 25 hours.
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-10-25', '2026-10-24T22:00:00.000Z'],
    // RFC 3339, and what showTime() shows.
    ['2026-11-20T08:15:00Z', '2026-11-20T08:15:00.000Z'],
    ['2026-11-20t08:15:00.123456z', '2026-11-20T08:15:00.123Z'],
    ['2026-11-20T08:15:00-05:30', '2026-11-20T13:45:00.000Z'],
    ['2026-11-20 08:15:00 +01:00', '2026-11-20T07:15:00.000Z'],
  ])('reads --since %s', (text, expected) => {
    expect(new Date(parseTime(text, 'since', berlin) ?? 0).toISOString()).toBe(expected);
  });

  // Behind --until a day is meant with all its hours.
  it.each([
    ['today', '2026-11-24T23:00:00.000Z'],
    ['yesterday', '2026-11-23T23:00:00.000Z'],
    ['2026-10-25', '2026-10-25T23:00:00.000Z'],
    ['2h', '2026-11-24T07:30:00.500Z'],
    ['2026-11-20 08:15', '2026-11-20T07:15:00.000Z'],
  ])('reads --until %s', (text, expected) => {
    expect(new Date(parseTime(text, 'until', berlin) ?? 0).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '2',
    '2 parsecs',
    '-2h',
    '25:00',
    '10:60',
    '2026-02-30',
    '2026-13-01',
    '2026-11-20T24:01',
    '2026-11-20T08:15+99:00',
    '20261120',
    '1h ago 2',
  ])('takes %j for no time', (text) => {
    expect(parseTime(text, 'since', berlin)).toBeUndefined();
  });

  it('takes the zone from its clock', () => {
    const today = (zone: string) => new Date(parseTime('today', 'since', { now, zone }) ?? 0).toISOString();
    expect(today('UTC')).toBe('2026-11-24T00:00:00.000Z');
    expect(today('America/Los_Angeles')).toBe('2026-11-24T08:00:00.000Z');
    expect(today('Asia/Kathmandu')).toBe('2026-11-23T18:15:00.000Z');
  });
});

describe('showTime()', () => {
  it.each([
    ['UTC', '2026-11-24 09:30:00 +00:00'],
    ['Europe/Berlin', '2026-11-24 10:30:00 +01:00'],
    ['America/St_Johns', '2026-11-24 06:00:00 -03:30'],
    ['Pacific/Auckland', '2026-11-24 22:30:00 +13:00'],
  ])('shows local time with its offset: %s', (zone, expected) => {
    expect(showTime(now, zone)).toBe(expected);
    expect(parseTime(expected, 'since', berlin)).toBe(now - 500);
  });

  it('shows milliseconds where they are wanted', () => {
    expect(showTime(now, 'Europe/Berlin', true)).toBe('2026-11-24 10:30:00.500 +01:00');
  });
});
