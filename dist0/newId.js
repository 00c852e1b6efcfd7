import { randomFillSync } from 'node:crypto';
import { monotonicFactory } from 'ulid';
const pool = new Uint8Array(4096);
let next = pool.length;
/** ulid asks for chance a letter at a time, and asking the system each time costs more than the whole decision. */
function chance() {
    if (next === pool.length) {
        randomFillSync(pool);
        next = 0;
    }
    return (pool[next++] ?? 0) / 256;
}
/** A new ULID: its first ten letters tell the time, and within this process each sorts behind the one before. */
export const newId = monotonicFactory(chance);
