/** Bulwark as an administrator runs it: `bin/bulwark serve` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isOver } from './run.ts';

const launcher = join(import.meta.dirname, '../../bin/bulwark');

export interface BulwarkOptions {
  /** Where it listens: `bulwark.sock` in the daemon's `pluginDir`, for `authorization-plugins: ["bulwark"]`. */
  readonly socket: string;
  /** Folders of policies. */
  readonly policies: readonly string[];
  /** The data folder; default: one of its own beside the socket's folder, removed at the end. */
  readonly data?: string;
  /** The daemon that it asks, for `--docker-host`; default: the one beside the plugin's folder. */
  readonly dockerHost?: string;
  /** Where it sees the host's files, for `--host-root`; default: the `hostRoot` of the daemon beside the plugin's folder. */
  readonly hostRoot?: string;
  /** More arguments for `serve`, as `['--config', file]`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds for the line of readiness; default 20,000. */
  readonly timeout?: number;
}

export interface Bulwark {
  readonly socket: string;
  /** The process id, for tests that kill it. */
  readonly pid: number;
  /** The line of readiness of the latest start. */
  readonly ready: string;
  /** What it has written to stdout and stderr, over restarts. */
  logs(): string;
  /** Ends it as `systemctl stop` does; gives the exit code, null when it was killed. May be called twice. */
  stop(): Promise<number | null>;
  /** `stop`, then the same again. */
  restart(): Promise<void>;
}

/**
 * Starts Bulwark and waits until it is ready. It ends with this process, however that ends. For a daemon's sake let it
 * listen first: `startDockerd({ plugins: ['bulwark'], before: ... })`.
 *
 * @throws Error with what it said when it exits or is not ready in time
 */
export async function startBulwark(options: BulwarkOptions): Promise<Bulwark> {
  const process = new Process(options);
  await process.start();
  return process;
}

class Process implements Bulwark {
  readonly socket: string;
  readonly #options: BulwarkOptions;
  readonly #data: string;
  #child: ChildProcess | undefined;
  #said = '';
  #ready = '';

  constructor(options: BulwarkOptions) {
    this.#options = options;
    this.socket = options.socket;
    // Not in the folder of the socket itself, where dockerd looks for plugins.
    this.#data = options.data ?? mkdtempSync(join(dirname(dirname(options.socket)), 'bulwark-data-'));
  }

  get ready(): string {
    return this.#ready;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('this Bulwark is not running.');
    return pid;
  }

  logs(): string {
    return this.#said;
  }

  async start(): Promise<void> {
    const { socket, policies, args = [], env, timeout = 20_000 } = this.#options;
    const dockerHost = this.#options.dockerHost ?? `unix://${join(dirname(socket), '../../docker.sock')}`;
    const hostRoot = this.#options.hostRoot ?? join(dirname(socket), '../../../host');
    const place = ['--authz-socket', socket, '--data', this.#data, '--docker-host', dockerHost];
    const command = [launcher, 'serve', ...place, '--host-root', hostRoot];
    const folders = policies.flatMap((folder) => ['--policies', folder]);
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command, ...folders, ...args], {
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const from = this.#said.length;
    const ready = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready within ${timeout} ms`)), timeout);
      const hear = (part: unknown): void => {
        this.#said += String(part);
        const line = /^ready:.*$/m.exec(this.#said.slice(from));
        if (line === null) return;
        clearTimeout(timer);
        resolve(line[0]);
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`exited (${code ?? signal})`));
      });
    });
    try {
      this.#ready = await ready;
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`bulwark serve: ${String(error)}\n${this.#said.slice(from)}`);
    }
  }

  async stop(): Promise<number | null> {
    const code = await this.#end();
    if (this.#options.data === undefined) rmSync(this.#data, { recursive: true, force: true });
    return code;
  }

  async #end(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    if (!isOver(child)) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(deadline);
    }
    return child.exitCode;
  }

  async restart(): Promise<void> {
    await this.#end();
    await this.start();
  }
}
