import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startDockerd } from '../daemon/dockerd.ts';
import { type Handover, holdSocket } from '../daemon/handover.ts';
import { type Outcome, startLoad } from '../daemon/load.ts';
import { root } from '../process.ts';
import type { Row } from './table.ts';

const restarts = 10;

/** The longest that one request of a loaded daemon may take while Bulwark is replaced, in milliseconds. */
const most = 2000;

/** A real daemon under load, without and with restarts of a Bulwark as it is installed: compiled, its socket held. Needs root. */
export async function restartsUnderLoad(): Promise<readonly Row[]> {
  let held: Handover | undefined;
  let args: readonly string[] = [];
  let program = '';
  const daemon = await startDockerd({
    release: '26.1',
    plugins: ['bulwark'],
    before: async ({ dir, pluginDir, socket, hostRoot }) => {
      program = installed(join(dir, 'program'));
      const path = join(pluginDir, 'bulwark.sock');
      const data = join(dir, 'bulwark');
      const place = ['--authz-socket', path, '--data', data, '--docker-host', `unix://${socket}`];
      args = [...place, '--host-root', hostRoot, '--policies', join(root, 'policies')];
      held = await holdSocket(path, { NODE_COMPILE_CACHE: join(data, 'compiled') });
      held.start(program, args);
      await held.ready();
    },
  });
  try {
    await daemon.docker('run', '-d', '--name', 'target', 'busybox', 'sleep', '100000');
    const quiet = await load(() => pause(5000));
    const busy = await load(async () => {
      for (let time = 0; time < restarts; time++) {
        await held?.kill('SIGTERM');
        await held?.ended();
        held?.start(program, args);
        await held?.ready();
        await pause(1000);
      }
    });
    return [
      {
        what: `${restarts} restarts under load: slowest request`,
        floor: `${quiet.slowest} ms`,
        bulwark: `${busy.slowest} ms`,
        bound: `<= ${most} ms`,
        held: busy.slowest <= most,
      },
      {
        what: `failed, of ${busy.requests}`,
        floor: `${quiet.failures.length}`,
        bulwark: `${busy.failures.length}`,
        bound: '0',
        held: busy.failures.length === 0,
      },
    ];
  } finally {
    await daemon.stop();
    await held?.stop();
  }

  async function load(meanwhile: () => Promise<unknown>): Promise<Outcome> {
    const running = startLoad(daemon, 'target', 4);
    await meanwhile();
    return running.stop();
  }
}

/** As `bulwark install` leaves it; gives its launcher. */
function installed(folder: string): string {
  mkdirSync(folder);
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'bin/bulwark');
}
