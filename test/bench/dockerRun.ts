import { join } from 'node:path';
import { startBulwark } from '../daemon/bulwark.ts';
import { startDockerd } from '../daemon/dockerd.ts';
import { type Workplace, workplace } from '../daemon/workplace.ts';
import { root } from '../process.ts';
import { median } from './load.ts';
import type { Row } from './table.ts';

const rounds = 25;
const most = 1.05;

async function runTime(place: Workplace): Promise<number> {
  const began = performance.now();
  const { code, stderr } = await place.shell('docker run --rm busybox true');
  if (code !== 0) throw new Error(`docker run failed: ${stderr}`);
  return performance.now() - began;
}

/** `docker run` on two real daemons in turns, one of which asks Bulwark. Needs root. */
export async function dockerRun(): Promise<Row> {
  const bare = await startDockerd({ release: '20.10' });
  let bulwark: Awaited<ReturnType<typeof startBulwark>> | undefined;
  const asking = await startDockerd({
    release: '20.10',
    plugins: ['bulwark'],
    before: async ({ pluginDir }) => {
      const socket = join(pluginDir, 'bulwark.sock');
      bulwark = await startBulwark({ socket, policies: [join(root, 'policies')] });
    },
  });
  try {
    const [floor, ours] = [await workplace(bare), await workplace(asking)];
    const pairs: { floor: number; bulwark: number }[] = [];
    for (let round = -2; round < rounds; round++) {
      const pair = { floor: await runTime(floor), bulwark: await runTime(ours) };
      // The first ones find nothing in any cache.
      if (round >= 0) pairs.push(pair);
    }
    const ratio = median(pairs.map((pair) => pair.bulwark / pair.floor));
    const shown = (milliseconds: number) => `${milliseconds.toFixed(0)} ms`;
    return {
      what: 'docker run, 20.10',
      floor: shown(median(pairs.map((pair) => pair.floor))),
      bulwark: shown(median(pairs.map((pair) => pair.bulwark))),
      ratio: ratio.toFixed(3),
      bound: `<= ${most}`,
      held: ratio <= most,
    };
  } finally {
    await Promise.all([bare.stop(), asking.stop()]);
    await bulwark?.stop();
  }
}
