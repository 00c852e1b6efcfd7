import { cleanPath } from '../model/paths.ts';
import type { RequestObject } from '../model/request.ts';
import type { Query } from './target.ts';

/**
 * What `docker cp` reads (`out`: the stat of a path too) or writes (`in`). The path is taken from the
 * container's root and may pass through its binds and volumes, which are mounted for it.
 */
export function fromArchive(direction: 'in' | 'out', query: Query): RequestObject {
  return { archive: { direction, path: cleanPath(query.first('path')) } };
}
