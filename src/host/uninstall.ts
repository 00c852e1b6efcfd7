import { existsSync, lstatSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import type { Daemon } from './daemon.ts';
import { dropBackup, hookOut } from './hook.ts';
import { places } from './places.ts';
import { managedPlugin, removePlugin } from './plugin.ts';
import { mustBeRoot } from './root.ts';
import { units } from './service.ts';
import type { Tell } from './steps.ts';
import { isSystemd, systemctl } from './systemd.ts';

/**
 * Removes Bulwark in the order in which Docker works all the time: the daemon first stops asking it, then it stops. What
 * was removed before a step failed stays removed; each can be done again.
 *
 * @param purge policies, configuration and ledger too
 * @throws Refusal `step-failed` and those of `hookOut`
 */
export async function uninstall(
  { configFile }: Daemon,
  socket: string,
  purge: boolean,
  tell: Tell,
): Promise<void> {
  mustBeRoot('uninstall');
  const kept = [dirname(places.policies), places.data];
  const acts: readonly (readonly [string, () => unknown])[] = [
    [
      `take Bulwark out of ${configFile} and let Docker go on without it`,
      () => hookOut({ socket, configFile }).then(() => dropBackup(configFile)),
    ],
    ['stop Bulwark and remove its units or its managed plugin', () => stopBulwark(socket)],
    [`remove ${places.command} and ${places.program}`, removeProgram],
    ...(purge ? [[`remove ${kept.join(' and ')}`, () => remove(...kept)] as const] : []),
  ];
  for (const [what, act] of acts) {
    try {
      await act();
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal('step-failed', `could not ${what}: ${printable(String(error), 2000)}.`);
    }
    tell(`done     ${what}`);
  }
}

async function stopBulwark(socket: string): Promise<void> {
  if ((await managedPlugin(socket)) !== 'absent') await removePlugin(socket);
  const there = units.filter((unit) => existsSync(join(places.units, unit)));
  if (there.length === 0) return;
  if (isSystemd()) await systemctl('disable', '--now', ...there);
  remove(...there.map((unit) => join(places.units, unit)));
  if (isSystemd()) await systemctl('daemon-reload');
  // A socket on which nobody listens slows Docker down.
  remove(places.socket);
}

function removeProgram(): void {
  const stat = lstatSync(places.command, { throwIfNoEntry: false });
  const isOurs = stat?.isSymbolicLink() && readlinkSync(places.command).startsWith(`${places.program}/`);
  remove(...(isOurs ? [places.command] : []), places.program);
}

function remove(...paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}
