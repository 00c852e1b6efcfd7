import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Status, statusSchema } from '../admin/routes/status.ts';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { askServe } from './askServe.ts';
import { writeText } from './files.ts';
import { places } from './places.ts';
import { home } from './program.ts';
import type { Step } from './steps.ts';
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
        const undos = units.map((unit) =>
          writeText(join(places.units, unit), readFileSync(join(home, 'plugin', unit), 'utf8')),
        );
        if (undos.every((undo) => undo === undefined)) return undefined;
        await systemctl('daemon-reload');
        return async () => {
          for (const undo of undos) await undo?.();
          await systemctl('daemon-reload');
        };
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
        try {
          await systemctl('start', 'bulwark.socket');
          await systemctl(changed ? 'restart' : 'start', 'bulwark.service');
          await waitForServe(admin, 30_000);
        } catch (error) {
          const state = await stateOf('bulwark.service');
          await undo();
          const why = printable(error instanceof Error ? error.message : String(error), 500);
          throw new Refusal(
            'serve-unreachable',
            `${state}: ${why}`,
            'Look at its log: `journalctl -u bulwark`.',
          );
        }
        return wasActive && !changed ? undefined : undo;
      },
    },
  ];
}

async function stateOf(unit: string): Promise<string> {
  const state = await unitProperties(unit, ['ActiveState', 'Result', 'ExecMainStatus']);
  const [active, result, code] = ['ActiveState', 'Result', 'ExecMainStatus'].map((name) => state.get(name));
  return `${unit} is ${active} (${result}, exit code ${code})`;
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
