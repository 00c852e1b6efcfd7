import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The file that says that a token is revoked. Its name holds nothing of the id, which anybody could have chosen. */
export function revokedFile(folder: string, id: string): string {
  return join(folder, createHash('sha256').update(id).digest('hex'));
}

/** Whether a token is revoked. Rejects where the system does not tell. */
export async function isRevoked(folder: string, id: string): Promise<boolean> {
  try {
    await stat(revokedFile(folder, id));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
