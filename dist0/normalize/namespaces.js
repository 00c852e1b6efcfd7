/** Words that mean themselves, by namespace; others are names of networks, or words the daemon may refuse. */
const words = {
    network: ['host', 'none'],
    pid: ['host', 'private'],
    ipc: ['host', 'none', 'private', 'shareable'],
    uts: ['host', 'private'],
    user: ['host', 'private'],
    cgroup: ['host', 'private'],
};
/**
 * Reads a namespace setting. Letter case counts: the daemon takes `HOST` for a network's name or for
 * nothing (E 20.10). `default` and `bridge` are the daemon's own network.
 */
export function parseNamespace(kind, given) {
    if (given === '')
        return { mode: 'default', given };
    if (given.startsWith('container:'))
        return { mode: 'container', ref: given.slice('container:'.length), given };
    const word = words[kind].find((known) => known === given);
    if (word !== undefined)
        return { mode: word, given };
    if (kind !== 'network')
        return { mode: 'other', given };
    return given === 'default' ? { mode: 'default', given } : { mode: 'named', ref: given, given };
}
