import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { quote } from '../model/printable.ts';
import type { Problem } from './command.ts';
import { isRecord } from './json.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The program that the command's first word names, as a shell finds it. It must say that it is Docker's own: a
 * stand-in, as of podman, would not ask the socket that it is given but act.
 */
export async function findDocker(word: string, env: Env): Promise<{ readonly program: string } | Problem> {
  const program = await onPath(word, env['PATH'] ?? '');
  if (program === undefined) {
    return {
      message: `there is no docker CLI ${word.includes('/') ? `at ${quote(word)}` : 'on PATH'}`,
      remedy:
        'Install the command line alone (package docker-cli, or docker-ce-cli; no daemon is needed), or name it by its path: bulwark try -- /opt/docker/docker run ...',
    };
  }
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], {
      env: { PATH: '/nonexistent' },
      timeout: 20_000,
    });
    if (/^Docker version /.test(stdout)) return { program };
  } catch {
    // What does not start is no docker CLI either.
  }
  return {
    message: `${quote(program)} is not Docker's own command line, and might act instead of asking`,
    remedy: 'Name the docker CLI by its path: bulwark try -- /usr/bin/docker run ...',
  };
}

async function onPath(word: string, path: string): Promise<string | undefined> {
  const places = word.includes('/')
    ? [resolve(word)]
    : path.split(delimiter).flatMap((folder) => (folder === '' ? [] : [join(folder, word)]));
  for (const place of places) {
    if (await isProgram(place)) return place;
  }
  return undefined;
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => stat(path).then((found) => found.isFile()),
    () => false,
  );
}

/** What of the user's configuration says how a command is read. No credentials, contexts or headers. */
const keptKeys = ['aliases', 'cliPluginsExtraDirs', 'detachKeys', 'experimental', 'features', 'proxies'];

/** The plugins whose commands are tried. */
const plugins = ['docker-buildx', 'docker-compose'];

/** Fills the private folder of a CLI's configuration from the user's own, with the plugins that are tried. */
export async function makeConfig(folder: string, env: Env): Promise<void> {
  const own = env['DOCKER_CONFIG'] || join(env['HOME'] || '/', '.docker');
  await mkdir(join(folder, 'cli-plugins'), { recursive: true, mode: 0o700 });
  const config = await readConfig(join(own, 'config.json'));
  const kept = Object.entries(config).filter(([key]) => keptKeys.includes(key));
  await writeFile(join(folder, 'config.json'), JSON.stringify(Object.fromEntries(kept)), { mode: 0o600 });
  for (const plugin of plugins) {
    const place = resolve(own, 'cli-plugins', plugin);
    if (await isProgram(place)) await symlink(place, join(folder, 'cli-plugins', plugin));
  }
}

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const config: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(config) ? config : {};
  } catch {
    // None, or one that the CLI itself would only warn of.
    return {};
  }
}

/** What leads a CLI to a daemon, a registry's login or a collector of telemetry. */
const withheldVariables =
  /^(?:DOCKER_(?:HOST|CONTEXT|CONFIG|CERT_PATH|TLS.*|AUTH_CONFIG|CONTENT_TRUST.*|CLI_OTEL_.*|CUSTOM_HEADERS)|BUILDX_.*|BUILDKIT_HOST|OTEL_.*)$/;

/**
 * The user's environment, led to the private daemon. No program is found on PATH, so that neither the CLI nor
 * a plugin starts a credential helper, ssh or a provider of compose.
 */
export function cliEnvironment(env: Env, configFolder: string, socket: string): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined || withheldVariables.test(name) ? [] : [[name, value]],
  );
  const own = { PATH: '/nonexistent', DOCKER_CONFIG: configFolder, DOCKER_HOST: `unix://${socket}` };
  return { ...Object.fromEntries(kept), ...own };
}

/** A user and group of the system, by their numbers. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface CliOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Absent: that of this process. */
  readonly user?: User;
  /** What it reads; `inherit` is this process's own input. */
  readonly stdin: 'inherit' | string;
  /** Ends the CLI with all that it started. */
  readonly signal: AbortSignal;
}

export interface CliRun {
  /** Null when it was ended from outside. */
  readonly code: number | null;
  /** What it wrote, at most `outputLimit` characters of each. */
  readonly stdout: string;
  readonly stderr: string;
}

const outputLimit = 1024 * 1024;

/**
 * Runs the CLI to its end, in a process group of its own so that its plugins end with it. Rejects where it cannot
 * be started.
 */
export async function runCli(options: CliOptions): Promise<CliRun> {
  const { program, args, env, cwd, user, stdin, signal } = options;
  const child = spawn(program, args, {
    env,
    ...(cwd !== undefined && { cwd }),
    ...user,
    stdio: [stdin === 'inherit' ? 'inherit' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const end = () => endGroup(child);
  signal.addEventListener('abort', end, { once: true });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A command that does not read its input may have closed it: that is no failure.
  if (stdin !== 'inherit') child.stdin?.on('error', () => {}).end(stdin);
  try {
    if (signal.aborted) end();
    await once(child, 'close');
    return { code: child.exitCode, stdout: stdout(), stderr: stderr() };
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** A group has the id of the process that began it; where it is over there is nothing to end. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    if (text.length < outputLimit) text += chunk.slice(0, outputLimit - text.length);
  });
  return () => text;
}
