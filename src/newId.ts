import { randomBytes } from 'node:crypto';
import { encodeTime } from 'ulid';

/** Crockford's base 32, in which a ULID is written: its order is that of the numbers. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

let time = 0;
/** Ten letters of time and eleven of chance, the same for one millisecond. */
let prefix = '';
let count = 0;

/**
 * A new ULID: its first ten letters tell the time, and within this process each sorts behind the one before, also
 * when the clock is set back. Chance is asked for once in a millisecond, since asking costs more than a decision.
 */
export function newId(): string {
  const now = Date.now();
  if (now > time) {
    time = now;
    prefix = encodeTime(now, 10) + Array.from(randomBytes(11), digit).join('');
    count = 0;
  }
  const id =
    prefix + digit(count >> 20) + digit(count >> 15) + digit(count >> 10) + digit(count >> 5) + digit(count);
  count += 1;
  return id;
}

/** Of the lowest five bits. */
function digit(number: number): string {
  return digits.charAt(number & 31);
}
