/**
 * A listening socket that outlives Bulwark, as under systemd: its own `systemd-socket-activate` makes it and hands it over
 * to a shell, which holds it from then on and passes it to one Bulwark after another.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isOver } from './run.ts';

export interface Handover {
  /** Starts `program serve` with these arguments on the socket, and does not wait for it. One at a time. */
  start(program: string, args: readonly string[]): void;
  /** The line of readiness of the Bulwark that was started last. */
  ready(): Promise<string>;
  pid(): Promise<number>;
  /** Sends it a signal. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** How it ended: its exit code, 128 and the signal's number where it was killed. */
  ended(): Promise<number>;
  /** What all of them have written. */
  logs(): string;
  /** Ends whatever runs, and the socket. */
  stop(): Promise<void>;
}

/** Reads lines of arguments, a byte 1 between them; says `pid` of each start and `ended` with its exit code. */
const holder = `while read -r line; do
  IFS=$(printf '\\001') && set -- $line && unset IFS
  setpriv --pdeathsig KILL -- sh -c 'LISTEN_PID=$$ exec "$@"' sh "$@" </dev/null &
  echo "pid $!"
  wait $! && code=0 || code=$?
  echo "ended $code"
done`;

/** Makes the socket at `path`. The environment of what is started there is `env` and no more. */
export async function holdSocket(path: string, env: Readonly<Record<string, string>>): Promise<Handover> {
  const settings = Object.entries(env).map(([name, value]) => `--setenv=${name}=${value}`);
  const activate = ['systemd-socket-activate', `--listen=${path}`, ...settings, 'sh', '-c', holder];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...activate], { stdio: 'pipe' });
  const held = new HeldSocket(child);
  try {
    await held.until(() => /Listening on/.exec(held.logs()));
    // It hands over at the first connection, which stays in the queue.
    const first = connect(path);
    await new Promise((resolve, reject) => first.once('connect', resolve).once('error', reject));
    first.destroy();
    return held;
  } catch (error) {
    await held.stop();
    throw error;
  }
}

class HeldSocket implements Handover {
  readonly #child: ChildProcess;
  #said = '';
  #from = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (part) => (this.#said += String(part)));
    child.stderr?.on('data', (part) => (this.#said += String(part)));
    child.once('error', (error) => (this.#said += String(error)));
  }

  start(program: string, args: readonly string[]): void {
    this.#from = this.#said.length;
    this.#child.stdin?.write(`${[program, 'serve', ...args].join('\x01')}\n`);
  }

  async ready(): Promise<string> {
    return (await this.#find(/^ready: .*$/m))[0];
  }

  async pid(): Promise<number> {
    const [, pid] = await this.#find(/^pid (\d+)$/m);
    return Number(pid);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.pid(), signal);
  }

  async ended(): Promise<number> {
    const [, code] = await this.#find(/^ended (\d+)$/m);
    return Number(code);
  }

  logs(): string {
    return this.#said;
  }

  #find(pattern: RegExp): Promise<RegExpExecArray> {
    return this.until(() => pattern.exec(this.#said.slice(this.#from)));
  }

  /** What `look` finds, once it does. */
  async until<T>(look: () => T | null): Promise<T> {
    for (const deadline = performance.now() + 30_000; ; await pause(2)) {
      const found = look();
      if (found !== null) return found;
      if (isOver(this.#child) || performance.now() > deadline)
        throw new Error(`the socket's holder does not go on:\n${this.#said.slice(this.#from)}`);
    }
  }

  async stop(): Promise<void> {
    if (isOver(this.#child)) return;
    const over = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await over;
  }
}
