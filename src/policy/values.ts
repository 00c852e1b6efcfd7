import { z } from 'zod';

const units = ['', 'k', 'm', 'g', 't', 'p'];
// Both cases by letter: a flag would be lost in the JSON Schema, where editors then mark `2GiB`.
const sizePattern = /^(\d+(?:\.\d+)?) ?([kKmMgGtTpP]?)(?:[iI]?[bB])?$/;
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
