import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../logging/log.ts';
import { createNotifier } from './notifier.ts';

let folder: string;
let logged: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  logged = '';
  children = [];
});

afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true });
});

const log = createLog({
  write(line) {
    logged += line;
  },
});

/** Receives datagrams as systemd does, which Node cannot; perl-base is part of every Debian. */
const receiver = `use Socket; $| = 1;
socket(S, PF_UNIX, SOCK_DGRAM, 0) && bind(S, pack_sockaddr_un($ARGV[0])) || die $!;
print "bound\\n";
while (defined recv(S, $m, 65536, 0)) { $m =~ s/\\n/|/g; print "$m\\n" }`;

async function systemd(): Promise<{ readonly socket: string; readonly heard: () => readonly string[] }> {
  const socket = join(folder, 'notify');
  const child = spawn('perl', ['-e', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  await soon(() => expect(said).toContain('bound\n'));
  const lines = () => said.trim().split('\n').slice(1);
  // What asks whether all before has been read.
  return { socket, heard: () => lines().filter((line) => !line.startsWith('BARRIER=')) };
}

/** Each word is a process's, which takes its time on a busy machine, and may come after a later one. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

const PATH = process.env['PATH'];
const alive = () => Promise.resolve();
const asleep = () => new Promise<void>(() => {});

describe('createNotifier()', () => {
  it('tells systemd that the service is ready, lives and stops', async () => {
    const { socket, heard } = await systemd();
    const env = { PATH, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000', WATCHDOG_PID: '7', LANG: 'C' };
    const limits: number[] = [];
    const notifier = createNotifier(env, 7, log);
    expect(env).toEqual({ PATH, LANG: 'C' });
    notifier.ready('ready: a=b\nMAINPID=1', async (limit) => void limits.push(limit));
    await soon(() => expect(heard()).toContain('WATCHDOG=1'));
    await soon(() => expect(heard()).toContain('READY=1|STATUS=ready: a=b\\u000aMAINPID=1'));
    expect(limits[0]).toBe(100);
    notifier.stopping();
    await soon(() => expect(heard()).toContain('STOPPING=1'));
    expect(logged).toBe('');
  });

  // What stays away ends the service: systemd waits for it.
  it.each<[string, () => Promise<void>, RegExp]>([
    ['rejects', () => Promise.reject(new Error('no answer')), /no answer came through the plugin socket/],
    ['does not end', asleep, /^$/],
  ])('says no more that the service lives when the proof of it %s', async (_, proof, expected) => {
    const { socket, heard } = await systemd();
    const notifier = createNotifier({ PATH, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '20000' }, 7, log);
    const asked = Promise.withResolvers<void>();
    let turn = 0;
    notifier.ready('', async () => {
      turn += 1;
      if (turn === 1) return;
      await soon(() => expect(heard()).toContain('WATCHDOG=1'));
      asked.resolve();
      return proof();
    });
    await asked.promise;
    notifier.stopping();
    await soon(() => expect(heard()).toContain('STOPPING=1'));
    expect(heard().filter((line) => line === 'WATCHDOG=1')).toHaveLength(1);
    expect(logged).toMatch(expected);
  });

  it('does not watch for another process', async () => {
    const { socket, heard } = await systemd();
    const env = { PATH, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '2000', WATCHDOG_PID: '6' };
    const notifier = createNotifier(env, 7, log);
    const proof = vi.fn(alive);
    notifier.ready('', proof);
    await soon(() => expect(heard()).toHaveLength(1));
    notifier.stopping();
    await soon(() => expect(heard().toSorted()).toEqual(['READY=1|STATUS=', 'STOPPING=1']));
    expect(proof).not.toHaveBeenCalled();
  });

  it('does nothing where systemd does not listen', () => {
    const notifier = createNotifier({ PATH: folder, WATCHDOG_USEC: '2000' }, 7, log);
    notifier.ready('', alive);
    notifier.stopping();
    expect(logged).toBe('');
  });

  // Whatever becomes of it, the log says so and the service goes on.
  it.each<[string, string | undefined, string]>([
    ['is not there', undefined, 'ENOENT'],
    ['fails', '#!/bin/sh\nexit 3\n', 'ended with 3'],
  ])('survives a systemd-notify that %s', async (_, script, expected) => {
    if (script !== undefined) {
      writeFileSync(join(folder, 'systemd-notify'), script);
      chmodSync(join(folder, 'systemd-notify'), 0o755);
    }
    createNotifier({ PATH: folder, NOTIFY_SOCKET: '/nowhere' }, 7, log).ready('', alive);
    await soon(() => expect(logged).toContain(expected));
    expect(logged).toContain('systemd could not be told');
  });
});
