import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { places } from './places.ts';
import type { Step } from './steps.ts';

/** Milliseconds until it must be ready. */
const patience = 30_000;

/**
 * Starts the program that was put in place once, beside any that runs, with the configuration that it will have, but for a socket
 * and a ledger of its own. What it says where it does not start is told; and what Node compiles of it is kept, so that the
 * restart which follows takes less long.
 */
export const tryOutStep: Step = {
  what: 'try whether it starts with this configuration',
  async run(changed) {
    if (!changed) return undefined;
    await tryOut();
    return () => undefined;
  },
};

async function tryOut(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-try-'));
  try {
    const own = ['--authz-socket', join(folder, 'bulwark.sock'), '--data', join(folder, 'data')];
    const off = ['--admin', 'off', '--metrics', 'off', '--docker-host', 'off'];
    const program = join(places.program, 'current/bin/bulwark');
    await readyAndStopped(program, ['serve', '--config', places.config, ...own, ...off]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readyAndStopped(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(places.data, 'compiled') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  let said = '';
  let isReady = false;
  child.stderr.on('data', (part) => (said += String(part)));
  child.stdout.on('data', (part) => {
    if (!String(part).startsWith('ready:')) return;
    isReady = true;
    child.kill('SIGTERM');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (isReady && code === 0) resolve();
      else
        reject(
          new Refusal(
            'step-failed',
            `it ended (${code ?? signal}): ${printable(said.trim().slice(-2000), 2000)}`,
          ),
        );
    });
  });
}
