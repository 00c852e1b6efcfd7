import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, replaceFile, writeOnce } from '../identity/keptFiles.ts';
import { newSecret } from '../identity/ownKeys.ts';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';

/** Where a data folder keeps the keys of admin tokens. */
export function adminKeyFiles(data: string): { readonly secret: string; readonly open: string } {
  return { secret: join(data, 'keys', 'admin.key.pem'), open: join(data, 'keys', 'admin.pub.pem') };
}

/**
 * The private key of the data folder, PEM; the first call makes it (P-256, mode 0600) and its public half.
 *
 * @throws Refusal `key-unusable`
 */
export function adminSecretKey(data: string): string {
  const { secret, open } = adminKeyFiles(data);
  try {
    const key = readIfThere(secret) ?? made(secret);
    if (key === undefined) throw new Error('it was removed again');
    const half = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' }).toString();
    if (readIfThere(open) !== half) replaceFile(open, half, 0o644);
    return key;
  } catch (error) {
    const reason = error instanceof Error ? printable(error.message) : 'an unknown error';
    throw new Refusal('key-unusable', `the key ${quote(secret, 4096)} cannot be used: ${reason}.`);
  }
}

/** Of two who make it at the same time, one takes the other's. */
function made(path: string): string | undefined {
  const key = newSecret();
  return writeOnce(path, key) ? key : readIfThere(path);
}

/**
 * Reads the public key at each call, so that the first token works without a restart and a removed key ends all; no
 * key is undefined. Calls at the same time share one reading, so that a disk that hangs holds one thread at most.
 */
export function publicKeyOf(data: string): () => Promise<string | undefined> {
  const { open } = adminKeyFiles(data);
  let reading: Promise<string | undefined> | undefined;
  return () => {
    reading ??= readFile(open, 'utf8')
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
}
