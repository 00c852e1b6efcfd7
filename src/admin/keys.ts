import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
    mkdirSync(dirname(secret), { recursive: true, mode: 0o700 });
    const key = existing(secret) ?? made(secret);
    const half = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' }).toString();
    if (existing(open) !== half) replace(open, half);
    return key;
  } catch (error) {
    const reason = error instanceof Error ? printable(error.message) : 'an unknown error';
    throw new Refusal('key-unusable', `the key ${quote(secret, 4096)} cannot be used: ${reason}.`);
  }
}

/** Appears whole and never replaces one: of two who make it at the same time, one takes the other's. */
function made(path: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const nearby = `${path}.${process.pid}`;
  writeFileSync(nearby, key, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(nearby, path);
    return key;
  } catch (error) {
    const other = existing(path);
    if (other === undefined) throw error;
    return other;
  } finally {
    rmSync(nearby, { force: true });
  }
}

function replace(path: string, text: string): void {
  const nearby = `${path}.${process.pid}`;
  writeFileSync(nearby, text, { mode: 0o644 });
  renameSync(nearby, path);
}

function existing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
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
