import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanPath } from '../model/paths.js';
/**
 * Host paths to protect, clean: those given and Bulwark's own folder, whose code decides at its next start; and
 * where they lead, since a link's target can be mounted as well.
 */
export async function ownPaths(paths) {
    const own = [...paths, join(import.meta.dirname, '..', '..')].map(cleanPath);
    const targets = await Promise.all(own.map((path) => realpath(path).catch(() => path)));
    return [...new Set([...own, ...targets])];
}
