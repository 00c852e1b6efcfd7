import { existsSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Decision } from '../model/decision.ts';
import type { Message } from '../model/message.ts';
import { idFiles, type Problem, readsInput, whyNotTried, withOutputIn } from './command.ts';
import {
  type CliRun,
  cliEnvironment,
  type Env,
  findDocker,
  makeConfig,
  runCli,
  type User,
} from './dockerCli.ts';
import { type FakeDaemon, startFakeDaemon } from './fakeDaemon.ts';
import type { Judged } from './judgeAlone.ts';

export interface TryOptions {
  /** The command line, `docker` first. */
  readonly command: readonly string[];
  /** The docker CLI, where it was looked for before; absent: the command's first word names it. */
  readonly program?: string;
  readonly env: Env;
  readonly cwd: string;
  /** Whether this process has an input that the command may read. */
  readonly hasInput: boolean;
  /** Who the CLI runs as, where that is somebody else: what it reads of the host is what this user may read. */
  readonly user?: User;
  /** Milliseconds until the CLI is ended. */
  readonly deadline: number;
  /** Ends the trial from outside. */
  readonly signal: AbortSignal;
  judge(message: Message): Judged;
  /** The text of a denial, as the plugin sends it. */
  denialText(decision: Decision): string;
}

/** How far the command got. */
export type Ending =
  /** To its end, or to where a denial ended it: every request is known. */
  | { readonly kind: 'whole' }
  /** Bulwark saw the last that any plugin sees: BuildKit asks the rest over a connection of its own. */
  | { readonly kind: 'buildkit' }
  /** The CLI ended with an error that is no denial: what it would have asked then is not known. */
  | { readonly kind: 'stopped'; readonly code: number | null; readonly said: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'interrupted' };

export interface Trial {
  /** Every request of the command in order. */
  readonly requests: readonly TriedRequest[];
  readonly ending: Ending;
  /** What the CLI wrote. */
  readonly output: string;
}

export interface TriedRequest extends Judged {
  /** It speaks of something that this trial made, by an id that was made up. */
  readonly ofOwn: boolean;
}

export type TryResult =
  | { readonly ok: true; readonly trial: Trial }
  | { readonly ok: false; readonly problem: Problem };

/** Milliseconds in which a client asks for nothing more while an answer is held: it waits for what never comes. */
const quietTime = 1500;

/** What the CLI says where a `-t` finds no terminal (20.10 to 28.2). */
const noTerminal = /is not a (?:TTY|terminal)/;

/**
 * Runs a docker command against a daemon that does nothing and judges each request that it makes. Nothing of the
 * command is executed: it has a socket, a configuration and a folder of its own, which are gone afterwards.
 */
export async function tryCommand(options: TryOptions): Promise<TryResult> {
  const { command, env } = options;
  const reason = whyNotTried(command);
  if (reason !== undefined) return { ok: false, problem: reason };
  const { program } = options;
  const docker = program === undefined ? await findDocker(command[0] ?? '', env) : { program };
  if ('message' in docker) return { ok: false, problem: docker };
  const trial = await run(options, docker.program);
  const wantsTerminal = trial.ending.kind === 'stopped' && noTerminal.test(trial.ending.said);
  const script = wantsTerminal ? terminalMaker() : undefined;
  if (script === undefined) return { ok: true, trial };
  return { ok: true, trial: await run(options, docker.program, script) };
}

