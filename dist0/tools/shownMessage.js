/** What dockerd never tells a plugin (authz.md, plugin protocol, 5: 20.10 to 29.7). Go takes the first two out itself. */
const hiddenHeaders = new Set([
    'Host',
    'Transfer-Encoding',
    'Authorization',
    'X-Registry-Auth',
    'X-Registry-Config',
]);
/** From this size on daemons without the fix of CVE-2026-34040 (all of 26 to 28) hide a body: 1 MiB. */
const hiddenFrom = 1024 * 1024;
/**
 * What dockerd tells its authorization plugin of a request. Where releases differ, what the one that shows least
 * shows: a body is there only for plain JSON that is not chunked, below 1 MiB and no credentials.
 */
export function shownMessage(method, uri, raw, body) {
    const headers = lastHeaders(raw);
    const shown = Object.entries(headers).filter(([name]) => !hiddenHeaders.has(name));
    const message = { method, uri, headers: Object.fromEntries(shown) };
    return body.length > 0 && body.length < hiddenFrom && showsBody(uri, raw) ? { ...message, body } : message;
}
/** Whether dockerd would show the body of such a request at all. */
export function showsBody(uri, raw) {
    if ('Transfer-Encoding' in lastHeaders(raw))
        return false;
    const path = uri.split('?')[0] ?? '';
    if (/^(?:\/v[\d.]+)?\/auth/.test(path) || uri.endsWith('/auth'))
        return false;
    return /^\s*application\/json\s*(?:;|$)/i.test(firstHeader(raw, 'Content-Type') ?? '');
}
/** Under Go's spelling of their names; a repeated one keeps its last value, as dockerd tells it. */
function lastHeaders(raw) {
    return Object.fromEntries(pairs(raw));
}
/** dockerd decides by the first. */
function firstHeader(raw, name) {
    return pairs(raw).find(([key]) => key === name)?.[1];
}
function pairs(raw) {
    const found = [];
    for (let at = 0; at + 1 < raw.length; at += 2)
        found.push([goName(raw[at] ?? ''), raw[at + 1] ?? '']);
    return found;
}
function goName(name) {
    return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
