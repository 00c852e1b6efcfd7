import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { Refusal } from '../model/error.ts';
import { quote } from '../model/printable.ts';
import { askCanary, waitUntil } from './asked.ts';
import { findDaemon, type Wanted } from './daemon.ts';
import { addPlugin, removePlugin } from './daemonJson.ts';
import { textOf, writeAll, writeText } from './files.ts';
import { pluginName } from './places.ts';
import { orPutBack, type Undo } from './steps.ts';
import { isSystemd, systemctl } from './systemd.ts';

const run = promisify(execFile);

/** For a reload: dockerd reads its file and asks its plugins with the next request. Milliseconds. */
const reloadTime = 10_000;

/** For a start: it tries a plugin that is not there for 15 s, and then stops. Milliseconds. */
const startTime = 40_000;

/**
 * Names Bulwark in `daemon.json`, whose old text is kept beside it, and lets the daemon read it.
 *
 * @throws Refusal `daemon-json`, `daemon-unmoved`; all is as it was then
 */
export async function hookIn({ socket, configFile }: Required<Wanted>): Promise<Undo | undefined> {
  const before = textOf(configFile);
  const after = addPlugin(before ?? '', pluginName, configFile);
  const backup =
    before === undefined || before === after ? [] : [[backupOf(configFile), before, 0o600] as const];
  const putBack = writeAll([...backup, [configFile, after]]);
  if (putBack === undefined && (await askCanary(socket, reloadTime)).by === 'bulwark') return undefined;
  const undo = async () => {
    putBack?.();
    // Where it named Bulwark before, it does again.
    if (putBack !== undefined) await revive({ socket, configFile });
  };
  await orPutBack(async () => {
    await reload({ socket, configFile });
    await waitUntil('bulwark', socket, reloadTime);
  }, undo);
  return undo;
}

/**
 * Takes Bulwark out of `daemon.json` and makes sure that the daemon answers without it, also where both are down: it is
 * reloaded, or started.
 *
 * @returns whether it was there
 * @throws Refusal `daemon-json`, `daemon-unmoved`
 */
export async function hookOut({ socket, configFile }: Required<Wanted>): Promise<boolean> {
  const before = textOf(configFile);
  const undo =
    before === undefined ? undefined : writeText(configFile, removePlugin(before, pluginName, configFile));
  await revive({ socket, configFile });
  return undo !== undefined;
}

function backupOf(configFile: string): string {
  return `${configFile}.before-bulwark`;
}

/** Removes the old text of `daemon.json` where that is what it says again. */
export function dropBackup(configFile: string): void {
  const backup = backupOf(configFile);
  if (textOf(backup) === textOf(configFile)) rmSync(backup, { force: true });
}

async function reload(wanted: Wanted): Promise<void> {
  const { pid } = await findDaemon(wanted);
  if (pid === undefined)
    throw new Refusal('daemon-absent', `no dockerd listens on ${quote(wanted.socket, 4096)}.`);
  process.kill(pid, 'SIGHUP');
}

/** Makes the daemon answer by the configuration that it has now: by a reload, and where that is not enough by a start. */
async function revive(wanted: Wanted): Promise<void> {
  const { socket } = wanted;
  try {
    await reload(wanted);
    await waitUntil('daemon', socket, reloadTime);
  } catch {
    await start(wanted);
    await waitUntil('daemon', socket, startTime);
  }
}

async function start(wanted: Wanted): Promise<void> {
  const { unit } = await findDaemon(wanted);
  if (unit !== undefined && isSystemd()) {
    // Who has failed often is not started any more.
    await systemctl('reset-failed', unit).catch(() => undefined);
    await systemctl('restart', unit);
  } else if (existsSync('/etc/init.d/docker')) {
    await run('/etc/init.d/docker', ['restart'], { timeout: startTime });
  } else {
    throw new Refusal(
      'daemon-unmoved',
      `the daemon at ${quote(wanted.socket, 4096)} does not answer, and nothing on this host is known to start it.`,
      'Its configuration does not name Bulwark any more: start it as you usually do.',
    );
  }
}