/** One run of the CLI, in a private folder; by `script`, where that is given, on a terminal. */
async function run(options: TryOptions, program: string, script?: string): Promise<Trial> {
  const { command, env, cwd } = options;
  const folder = await privateFolder();
  const socket = join(folder, 'docker.sock');
  const requests: TriedRequest[] = [];
  const ending = createEnding(options.deadline, options.signal);
  const files = idFiles(command).map((file) => resolve(cwd, file));
  const free = files.filter((file) => !existsSync(file));
  let daemon: FakeDaemon | undefined;
  try {
    await makeConfig(join(folder, 'config'), env);
    daemon = await startFakeDaemon({
      socket,
      onHeld: () => ending.hold(),
      async authorize(message) {
        ending.heard();
        const judged = options.judge(message);
        requests.push({ ...judged, ofOwn: daemon?.isOwnId(judged.request?.resource.ref ?? '') ?? false });
        return judged.decision.allow ? undefined : denial(options.denialText(judged.decision));
      },
    });
    if (options.user !== undefined) await giveTo(options.user, [folder, socket, ...configOf(folder)]);
    const args = withOutputIn(folder, command.slice(1));
    const environment = cliEnvironment(env, join(folder, 'config'), socket);
    const result = await runCli({
      ...(script === undefined ? { program, args } : onTerminal(script, [program, ...args])),
      env: { ...environment, ...(script !== undefined && { SHELL: '/bin/sh' }) },
      cwd,
      ...(options.user && { user: options.user }),
      stdin: options.hasInput && readsInput(args) ? 'inherit' : consent,
      signal: ending.signal,
    });
    await removeIds(free, daemon);
    return {
      requests,
      ending: endingOf(result, requests, ending.why()),
      output: result.stderr + result.stdout,
    };
  } finally {
    ending.clear();
    daemon?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function configOf(folder: string): readonly string[] {
  return ['config', 'config/config.json', 'config/cli-plugins'].map((name) => join(folder, name));
}

async function giveTo({ uid, gid }: User, paths: readonly string[]): Promise<void> {
  for (const path of paths) await chown(path, uid, gid);
}

/** Whoever tries a command that asks back wants to know what it does when told to go on. */
const consent = 'y\n'.repeat(20);

function denial(text: string): string {
  return `authorization denied by plugin bulwark: ${text}`;
}

/** A path of a socket has at most 107 bytes, so a long TMPDIR does not do. */
async function privateFolder(): Promise<string> {
  const parent = Buffer.byteLength(tmpdir()) < 70 ? tmpdir() : '/tmp';
  return mkdtemp(join(parent, 'bulwark-try-'));
}

type Why = 'quiet' | 'late' | 'interrupted';

/** Ends the CLI: at the deadline, from outside, or when it waits for what never comes. */
function createEnding(deadline: number, outside: AbortSignal) {
  const controller = new AbortController();
  let why: Why | undefined;
  let isHeld = false;
  let quiet: NodeJS.Timeout | undefined;
  const end = (reason: Why) => {
    why ??= reason;
    controller.abort();
  };
  const interrupt = () => end('interrupted');
  const late = setTimeout(end, deadline, 'late');
  if (outside.aborted) interrupt();
  outside.addEventListener('abort', interrupt, { once: true });
  const heard = () => {
    clearTimeout(quiet);
    if (isHeld) quiet = setTimeout(end, quietTime, 'quiet');
  };
  return {
    signal: controller.signal,
    why: () => why,
    heard,
    hold() {
      isHeld = true;
      heard();
    },
    clear() {
      clearTimeout(late);
      clearTimeout(quiet);
      outside.removeEventListener('abort', interrupt);
    },
  };
}

function endingOf(
  { code, stdout, stderr }: CliRun,
  requests: readonly TriedRequest[],
  why: Why | undefined,
): Ending {
  if (why === 'interrupted') return { kind: 'interrupted' };
  if (requests.some(({ decision }) => !decision.allow)) return { kind: 'whole' };
  if (why === 'late') return { kind: 'late' };
  if (code === 0 || why === 'quiet') return { kind: 'whole' };
  if (requests.some(({ decision }) => decision.action === 'session')) return { kind: 'buildkit' };
  // On a terminal all that is said comes as output.
  return { kind: 'stopped', code, said: stderr.trim() || stdout.trim() };
}

/** The CLI leaves the id of what it made in a file; here it was made up. */
async function removeIds(files: readonly string[], daemon: FakeDaemon): Promise<void> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (daemon.isOwnId(text)) await rm(file, { force: true });
  }
}

/** util-linux's `script` gives a command a terminal, where it is installed. */
function terminalMaker(): string | undefined {
  return ['/usr/bin/script', '/bin/script'].find((place) => existsSync(place));
}

function onTerminal(script: string, argv: readonly string[]) {
  const quoted = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return { program: script, args: ['--quiet', '--return', '--command', quoted, '/dev/null'] };
}
