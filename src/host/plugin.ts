import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { ask } from './http.ts';
import { places, pluginName } from './places.ts';
import { copyTree } from './program.ts';
import { waitForServe } from './service.ts';
import type { Step } from './steps.ts';

const run = promisify(execFile);

/** Seconds that the daemon waits for an answer of the plugin: far more than a decision may take. */
const timeout = 30;

/** Runs `docker plugin` on the daemon of a socket. */
async function dockerPlugin(socket: string, ...args: readonly string[]): Promise<void> {
  try {
    await run('docker', ['--host', `unix://${socket}`, 'plugin', ...args], { timeout: 120_000 });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    const why = printable(said.trim() || (error instanceof Error ? error.message : String(error)), 1000);
    throw new Refusal('step-failed', `\`docker plugin ${args[0]}\`: ${why}`);
  }
}

/** Whether the daemon has a managed plugin of Bulwark's name, which it asks before any socket. */
export async function managedPlugin(socket: string): Promise<'enabled' | 'disabled' | 'absent'> {
  // Of a daemon that is down there is none.
  const answer = await ask(socket, { path: '/plugins', patience: 10_000 }).catch(() => undefined);
  if (answer?.status !== 200) return 'absent';
  // The daemon is trusted to answer as its API says.
  const list: readonly { readonly Name: string; readonly Enabled: boolean }[] = JSON.parse(answer.text);
  const found = list.find(({ Name }) => Name === pluginName || Name === `${pluginName}:latest`);
  if (found === undefined) return 'absent';
  return found.Enabled ? 'enabled' : 'disabled';
}

/** Takes the managed plugin away, which the daemon must not ask any more. */
export async function removePlugin(socket: string): Promise<void> {
  // One that is disabled already is no error worth telling: then `rm` says what is wrong.
  await dockerPlugin(socket, 'disable', '--force', pluginName).catch(() => undefined);
  await dockerPlugin(socket, 'rm', '--force', pluginName);
}

/** Makes the managed plugin of a folder that `npm run plugin:build` has left, and starts it. */
export function pluginSteps(folder: string, socket: string, admin: string): readonly Step[] {
  const real = existsSync(socket) ? realpathSync(socket) : socket;
  const settings = [
    `run.source=${dirname(real)}`,
    `BULWARK_DOCKER_HOST=unix:///host/run/${basename(real)}`,
    `BULWARK_CONFIG=${places.config}`,
  ];
  return [
    {
      what: `make the managed plugin \`${pluginName}\` of ${folder}`,
      async run() {
        if (!existsSync(join(folder, 'config.json')) || !existsSync(join(folder, 'rootfs')))
          throw new Refusal(
            'host-unfit',
            `${quote(folder, 4096)} is no folder of a plugin.`,
            'Build it: `npm run plugin:build`, which leaves `plugin/build`.',
          );
        // For root to own: the owners of the files go along into the plugin.
        const copied = mkdtempSync(join(places.program, 'plugin-'));
        try {
          copyTree(folder, copied);
          await dockerPlugin(socket, 'create', pluginName, copied);
        } finally {
          rmSync(copied, { recursive: true, force: true });
        }
        return () => removePlugin(socket);
      },
    },
    {
      what: `start it with ${settings.join(' ')}`,
      async run() {
        await dockerPlugin(socket, 'set', pluginName, ...settings);
        await dockerPlugin(socket, 'enable', '--timeout', String(timeout), pluginName);
        await waitForServe(admin, 30_000);
        // It goes with the plugin.
        return () => undefined;
      },
    },
  ];
}
