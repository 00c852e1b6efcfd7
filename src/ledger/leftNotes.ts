import { appendFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { printable } from '../model/printable.ts';

/** What an administrator did to the host, with or without a running Bulwark. */
const leftNote = z.strictObject({
  event: z.enum(['break-glass', 'break-glass-undone']),
  by: z.string().transform((text) => printable(text)),
  happened: z.iso.datetime(),
});

export type LeftNote = z.infer<typeof leftNote>;

/** Where they are left, in the data folder, one a line. */
const file = 'break-glass.jsonl';

/** Leaves a note in a folder, for whoever opens the ledger next; gives the file. Throws where it cannot be written. */
export function leaveNote(folder: string, note: LeftNote): string {
  const path = join(folder, file);
  appendFileSync(path, `${JSON.stringify(note)}\n`, { mode: 0o600, flush: true });
  return path;
}

/**
 * Takes the notes that were left in a folder, and removes them; what is none is left out. Throws only where the system
 * does not let it.
 */
export function takeNotes(folder: string): readonly LeftNote[] {
  const path = join(folder, file);
  const mine = `${path}.taken`;
  try {
    // From here on others write a new one.
    renameSync(path, mine);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const lines = readFileSync(mine, 'utf8').split('\n');
  rmSync(mine);
  return lines.flatMap((line) => leftNote.safeParse(jsonOf(line)).data ?? []);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
