import { InvalidArgumentError } from 'commander';
import type { Filter } from '../ledger/filter.ts';
import { quote } from '../model/printable.ts';
import { type Clock, parseTime } from './times.ts';

/** The options that say of which time something is. */
export interface TimeFlags {
  readonly since?: string;
  readonly until?: string;
}

/** How a time may be written, for the help. */
export const timeWords =
  'such as 2h, today, yesterday, 10:30, 2026-11-24 or RFC 3339; local where no offset is given';

/** Reads the value of `--limit`. */
export function limit(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0) return value;
  throw new InvalidArgumentError('It is a whole number, below a million.');
}

type Times = Pick<Filter, 'since' | 'until'> | { readonly problem: string; readonly remedy: string };

/** The times that the options mean, or what is wrong with them. */
export function timesOf(flags: TimeFlags, clock: Clock): Times {
  const times: { since?: number; until?: number } = {};
  for (const bound of ['since', 'until'] as const) {
    const text = flags[bound];
    if (text === undefined) continue;
    const time = parseTime(text, bound, clock);
    if (time === undefined) {
      return {
        problem: `\`--${bound}\` is no time: ${quote(text)}.`,
        remedy:
          'Write it as in 30m, 2h, today, yesterday, 10:30, 2026-11-24, "2026-11-24 10:30" or 2026-11-24T09:30:00Z.',
      };
    }
    times[bound] = time;
  }
  const { since, until } = times;
  if (since === undefined || until === undefined || since < until) return times;
  return {
    problem: '`--since` is not before `--until`.',
    remedy: 'Nothing lies between them; exchange them.',
  };
}
