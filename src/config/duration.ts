import { z } from 'zod';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

const day = 24 * 60 * 60_000;

/** Shorter denies everything on a busy host, longer is no deadline for who waits at a terminal. */
const least = 10;
const most = 10 * 60_000;

/** A duration as people write it, `500ms`, `5s` or `1m`; its value is in milliseconds. */
export const durationSchema = z.string().transform((text, context): number => {
  const [, digits, unit] = /^(\d{1,7})(ms|s|m)$/.exec(text) ?? [];
  const duration = Number(digits) * (units[unit ?? ''] ?? Number.NaN);
  if (duration >= least && duration <= most) return duration;
  const message = Number.isNaN(duration)
    ? 'a duration is a whole number with its unit, such as `5s` or `500ms`'
    : `must be between ${least}ms and ${most / 60_000}m`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** How long something is kept, in hours or days: `400d`; its value is in milliseconds. */
export const ageSchema = z.string().transform((text, context): number => {
  const [, digits, unit] = /^(\d{1,6})([hd])$/.exec(text) ?? [];
  const age = Number(digits) * (unit === 'd' ? day : day / 24);
  if (age > 0) return age;
  context.addIssue({ code: 'custom', message: 'an age is a whole number of hours or days, such as `400d`' });
  return z.NEVER;
});

const hour = 60 * 60_000;

/** How long a token holds, in minutes, hours or days: `8h`; its value is in milliseconds. */
export const lifeSchema = z.string().transform((text, context): number => {
  const [, digits, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const life = Number(digits) * ({ m: 60_000, h: hour, d: day }[unit ?? ''] ?? Number.NaN);
  if (life > 0 && life <= 90 * day) return life;
  const message = Number.isNaN(life)
    ? 'a life is a whole number of minutes, hours or days, such as `8h`'
    : 'must be between 1m and 90d';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
