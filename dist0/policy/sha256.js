const mask = 0xffffffffn;
/** The first 32 bits of the fractional part of a root of a prime, exactly: FIPS 180-4 takes its constants from there. */
function fraction(prime, degree) {
    // root(p) * 2^32 = root(p * 2^(32 * degree)), an integer root by bisection.
    const wanted = BigInt(prime) << (32n * degree);
    let low = 0n;
    let high = 1n << 40n;
    while (high - low > 1n) {
        const middle = (low + high) / 2n;
        if (middle ** degree <= wanted)
            low = middle;
        else
            high = middle;
    }
    return Number(low & mask);
}
const primes = Array.from({ length: 312 }, (_, number) => number).filter((number) => number > 1 &&
    !Array.from({ length: 17 }, (_, by) => by + 2).some((by) => by < number && number % by === 0));
const roundConstants = Uint32Array.from(primes, (prime) => fraction(prime, 3n));
const initial = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(prime, 2n));
/** SHA-256 of a text's UTF-8 bytes, in hex. The policy floor is pure and synchronous, which neither of Node's own is. */
export function sha256(text) {
    const bytes = new TextEncoder().encode(text);
    const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const state = Uint32Array.from(initial);
    for (let block = 0; block < padded.length; block += 64)
        compress(state, schedule(view, block));
    return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}
function schedule(view, block) {
    const words = new Uint32Array(64);
    for (let index = 0; index < 16; index += 1)
        words[index] = view.getUint32(block + index * 4);
    for (let index = 16; index < 64; index += 1) {
        const early = words[index - 15] ?? 0;
        const late = words[index - 2] ?? 0;
        const mixed = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
        const mixedLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
        words[index] = (words[index - 16] ?? 0) + mixed + (words[index - 7] ?? 0) + mixedLate;
    }
    return words;
}
function compress(state, words) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    words.forEach((word, round) => {
        const choice = (e & f) ^ (~e & g);
        const one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + (roundConstants[round] ?? 0) + word;
        const two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    });
    [a, b, c, d, e, f, g, h].forEach((word, index) => {
        state[index] = (state[index] ?? 0) + word;
    });
}
function rotate(word, by) {
    return (word >>> by) | (word << (32 - by));
}
