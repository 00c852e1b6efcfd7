/**
 * Go's filepath.Clean on an absolute Unix path: the daemon cleans a bind's source and target this way, by
 * their text alone, before links are followed. A relative path is taken from the root, where dockerd runs.
 */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
