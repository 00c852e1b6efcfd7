import { z } from 'zod';

const units = ['', 'k', 'm', 'g', 't', 'p'];
const sizePattern = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i;
const sizeError = 'not a size: write bytes, or a number with a unit as in 512m or 2GiB';

/**
 * A size in bytes, read as `docker run --memory` reads it (go-units' RAMInBytes): a number, or text such as
 * `512m`, `1.5g`, `2GiB`; every unit is a power of 1024, in either case. Gives a safe integer, 0 or more.
 */
export const bytes = z
  .union([z.int(sizeError).nonnegative(sizeError), z.string().regex(sizePattern, sizeError)], sizeError)
  .transform((value, context) => {
    const size = typeof value === 'number' ? value : sizeInBytes(value);
    if (Number.isSafeInteger(size)) return size;
    context.addIssue({ code: 'custom', message: 'a size of 8p or more: no host has that' });
    return z.NEVER;
  })
  .meta({ title: 'size' });

function sizeInBytes(text: string): number {
  const [, amount = '', unit = ''] = sizePattern.exec(text) ?? [];
  return Math.floor(Number(amount) * 1024 ** units.indexOf(unit.toLowerCase()));
}

const cpuPattern = /^(\d{1,6})(?:\.(\d{1,9}))?$/;
const cpuError = 'not a number of CPUs: write it as in 2 or 0.5';

/** A number of CPUs as `docker run --cpus` takes it, `2` or `0.5`. Gives nano-CPUs, a safe integer, exactly. */
export const nanoCpus = z
  .union([z.number(cpuError), z.string(cpuError)], cpuError)
  .transform((value, context) => {
    // By way of the text, since 1.1 * 1e9 is no integer.
    const [matched, whole = '', fraction = ''] = cpuPattern.exec(String(value)) ?? [];
    if (matched !== undefined) return Number(whole + fraction.padEnd(9, '0'));
    context.addIssue({ code: 'custom', message: cpuError });
    return z.NEVER;
  })
  .meta({ title: 'CPUs' });

const durations = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const durationPattern = /^(\d{1,9})(ms|s|m|h|d)$/;
const durationError = 'not a duration: write a whole number with a unit as in 500ms, 5s, 15m, 12h or 90d';

/** A duration such as `500ms`, `5s`, `90d`. Gives milliseconds. Without a unit it is refused: nobody can tell which was meant. */
export const milliseconds = z
  .string(durationError)
  .regex(durationPattern, durationError)
  .transform((value) => {
    const [, amount = '', unit = ''] = durationPattern.exec(value) ?? [];
    // The pattern leaves only the keys of the table.
    return Number(amount) * durations[unit as keyof typeof durations];
  })
  .meta({ title: 'duration' });
