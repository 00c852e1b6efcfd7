import { pino } from 'pino';
import { printable } from '../model/printable.js';
import { describeError } from './fault.js';
import { readableLine } from './terminal.js';
/** Longer values are cut: a line is for reading, the ledger is for keeping. */
const longestValue = 500;
/**
 * A logger whose values may come from anybody: each string in them is made printable, each error described,
 * here, for every sink. The text of a line itself is always ours. Bodies and headers have no place in a log.
 */
export function createLog(sink, level = 'info') {
    return pino({
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: (values) => safeEntries(values) },
        // `formatters.log` has described the error by then.
        serializers: { err: (described) => described },
    }, sink);
}
/**
 * Standard error, as JSON or, for a terminal, as short lines. Writing goes through the thread pool, so that a
 * reader that hangs (a full pipe, a stopped terminal) holds up no decision; past 4 MiB lines are lost.
 */
export function stderrSink(terminal, color) {
    const out = pino.destination({ dest: 2, sync: false, maxLength: 4 * 1024 * 1024 });
    return terminal ? { write: (line) => void out.write(readableLine(line, color)) } : out;
}
function safeEntries(values) {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [printable(key), safe(value)]));
}
function safe(value) {
    if (typeof value === 'string')
        return printable(value, longestValue);
    if (value instanceof Error)
        return safeEntries(describeError(value));
    if (Array.isArray(value))
        return value.map(safe);
    return typeof value === 'object' && value !== null ? safeEntries(value) : value;
}
