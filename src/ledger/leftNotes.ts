import {
  appendFileSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { printable } from '../model/printable.ts';

const word = z.string().transform((text) => printable(text));
const done = { by: word, happened: z.iso.datetime() };

/** What an administrator did to the host or to tokens, with or without a running Bulwark. */
const leftNote = z.discriminatedUnion('event', [
  z.strictObject({ event: z.enum(['break-glass', 'break-glass-undone', 'token-keys-rotated']), ...done }),
  z.strictObject({
    event: z.enum(['token-issued', 'token-revoked']),
    token: z.strictObject({ id: word, subject: word.optional() }),
    ...done,
  }),
]);

export type LeftNote = z.infer<typeof leftNote>;

/** Where they are left, in the data folder, one a line. */
const file = 'break-glass.jsonl';

/** Leaves a note in a folder, for whoever opens the ledger next; gives the file. Throws where it cannot be written. */
export function leaveNote(folder: string, note: LeftNote): string {
  const path = join(folder, file);
  while (!appended(path, `${JSON.stringify(note)}\n`));
  return path;
}

/** False: it may have come too late for who has taken the file away meanwhile. Better twice than not at all. */
function appended(path: string, line: string): boolean {
  // Who owns the folder may not be root, and must not lead root elsewhere.
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const open = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    if (process.getuid?.() === 0) {
      // A `serve` that is not root could not read it.
      const { uid, gid } = statSync(dirname(path));
      fchownSync(open, uid, gid);
    }
    appendFileSync(open, line, { flush: true });
    return fstatSync(open).ino === statSync(path, { throwIfNoEntry: false })?.ino;
  } finally {
    closeSync(open);
  }
}

/** Whether there are any; what cannot be seen are none. */
export function areNotesLeft(folder: string): Promise<boolean> {
  return stat(join(folder, file)).then(
    () => true,
    () => false,
  );
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
