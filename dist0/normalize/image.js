/**
 * Completes an image reference as the daemon does: `alpine` is `docker.io/library/alpine:latest`. What
 * could also be an id, or a prefix of one, is marked, since the daemon looks for that first.
 */
export function parseImage(given) {
    const [rest = '', digest] = splitLast(given, given.indexOf('@'));
    const colon = rest.lastIndexOf(':');
    const [name = '', tag] = splitLast(rest, colon > rest.lastIndexOf('/') ? colon : -1);
    const slash = name.indexOf('/');
    const first = slash < 0 ? '' : name.slice(0, slash);
    const hasRegistry = first === 'localhost' || /[.:]|[A-Z]/.test(first);
    const registry = !hasRegistry || first === 'index.docker.io' ? 'docker.io' : first;
    const path = hasRegistry ? name.slice(slash + 1) : name;
    const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
    return {
        given,
        registry,
        repository,
        ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
        ...(digest !== undefined && { digest }),
        maybeId: /^(?:sha256:)?[0-9a-f]{1,64}$/.test(given),
    };
}
function splitLast(text, at) {
    return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
