/**
 * The word among `known` that a mistyped one most likely means, or undefined if none is near: at most a
 * third of its letters wrong, left out, added or swapped with a neighbour; case counts for nothing.
 */
export function suggest(word, known) {
    let best;
    let least = Math.max(1, Math.floor(word.length / 3)) + 1;
    for (const candidate of known) {
        if (Math.abs(candidate.length - word.length) >= least)
            continue;
        const steps = distance(word.toLowerCase(), candidate.toLowerCase());
        if (steps < least)
            [best, least] = [candidate, steps];
    }
    return best;
}
/** Optimal string alignment distance: insert, delete, replace, and swap of two neighbours each cost one. */
function distance(a, b) {
    let beforeLast = [];
    let last = Array.from({ length: b.length + 1 }, (_, column) => column);
    for (let row = 1; row <= a.length; row++) {
        const current = [row];
        for (let column = 1; column <= b.length; column++) {
            const same = a[row - 1] === b[column - 1];
            const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
            current[column] = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1), swapped ? at(beforeLast, column - 2) + 1 : Infinity);
        }
        [beforeLast, last] = [last, current];
    }
    return at(last, b.length);
}
function at(row, column) {
    return row[column] ?? Infinity;
}
