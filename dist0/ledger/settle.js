/** Reads a message of the response phase. Without a status nothing is known: dockerd leaves it out for many errors. */
export function responseOf({ status, responseBody }) {
    if (status === undefined)
        return { outcome: 'unknown' };
    if (status >= 400)
        return { outcome: 'failed', status };
    const newId = responseBody && newIdIn(responseBody);
    return { outcome: 'done', status, ...(newId && { newId }) };
}
/** Ids have 64 characters and names at most 255; what is longer is neither. */
const longestId = 255;
/** `Id` of containers, networks, commits and execs, `ID` in a swarm, `Name` of volumes; swarm.init answers the bare id. */
function newIdIn(body) {
    const value = parse(body);
    const id = typeof value === 'object' && value !== null ? fieldOf(value) : value;
    return typeof id === 'string' && id.length <= longestId ? id : undefined;
}
function fieldOf(value) {
    return value.Id ?? value.ID ?? value.Name;
}
function parse(body) {
    try {
        return JSON.parse(Buffer.from(body).toString('utf8'));
    }
    catch {
        return undefined;
    }
}
