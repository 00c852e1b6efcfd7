const hourLength = 3_600_000;

/** What is counted by: each of these has rows of its own, so that a long time is read in few. */
export const levels = ['hour', 'day', 'month'] as const;
export type Level = (typeof levels)[number];

/** The end of time, and the beginning of a month: 10000-01-01. */
const forever = Date.UTC(10_000, 0) / hourLength;

/** The hour of a time in milliseconds since 1970. Periods are named by their first hour, counted since 1970 in UTC. */
export function hourOf(time: number): number {
  return Math.floor(time / hourLength);
}

/** When an hour begins, in milliseconds since 1970. */
export function timeOf(hour: number): number {
  return hour * hourLength;
}

/** The first hour of the period that an hour is in; months are those of the calendar. */
export const periodOf: Readonly<Record<Level, (hour: number) => number>> = {
  hour: (hour) => hour,
  day: (hour) => hour - (hour % 24),
  month: (hour) => {
    const date = new Date(timeOf(hour));
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / hourLength;
  },
};

/** The first hour behind the period that an hour is in. */
const nextOf: Readonly<Record<Level, (hour: number) => number>> = {
  hour: (hour) => hour + 1,
  day: (hour) => periodOf.day(hour) + 24,
  month: (hour) => {
    const date = new Date(timeOf(hour));
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) / hourLength;
  },
};

/** Whole hours from the first up to the second, which is not part of them. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

/** The hours that a time from `since` up to `until` lies in, in milliseconds since 1970; a bound that is absent bounds nothing. */
export function hoursOf({ since, until }: { readonly since?: number; readonly until?: number }): Hours {
  return {
    from: since === undefined ? 0 : Math.max(0, hourOf(since)),
    to: until === undefined ? forever : Math.min(forever, hourOf(until - 1) + 1),
  };
}

/** Periods of one level that follow each other. */
export interface Run extends Hours {
  readonly level: Level;
}

/** The hours as periods that are as long as possible, none of which reaches beyond them. */
export function runsOf(hours: Hours): readonly Run[] {
  const whole = (level: Level, { from, to }: Hours): Hours => ({
    from: periodOf[level](from) === from ? from : nextOf[level](from),
    to: periodOf[level](to),
  });
  const split = ([level, longer, ...rest]: readonly Level[], { from, to }: Hours): readonly Run[] => {
    if (level === undefined || from >= to) return [];
    const inner = longer && whole(longer, { from, to });
    if (longer === undefined || inner === undefined || inner.from >= inner.to) return [{ level, from, to }];
    return [
      { level, from, to: inner.from },
      ...split([longer, ...rest], inner),
      { level, from: inner.to, to },
    ].filter((run) => run.from < run.to);
  };
  return split(levels, hours);
}

/** The first hours of the periods of a run. */
export function periodsOf({ level, from, to }: Run): readonly number[] {
  const periods: number[] = [];
  for (let period = from; period < to; period = nextOf[level](period)) periods.push(period);
  return periods;
}
