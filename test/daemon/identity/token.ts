import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const launcher = join(import.meta.dirname, '../../../bin/bulwark');

/** What a command of `bulwark` says on stdout, as an administrator runs it; rejects where it does not exit with 0. */
export async function bulwarkSays(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(launcher, args);
  return stdout;
}

/** A new token, by the keys of a data folder. */
export async function issueToken(data: string, subject: string, ...more: readonly string[]): Promise<string> {
  return (await bulwarkSays('token', 'issue', '--data', data, '--subject', subject, ...more)).trim();
}
