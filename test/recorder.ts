import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Message } from '../src/model/message.ts';
import { answer } from './recorder-answers.ts';

/** One API request as the CLI sent it. */
export interface RecordedRequest {
  readonly method: string;
  /** The raw request target. */
  readonly uri: string;
  /** Names as Go writes them, `Content-Type`. */
  readonly headers: Readonly<Record<string, string>>;
  /** All that was sent, a tar too; absent when nothing was. */
  readonly body?: Uint8Array;
}

export interface RecordOptions {
  /** The API version that the fake daemon offers. */
  readonly apiVersion?: string;
  /** What the CLI reads from its standard input. */
  readonly stdin?: string;
  /** Milliseconds until the CLI is taken for hung. */
  readonly timeout?: number;
}

/**
 * Runs a docker command line through the real CLI against a fake daemon on a socket of its own and returns
 * every request that it made. Reads are answered so that the CLI goes on; the first request that would do
 * something is recorded and refused, which ends the command. The line may begin with `NAME=value`
 * assignments and runs in a folder with a `Dockerfile`, `file.txt`, `image.tar` and `plugin/`.
 * Throws when the CLI asked the daemon for nothing, with what it said.
 */
export async function record(commandLine: string, options: RecordOptions = {}): Promise<RecordedRequest[]> {
  const { assignments, argv } = parseCommand(commandLine);
  const { apiVersion = '1.48', stdin = '', timeout = 20_000 } = options;
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    // What fails here is a client that went away: it gets no answer.
    serve(request, response, apiVersion, requests).catch(() => response.destroy());
  });
  workspace ??= makeWorkspace();
  const home = workspace;
  const socket = join(home, `${++sockets}.sock`);
  server.listen(socket);
  await once(server, 'listening');
  try {
    const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
    const own = { PATH, HOME: home, DOCKER_CONFIG: join(home, 'config'), DOCKER_HOST: `unix://${socket}` };
    const child = spawn(docker(), argv, {
      cwd: join(home, 'work'),
      env: { ...own, ...assignments },
      stdio: 'pipe',
      timeout,
      killSignal: 'SIGKILL',
    });
    const { code, stderr } = await finish(child, stdin);
    if (code === null) throw new Error(`${commandLine}: hung for ${timeout} ms. ${stderr}`);
    if (requests.every(({ uri }) => /\/(_ping|version|info)$/.test(uri)) && code !== 0)
      throw new Error(`${commandLine}: the CLI asked the daemon for nothing: ${stderr.trim()}`);
    return requests;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What dockerd would tell an authorization plugin of a request (`docker/authz.md`, headers and RequestBody). */
export function asMessage({ method, uri, headers, body }: RecordedRequest): Message {
  const shown = Object.entries(headers).filter(([name]) => !withheld.has(name));
  const message = { method, uri, headers: Object.fromEntries(shown) };
  const json = /^application\/json\s*(;|$)/i.test(headers['Content-Type'] ?? '');
  return json && body !== undefined && body.length > 0 ? { ...message, body } : message;
}

const withheld = new Set([
  'Host',
  'Transfer-Encoding',
  'Authorization',
  'X-Registry-Auth',
  'X-Registry-Config',
]);

/** The docker CLI: `DOCKER_CLI`, else the one on PATH. */
export function docker(): string {
  const { DOCKER_CLI = 'docker' } = process.env;
  return DOCKER_CLI;
}

/** A command line taken apart: leading assignments, then the arguments behind `docker`. */
export function parseCommand(commandLine: string): {
  assignments: Record<string, string>;
  argv: string[];
} {
  const words = splitWords(commandLine);
  const program = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (words[program] !== 'docker') throw new Error(`${commandLine}: not a docker command line`);
  const assignments = words.slice(0, program).map((word): [string, string] => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  });
  return { assignments: Object.fromEntries(assignments), argv: words.slice(program + 1) };
}

/**
 * Splits a command line at blanks as a shell does, without expansions: single quotes keep all, double
 * quotes all but backslash escapes of `"`, `\`, `$` and a backtick, a backslash outside keeps one character.
 */
export function splitWords(line: string): string[] {
  const piece = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(\s+)|(.)/gsy;
  const words: string[] = [];
  let word: string | undefined;
  for (const [, single, double, escaped, plain, blank] of line.matchAll(piece)) {
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? '') + part;
    else if (blank === undefined) throw new Error(`${line}: a quote without its end`);
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

let workspace: string | undefined;
let sockets = 0;

function makeWorkspace(): string {
  const home = mkdtempSync(join(tmpdir(), 'bulwark-recorder-'));
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, 'config'));
  mkdirSync(join(home, 'work/plugin/rootfs'), { recursive: true });
  writeFileSync(join(home, 'work/Dockerfile'), 'FROM alpine\n');
  writeFileSync(join(home, 'work/file.txt'), 'hello\n');
  // Two blocks of zeros: the end of an archive, and so an empty one.
  writeFileSync(join(home, 'work/image.tar'), new Uint8Array(1024));
  writeFileSync(join(home, 'work/plugin/config.json'), '{"interface":{"types":[]}}');
  return home;
}

async function finish(child: ChildProcess, stdin: string): Promise<{ code: number | null; stderr: string }> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the CLI was started without pipes');
  // A command that does not read its input may have closed it: that is no failure.
  child.stdin?.on('error', () => {}).end(stdin);
  const [errors] = await Promise.all([text(stderr), text(stdout), once(child, 'close')]);
  return { code: child.exitCode, stderr: errors };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  apiVersion: string,
  requests: RecordedRequest[],
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { method = '', url: uri = '' } = request;
  const recorded = { method, uri, headers: goHeaders(request.rawHeaders) };
  requests.push(body.length > 0 ? { ...recorded, body: new Uint8Array(body) } : recorded);
  const { status, headers, value } = answer(method, uri);
  const content = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Api-Version': apiVersion,
    'Docker-Experimental': 'true',
    Ostype: 'linux',
    ...headers,
  });
  response.end(method === 'HEAD' ? '' : content);
}

/** Headers under Go's spelling of their names; a repeated one keeps its last value, as the daemon tells it. */
function goHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    headers[name] = raw[i + 1] ?? '';
  }
  return headers;
}
