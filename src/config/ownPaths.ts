import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanPath } from '../model/paths.ts';
import { hostNames } from './hostNames.ts';

/** Bulwark's own folder, whose code decides at its next start. */
export const ownFolder = join(import.meta.dirname, '..', '..');

/**
 * Host paths to protect, clean: those given, where they lead, since a link's target can be mounted as well, and by what
 * other names the host knows both.
 *
 * @param hostRoot the folder in which the host's root is seen, if it is
 */
export async function ownPaths(
  paths: readonly string[],
  hostRoot: string | undefined,
): Promise<readonly string[]> {
  const own = paths.map(cleanPath);
  const targets = await Promise.all(own.map((path) => realpath(path).catch(() => path)));
  const seen = [...new Set([...own, ...targets])];
  return [...new Set([...seen, ...(await hostNames(seen, hostRoot))])];
}
