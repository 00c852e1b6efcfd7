/** The present in milliseconds since 1970, and the time zone in which days begin: `Europe/Berlin`. */
export interface Clock {
  readonly now: number;
  readonly zone: string;
}

/** The clock of this process. */
export function localClock(): Clock {
  return { now: Date.now(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC' };
}

const units = [
  [/^s(?:ec(?:ond)?s?)?$/, 1000],
  [/^m(?:in(?:ute)?s?)?$/, 60_000],
  [/^h(?:(?:ou)?rs?)?$/, 3_600_000],
  [/^d(?:ays?)?$/, 86_400_000],
  [/^w(?:eeks?)?$/, 604_800_000],
] as const;

const forms =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ?(Z|[+-]\d\d:\d\d))?)?$/i;

/**
 * A time as people write it, in milliseconds since 1970: `30m`, `2 hours ago`, `now`, `today`, `yesterday`, `10:30`,
 * a date, a date with a time of the local zone or with its own offset (RFC 3339). A day stands for its beginning
 * after `since`, for its end after `until`; a time of the day is the last one that was. Undefined: not a time.
 */
export function parseTime(text: string, bound: 'since' | 'until', clock: Clock): number | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'now') return clock.now;
  const daysAgo = ['today', 'yesterday'].indexOf(word);
  if (daysAgo >= 0) return dayFrom(localDay(clock), -daysAgo, bound, clock.zone);
  return ago(word, clock.now) ?? timeOfDay(word, clock) ?? date(word, bound, clock.zone);
}

function ago(word: string, now: number): number | undefined {
  const spans = /^((?:\d{1,6} ?[a-z]+ ?)+?)(?: ?ago)?$/.exec(word)?.[1];
  if (spans === undefined) return undefined;
  let sum = 0;
  for (const [, amount, name = ''] of spans.matchAll(/(\d+) ?([a-z]+)/g)) {
    const unit = units.find(([pattern]) => pattern.test(name))?.[1];
    if (unit === undefined) return undefined;
    sum += Number(amount) * unit;
  }
  return now - sum;
}

function timeOfDay(word: string, clock: Clock): number | undefined {
  const [matched, hour, minute, second = '0'] = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(word) ?? [];
  if (matched === undefined) return undefined;
  const at = Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const today = fromLocal(localDay(clock) + at, clock.zone);
  return today <= clock.now ? today : fromLocal(localDay(clock) - 86_400_000 + at, clock.zone);
}

function date(word: string, bound: 'since' | 'until', zone: string): number | undefined {
  const [matched, year, month, day, hour, minute, second = '00', fraction = '', offset] =
    forms.exec(word) ?? [];
  if (matched === undefined) return undefined;
  const text = `${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second}`;
  const wall = Date.parse(`${text}Z`);
  // What Date would carry over, such as the 30th of February, is no date.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 19) !== text) return undefined;
  if (hour === undefined) return dayFrom(wall, 0, bound, zone);
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  if (offset === undefined) return fromLocal(wall + milliseconds, zone);
  const shift = offsetIn(offset);
  return shift === undefined ? undefined : wall + milliseconds - shift;
}

function offsetIn(text: string): number | undefined {
  if (text === 'z') return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4))];
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** The beginning of a day some days later, or its end. `day` is as the clock on the wall would show it in UTC. */
function dayFrom(day: number, later: number, bound: 'since' | 'until', zone: string): number {
  return fromLocal(day + (later + (bound === 'until' ? 1 : 0)) * 86_400_000, zone);
}

/** When today began, as `--since today` has it. */
export function startOfDay(clock: Clock): number {
  return fromLocal(localDay(clock), clock.zone);
}

/** Midnight of today on the wall. */
function localDay({ now, zone }: Clock): number {
  const wall = now + offsetAt(now, zone);
  return wall - (wall % 86_400_000);
}

/** When the clock on the wall shows this; where it does twice or never, near that. */
function fromLocal(wall: number, zone: string): number {
  return wall - offsetAt(wall - offsetAt(wall, zone), zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the zone adds to UTC at a time, in milliseconds. */
function offsetAt(time: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes = '0', seconds = '0'] =
    /^GMT([+-])(\d\d):?(\d\d)?:?(\d\d)?$/.exec(name) ?? [];
  if (sign === undefined) return 0;
  const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -size : size;
}

/** A time for people, in a zone and with its offset: `2026-11-24 10:31:02 +01:00`. `parseTime` reads it. */
export function showTime(time: number, zone: string, milliseconds = false): string {
  const offset = offsetAt(time, zone);
  const wall = new Date(time + offset).toISOString();
  const minutes = Math.abs(Math.trunc(offset / 60_000));
  const two = (value: number) => String(value).padStart(2, '0');
  const shift = `${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
  return `${wall.slice(0, 10)} ${wall.slice(11, milliseconds ? 23 : 19)} ${shift}`;
}
