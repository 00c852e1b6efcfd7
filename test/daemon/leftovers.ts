/** What a daemon's end leaves to remove: folders and control groups, also after a run that was killed. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = '/var/tmp';
export const PREFIX = 'bulwark-test-';

// Daemons of this process, for the exit hook.
export const running = new Set<{ readonly dir: string; readonly kill: () => void }>();
let hooked = false;

/**
 * A process's start time in clock ticks since boot: tells it from a later one with the same number. Undefined where there
 * is no such process, and nowhere else.
 */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

export function hookExit(): void {
  if (hooked) return;
  hooked = true;
  process.on('exit', () => {
    for (const daemon of running) daemon.kill();
    for (const { dir } of running) removeSync(dir);
  });
}

/**
 * Removes the folders of test runs that were killed (their daemons died with them), and their cgroups, and says so. Folders
 * of runs that are alive stay, and so does what cannot be told from one.
 */
export function sweep(): void {
  for (const name of readdirSync(ROOT)) {
    const dir = join(ROOT, name);
    if (!name.startsWith(PREFIX)) continue;
    const why = whyLeft(dir);
    if (why === undefined) continue;
    console.warn(`removing ${dir}, which a test run has left: ${why}`);
    removeSync(dir);
  }
}

/** One that is just being made has no owner yet, in milliseconds. */
const longestBirth = 600_000;

function whyLeft(dir: string): string | undefined {
  try {
    const age = Date.now() - statSync(dir).mtimeMs;
    const owner = existsSync(join(dir, 'owner')) ? readFileSync(join(dir, 'owner'), 'utf8') : '';
    const [, pid, started] = /^(\d+) (\d+)$/.exec(owner) ?? [];
    if (pid === undefined)
      return age > longestBirth ? `it has no owner (${JSON.stringify(owner)})` : undefined;
    const now = startTime(Number(pid));
    return now === started ? undefined : `its process ${pid} of ${started} is over (${now})`;
  } catch {
    return undefined;
  }
}

function removeSync(dir: string): void {
  removeCgroups(dir);
  try {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Something dying still holds it; the next run's sweep takes it.
  }
}

/** The kernel keeps the empty control groups of killed containers until somebody removes them, leaves first. */
export function removeCgroups(dir: string): void {
  const name = dir.slice(dir.lastIndexOf('/') + 1);
  const top = '/sys/fs/cgroup';
  const hierarchies = existsSync(top) ? readdirSync(top, { withFileTypes: true }) : [];
  for (const base of [
    top,
    ...hierarchies.filter((entry) => entry.isDirectory()).map((entry) => join(top, entry.name)),
  ]) {
    if (existsSync(join(base, name))) removeCgroup(join(base, name));
  }
}

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  try {
    rmdirSync(path);
  } catch {
    // still busy for a moment: the next run's sweep takes it
  }
}
