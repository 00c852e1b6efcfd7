/** The place of a path, or undefined where the file does not have it. */
export function placeOf(root, path) {
    return path.reduce((place, step) => place?.children.get(step), root);
}
/** The place of a path, or the nearest above it that the file has. */
export function nearestPlace(root, path) {
    let place = root;
    for (const step of path) {
        const next = place.children.get(step);
        if (next === undefined)
            return place;
        place = next;
    }
    return place;
}
/** The range of a path's key, or of the value where it has none. */
export function keyRange(root, path) {
    const place = nearestPlace(root, path);
    return place.key ?? place.value;
}
/** Whether two paths are the same; an absent one is the same as none. */
export function samePath(a, b) {
    return a !== undefined && a.length === b.length && a.every((step, index) => step === b[index]);
}
