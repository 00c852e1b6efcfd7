import { matches } from './pattern.js';
/**
 * Completes a pattern as the daemon completes a reference: `alpine` is `docker.io/library/alpine` with any
 * tag, `team/*` is `docker.io/team/*`, while `registry.example.com/**` names a registry. What begins with
 * `**` is over all registries.
 */
function parse(pattern) {
    const [rest = '', digest] = cut(pattern, pattern.indexOf('@'));
    const colon = rest.lastIndexOf(':');
    const [name = '', tag] = cut(rest, colon > rest.lastIndexOf('/') ? colon : -1);
    return {
        name: complete(name),
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
    };
}
function complete(name) {
    if (name.startsWith('**'))
        return name;
    const slash = name.indexOf('/');
    if (slash < 0)
        return `docker.io/library/${name}`;
    const first = name.slice(0, slash);
    if (first === 'index.docker.io')
        return complete(`docker.io${name.slice(slash)}`);
    if (first === 'docker.io') {
        const path = name.slice(slash + 1);
        return path.includes('/') || path.startsWith('**') ? name : `docker.io/library/${path}`;
    }
    return first === 'localhost' || /[.:]/.test(first) ? name : `docker.io/${name}`;
}
function cut(text, at) {
    return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
/** The name in a pattern, completed, without its tag and digest: `docker.io/library/alpine` for `alpine:3.*`. */
export function nameIn(pattern) {
    return parse(pattern).name;
}
/**
 * Whether an image reference is one that a pattern speaks of. A pattern with a tag matches no reference
 * by digest alone, of which nobody knows the tag, and one with a digest none without it.
 */
export function imageMatches(pattern, { registry, repository, tag, digest }) {
    const wanted = parse(pattern);
    return (matches(wanted.name, `${registry}/${repository}`) &&
        (wanted.tag === undefined || (tag !== undefined && matches(wanted.tag, tag))) &&
        (wanted.digest === undefined || (digest !== undefined && matches(wanted.digest, digest))));
}
/** Whether a pattern speaks of any tag of the reference's repository: for a pull or push of all tags. */
export function repositoryMatches(pattern, { registry, repository }) {
    return matches(parse(pattern).name, `${registry}/${repository}`);
}
