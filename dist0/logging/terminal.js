const colors = { error: '31', warn: '33', info: '36', debug: '2' };
/**
 * One line of the log as a person reads it: local time, level, text, then the values. Takes the line of
 * JSON that `createLog` writes, whose values are printable already; gives a line with its line break.
 */
export function readableLine(json, color) {
    const line = JSON.parse(json);
    const { level, time, msg = '', ...values } = line;
    const clock = new Date(time).toTimeString().slice(0, 8);
    const label = level.padEnd(5);
    const shown = color ? `\u001b[${colors[level] ?? '0'}m${label}\u001b[0m` : label;
    const entries = Object.entries(values);
    return `${[clock, shown, msg, ...entries.map(readableEntry)].join(' ')}\n`;
}
function readableEntry([key, value]) {
    return `${key}=${readableValue(value)}`;
}
function readableValue(value) {
    if (typeof value === 'string')
        return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
    if (Array.isArray(value))
        return value.map(readableValue).join(',');
    if (isError(value)) {
        const place = value.at[0] === undefined ? '' : ` ${value.at[0]}`;
        return JSON.stringify(`${value.type}: ${value.message}${place}`);
    }
    return JSON.stringify(value);
}
function isError(value) {
    return typeof value === 'object' && value !== null && 'type' in value && 'at' in value;
}
