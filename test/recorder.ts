import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '../src/model/message.ts';
import { cliEnvironment, findDocker, makeConfig, runCli } from '../src/tools/dockerCli.ts';
import { startFakeDaemon } from '../src/tools/fakeDaemon.ts';
import { splitWords } from '../src/tools/words.ts';

export interface RecordOptions {
  /** The API version that the fake daemon offers. */
  readonly apiVersion?: string;
  /** What the CLI reads from its standard input. */
  readonly stdin?: string;
  /** Milliseconds until the CLI is taken for hung. */
  readonly timeout?: number;
}

/**
 * Runs a docker command line through the real CLI against the fake daemon of `bulwark try` and returns every
 * request that it made, as dockerd would tell it. Reads are answered so that the CLI goes on; the first request that
 * would do something is recorded and refused, which ends the command. The line may begin with `NAME=value`
 * assignments and runs in a folder with a `Dockerfile`, `file.txt`, `image.tar` and `plugin/`.
 * Throws when the CLI asked the daemon for nothing, with what it said.
 */
export async function record(commandLine: string, options: RecordOptions = {}): Promise<Message[]> {
  const { assignments, argv } = parseCommand(commandLine);
  const { apiVersion = '1.48', stdin = '', timeout = 20_000 } = options;
  workspace ??= makeWorkspace();
  docker ??= locate(workspace);
  const { home, program } = await docker;
  const socket = join(home, `${++sockets}.sock`);
  const messages: Message[] = [];
  const daemon = await startFakeDaemon({
    socket,
    apiVersion,
    authorize: async (message) => {
      messages.push(message);
      return isRefused(message) ? `recorded: ${message.method} ${message.uri}` : undefined;
    },
  });
  try {
    const env = { ...cliEnvironment({ HOME: home }, join(home, 'config'), socket), ...assignments };
    const signal = AbortSignal.timeout(timeout);
    const run = await runCli({ program, args: argv, env, cwd: join(home, 'work'), stdin, signal });
    if (run.code === null) throw new Error(`${commandLine}: hung for ${timeout} ms. ${run.stderr}`);
    if (messages.every(({ uri }) => /\/(_ping|version|info)$/.test(uri)) && run.code !== 0)
      throw new Error(`${commandLine}: the CLI asked the daemon for nothing: ${run.stderr.trim()}`);
    return messages;
  } finally {
    daemon.close();
  }
}

/** Reads that hand out content or change nothing but are what their command is about. */
const refusedReads =
  /^\/(?:images\/get|images\/.+\/get|containers\/.+\/(?:archive|export)|distribution\/.+)$/;

/** All but reads, and the reads above. */
function isRefused({ method, uri }: Message): boolean {
  const path = decodeURIComponent(uri.split('?')[0] ?? '').replace(/^\/v\d+\.\d+(?=\/)/, '');
  return method === 'GET' ? refusedReads.test(path) : method !== 'HEAD';
}

/** A command line taken apart: leading assignments, then the arguments behind `docker`. */
export function parseCommand(commandLine: string): {
  assignments: Record<string, string>;
  argv: string[];
} {
  const words = splitWords(commandLine);
  if (words === undefined) throw new Error(`${commandLine}: a quote without its end`);
  const program = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (words[program] !== 'docker') throw new Error(`${commandLine}: not a docker command line`);
  const assignments = words.slice(0, program).map((word): [string, string] => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  });
  return { assignments: Object.fromEntries(assignments), argv: words.slice(program + 1) };
}

let workspace: string | undefined;
let docker: Promise<{ readonly home: string; readonly program: string }> | undefined;
let sockets = 0;

/** The docker CLI, `DOCKER_CLI` or the one on PATH, with a configuration of its own. */
async function locate(home: string): Promise<{ readonly home: string; readonly program: string }> {
  const { DOCKER_CLI = 'docker' } = process.env;
  const found = await findDocker(DOCKER_CLI, process.env);
  if ('message' in found) throw new Error(`${found.message}. ${found.remedy}`);
  await makeConfig(join(home, 'config'), { HOME: home });
  return { home, program: found.program };
}

function makeWorkspace(): string {
  const home = mkdtempSync(join(tmpdir(), 'bulwark-recorder-'));
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, 'work/plugin/rootfs'), { recursive: true });
  writeFileSync(join(home, 'work/Dockerfile'), 'FROM alpine\n');
  writeFileSync(join(home, 'work/file.txt'), 'hello\n');
  // Two blocks of zeros: the end of an archive, and so an empty one.
  writeFileSync(join(home, 'work/image.tar'), new Uint8Array(1024));
  writeFileSync(join(home, 'work/plugin/config.json'), '{"interface":{"types":[]}}');
  return home;
}
