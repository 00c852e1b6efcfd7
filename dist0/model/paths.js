/**
 * Go's filepath.Clean on an absolute Unix path: the daemon cleans a bind's source and target this way, by
 * their text alone, before links are followed. A relative path is taken from the root, where dockerd runs.
 */
export function cleanPath(path) {
    if (isClean(path))
        return path;
    const parts = [];
    for (const part of path.split('/')) {
        if (part === '..')
            parts.pop();
        else if (part !== '' && part !== '.')
            parts.push(part);
    }
    return `/${parts.join('/')}`;
}
/** Most are, and need no splitting. `/.` may begin a name like `.git`: those are not worth telling apart here. */
function isClean(path) {
    return (path.startsWith('/') &&
        !path.includes('//') &&
        !path.includes('/.') &&
        (path === '/' || !path.endsWith('/')));
}
