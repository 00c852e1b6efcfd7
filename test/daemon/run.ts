/** Running programs for tests: input, output, a terminal, a deadline. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds until it is killed, which makes `code` null; default 60,000. */
  readonly timeout?: number;
  /**
   * Runs it on a terminal (`docker exec -it`); stdout and stderr then both arrive as stdout. `stdin` is typed, and its
   * end is not the end of the input: type `exit` or `\x04`.
   */
  readonly tty?: boolean;
}

export interface RunResult {
  /** The exit code; null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

/** util-linux's `script` gives the program a terminal and passes its exit code on. */
export function onTerminal(argv: readonly string[]): string[] {
  const quoted = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return ['script', '--quiet', '--return', '--command', quoted, '/dev/null'];
}

export function collect(
  child: ChildProcess,
  { stdin, tty = false, timeout = 60_000 }: RunOptions,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.stdout?.on('data', (part) => out.push(part));
    child.stderr?.on('data', (part) => err.push(part));
    child.stdin?.on('error', () => undefined); // a program that exits without reading its input
    // At the end of its own input `script` types a NUL, which would show in the output.
    if (!tty) child.stdin?.end(stdin);
    else if (stdin !== undefined) child.stdin?.write(stdin);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

export async function must(argv: readonly string[]): Promise<void> {
  const [program = '', ...args] = argv;
  const { code, stderr } = await collect(spawn(program, args, { stdio: 'pipe' }), {});
  if (code !== 0) throw new Error(`${argv.join(' ')} failed: ${stderr}`);
}
