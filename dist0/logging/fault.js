/**
 * Describes what was thrown. A SyntaxError's message is left out: `JSON.parse` quotes the text around the error
 * in it, which may be a secret.
 */
export function describeError(thrown) {
    if (!(thrown instanceof Error)) {
        return { type: typeof thrown, message: typeof thrown === 'string' ? thrown : 'not an error', at: [] };
    }
    const message = thrown instanceof SyntaxError ? '(left out, since it may quote a secret)' : thrown.message;
    return { type: thrown.name, message, at: frames(thrown.stack ?? '') };
}
function frames(stack) {
    return stack
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => /^at .+:\d+:\d+\)?$/.test(line))
        .slice(0, 8);
}
