import { cleanPath } from '../model/paths.js';
/**
 * What `docker cp` reads (`out`: the stat of a path too) or writes (`in`). The path is taken from the
 * container's root and may pass through its binds and volumes, which are mounted for it.
 */
export function fromArchive(direction, query) {
    return { archive: { direction, path: cleanPath(query.first('path')) } };
}
