import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Status, statusSchema } from '../admin/routes/status.ts';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { askServe } from './askServe.ts';
import { writeAll } from './files.ts';
import { places } from './places.ts';
import { home } from './program.ts';
import { orPutBack, type Step } from './steps.ts';
import { systemctl, unitProperties } from './systemd.ts';

/** The socket lives on while the service is restarted. */
export const units = ['bulwark.socket', 'bulwark.service'] as const;

/** Whether systemd listens for Bulwark. */
export async function isServiceActive(): Promise<boolean> {
  const state = await unitProperties('bulwark.socket', ['ActiveState']);
  return state.get('ActiveState') === 'active';
}

/** Puts the units in place and starts them; where all was there and is new, it is restarted, and else left alone. */
export function serviceSteps(admin: string): readonly Step[] {
  return [
    {
      what: `write the units ${units.map((unit) => join(places.units, unit)).join(' and ')}`,
      async run() {
        const putBack = writeAll(
          units.map((unit) => [join(places.units, unit), readFileSync(join(home, 'plugin', unit), 'utf8')]),
        );
        if (putBack === undefined) return undefined;
        const undo = async () => {
          putBack();
          await systemctl('daemon-reload');
        };
        await orPutBack(async () => {
          await systemctl('daemon-reload');
        }, undo);
        return undo;
      },
    },
    {
      what: 'start Bulwark, and with each boot before Docker',
      async run(changed) {
        const wasActive = await isServiceActive();
        await systemctl('enable', ...units);
        const undo = async () => {
          // What the units and the link stand for is put back after this: the old version is started by its socket.
          if (wasActive) await systemctl('stop', 'bulwark.service');
          else await systemctl('disable', '--now', ...units);
        };
        await orPutBack(async () => {
          try {
            await systemctl('start', 'bulwark.socket');
            await systemctl(changed ? 'restart' : 'start', 'bulwark.service');
            await waitForServe(admin, 30_000);
          } catch (error) {
            throw await notStarted(error);
          }
        }, undo);
        return wasActive && !changed ? undefined : undo;
      },
    },
  ];
}

/** Why it does not start, with what systemd knows of it. */
async function notStarted(error: unknown): Promise<Refusal> {
  const names = ['ActiveState', 'Result', 'ExecMainStatus'];
  const state = await unitProperties('bulwark.service', names);
  const [active, result, code] = names.map((name) => state.get(name));
  const why = printable(error instanceof Error ? error.message : String(error), 500);
  return new Refusal(
    'serve-unreachable',
    `bulwark.service is ${active} (${result}, exit code ${code}): ${why}`,
    'Look at its log: `journalctl -u bulwark`.',
  );
}

/**
 * Waits for a `serve` that answers on its admin socket, and fares as it should.
 *
 * @param patience milliseconds
 * @throws Refusal `serve-unreachable`
 */
export async function waitForServe(
  admin: string,
  patience: number,
  isWell: (status: Status) => boolean = () => true,
): Promise<void> {
  const end = performance.now() + patience;
  for (;;) {
    const found = await askServe(admin, '/v1/status', statusSchema).catch((error: unknown) => error);
    const why = found instanceof Error ? found : undefined;
    if (why === undefined && isWell(statusSchema.parse(found))) return;
    if (performance.now() > end) {
      throw why ?? new Refusal('daemon-silent', 'Bulwark does not find that the daemon asks it.');
    }
    await pause(200);
  }
}
