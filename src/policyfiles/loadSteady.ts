import { setTimeout } from 'node:timers/promises';
import { printable } from '../model/printable.ts';
import { diskState } from './diskState.ts';
import { fileError } from './find.ts';
import { type LoadResult, loadPolicySet } from './load.ts';

/** What was read, and the state of the disk that it is of; undefined: of none in particular, so look again. */
export type SteadyResult = LoadResult & { readonly disk: string | undefined };

/** How often files are read that change meanwhile, and how many milliseconds they are left alone in between. */
const attempts = 5;
const pause = 50;

/**
 * Loads the policy set of one state of the disk: what was changed while it was read is read again, and is broken if it
 * never holds still. Never rejects.
 */
export async function loadSteady(paths: readonly string[]): Promise<SteadyResult> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const disk = await diskState(paths);
    const result = await load(paths);
    if ((await diskState(paths)) === disk) return { ...result, disk };
    if (attempt < attempts) await setTimeout(pause, undefined, { ref: false });
  }
  return restless(paths, 'changed each time that it was read');
}

/** Files that do not hold still are not read, for it would be a set of two states. */
export function restless([path = '.']: readonly string[], message: string): SteadyResult {
  const hint = 'look who writes there; files that are renamed into place change at once';
  const errors = [fileError('policies-restless', path, message, hint)];
  return { ok: false, errors, disk: undefined };
}

/** A bug must not end the reloading. */
async function load(paths: readonly string[]): Promise<LoadResult> {
  try {
    return await loadPolicySet(paths);
  } catch (error) {
    return { ok: false, errors: [fileError('internal-error', paths[0] ?? '.', printable(String(error)))] };
  }
}
