import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether systemd runs this host, by the sign that sd_booted(3) goes by. */
export function isSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

/** What `systemctl` prints. Rejects where it fails, with what it says as `stderr`. */
export async function systemctl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('systemctl', [...args], {
    timeout: 100_000,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return stdout;
}

/** Properties of a unit, by name, as `systemctl show` has them; empty where there is no systemd. */
export async function unitProperties(
  unit: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (!isSystemd()) return new Map();
  const text = await systemctl('show', unit, `--property=${names.join(',')}`).catch(() => '');
  const lines = text.split('\n').filter((line) => line.includes('='));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
