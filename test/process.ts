import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');
export const launcher = join(root, 'bin', 'bulwark');

/** A process of a test: what it wrote so far, and how it ends. */
export interface Started {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves once standard output or standard error matches; rejects if the process ends before. */
  until(pattern: RegExp): Promise<void>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts a command with pipes for its output. Nothing of this process's BULWARK_* and npm variables reaches it. */
export function start(
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Started {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(BULWARK|npm)_/.test(name));
  const env = { ...Object.fromEntries(inherited), ...options.env };
  const child = spawn(command, args, { env, cwd: options.cwd ?? root, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const checks = new Set<() => void>();
  const take = (text: string, add: (text: string) => void) => {
    add(text);
    for (const check of checks) check();
  };
  child.stdout.setEncoding('utf8').on('data', (text) => take(text, (more) => (stdout += more)));
  child.stderr.setEncoding('utf8').on('data', (text) => take(text, (more) => (stderr += more)));
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const until = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const check = () => pattern.test(stdout) || pattern.test(stderr);
      const settle = () => {
        if (!check()) return;
        checks.delete(settle);
        resolve();
      };
      checks.add(settle);
      settle();
      ended.then(
        (code) => reject(new Error(`ended with ${code} before ${pattern}:\n${stdout}${stderr}`)),
        reject,
      );
    });
  return { child, stdout: () => stdout, stderr: () => stderr, until, ended };
}

/** Runs a command to its end. */
export async function run(...args: Parameters<typeof start>) {
  const started = start(...args);
  const code = await started.ended;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}
