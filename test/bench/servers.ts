import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root, type Started, start } from '../process.ts';

/** A server under measurement: where it listens, and its processes, the main one first. */
export interface Server {
  readonly path: string;
  readonly pids: readonly number[];
}

/** Everything that a run starts and writes, in one folder. */
export class Servers {
  readonly folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  readonly #started: Started[] = [];

  /** The least that a plugin can do; `durable`: and one fsync of what it was sent, on the ledger's file system. */
  floor(name: string, durable = false): Promise<Server> {
    const path = join(this.folder, `${name}.sock`);
    const file = join(this.folder, `${name}.log`);
    return this.#start(path, [join(import.meta.dirname, 'floor.ts'), path, ...(durable ? [file] : [])]);
  }

  /** Bulwark with its ledger, as a package runs it, from dist/: stripping types costs memory that no user pays. */
  bulwark(name: string, policies = 'policies', more: readonly string[] = []): Promise<Server> {
    const path = join(this.folder, `${name}.sock`);
    const flags = ['--policies', policies, '--authz-socket', path, '--data', join(this.folder, name)];
    const main = join(root, 'dist', 'cli', 'main.js');
    // As bin/bulwark does.
    return this.#start(path, ['--max-semi-space-size=8', main, 'serve', ...flags, ...more]);
  }

  /** A token for that Bulwark. */
  async token(name: string, subject: string): Promise<string> {
    const main = join(root, 'dist', 'cli', 'main.js');
    const place = ['--data', join(this.folder, name)];
    const { stdout } = await promisify(execFile)(process.execPath, [
      main,
      'token',
      'issue',
      '--subject',
      subject,
      ...place,
    ]);
    return stdout.trim();
  }

  async #start(path: string, args: readonly string[]): Promise<Server> {
    const started = start(process.execPath, args, { cwd: root });
    this.#started.push(started);
    await started.until(/^ready:/m);
    const pid = started.child.pid ?? 0;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return { path, pids: [pid, ...children.filter((child) => child !== '').map(Number)] };
  }

  /** Ends all that run, at once. */
  async stop(): Promise<void> {
    for (const { child } of this.#started) child.kill('SIGKILL');
    await Promise.all(this.#started.map(({ ended }) => ended));
    this.#started.length = 0;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** Resident memory of all processes of a server, in megabytes; files, which are Node above all, are mapped once. */
export function residentMegabytes({ pids }: Server): number {
  const parts = pids.map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return { own: kilobytes('RssAnon') + kilobytes('RssShmem'), files: kilobytes('RssFile') };
  });
  const own = parts.reduce((sum, part) => sum + part.own, 0);
  return (own + Math.max(...parts.map(({ files }) => files))) / 1024;
}
