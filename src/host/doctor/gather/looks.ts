import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../../model/error.ts';
import type { Unseen } from '../host.ts';

/** How long a look may take, in milliseconds, where nothing is said. */
const usual = 5000;

/** Looks at the host, none of which throws or takes longer than its time: what failed is in `unseen`. */
export class Looks {
  readonly unseen: Unseen[] = [];

  /** What a look gives, or undefined. */
  async at<T>(what: string, look: () => T | Promise<T>, patience = usual): Promise<T | undefined> {
    const stop = new AbortController();
    const late = pause(patience, undefined, { signal: stop.signal }).then(() => {
      throw new Error(`no answer within ${patience / 1000} s`);
    });
    try {
      return await Promise.race([look(), late]);
    } catch (error) {
      this.unseen.push({ what, why: reasonOf(error) });
      return undefined;
    } finally {
      stop.abort();
      late.catch(() => undefined);
    }
  }
}

/** An error in short: what a program said, or the system's own word. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('stderr' in error && error.stderr !== '') return String(error.stderr).split('\n', 1)[0] ?? '';
  if (!('code' in error) || error instanceof Refusal) return error.message;
  return error.code === 'ABORT_ERR' ? 'no answer in time' : String(error.code);
}

/** What is there, or undefined where there is nothing; rejects with any other error. */
export async function ifThere<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
