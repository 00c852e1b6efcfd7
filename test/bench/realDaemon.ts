import { join } from 'node:path';
import { startBulwark } from '../daemon/bulwark.ts';
import { type Dockerd, startDockerd } from '../daemon/dockerd.ts';
import { type Workplace, workplace } from '../daemon/workplace.ts';
import { root } from '../process.ts';
import { median } from './load.ts';
import type { Row } from './table.ts';

const rounds = 25;

interface Place {
  readonly daemon: Dockerd;
  readonly shell: Workplace;
}

/** What is done on both daemons in turns. Gives the milliseconds that it took. */
type Work = (place: Place) => Promise<number>;

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const dockerRun: Work = ({ shell }) =>
  timed(async () => {
    const { code, stderr } = await shell.shell('docker run --rm busybox true');
    if (code !== 0) throw new Error(`docker run failed: ${stderr}`);
  });

/** The request alone; what it starts has a named volume, so that Bulwark looks up two things. */
const start: Work = async ({ daemon }) => {
  const took = await timed(async () => {
    const { status, text } = await daemon.api('POST', '/v1.41/containers/starts/start');
    if (status !== 204) throw new Error(`start failed: ${text}`);
  });
  await daemon.api('POST', '/v1.41/containers/starts/wait');
  return took;
};

/** One that runs already: the daemon does nothing, so that what Bulwark adds is all there is. */
const noStart: Work = ({ daemon }) =>
  timed(async () => {
    const { status, text } = await daemon.api('POST', '/v1.41/containers/runs/start');
    if (status !== 304) throw new Error(`start failed: ${text}`);
  });

async function compare(
  what: string,
  work: Work,
  [bare, asking]: readonly Place[],
  most?: number,
): Promise<Row> {
  if (bare === undefined || asking === undefined) throw new Error('two daemons are compared');
  const pairs: { floor: number; bulwark: number }[] = [];
  for (let round = -2; round < rounds; round++) {
    const pair = { floor: await work(bare), bulwark: await work(asking) };
    // The first ones find nothing in any cache.
    if (round >= 0) pairs.push(pair);
  }
  const ratio = median(pairs.map((pair) => pair.bulwark / pair.floor));
  const shown = (milliseconds: number) => `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
  return {
    what,
    floor: shown(median(pairs.map((pair) => pair.floor))),
    bulwark: shown(median(pairs.map((pair) => pair.bulwark))),
    ratio: ratio.toFixed(3),
    bound: most === undefined ? '' : `<= ${most}`,
    held: most === undefined || ratio <= most,
  };
}

/** Two real daemons, one of which asks Bulwark. Needs root. */
export async function realDaemon(): Promise<readonly Row[]> {
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
    const places: Place[] = [];
    for (const daemon of [bare, asking]) {
      const shell = await workplace(daemon);
      await daemon.docker('create', '--name', 'starts', '-v', 'data:/d', 'busybox', 'true');
      await daemon.docker('run', '-d', '--name', 'runs', '-v', 'data:/d', 'busybox', 'sleep', '100000');
      places.push({ daemon, shell });
    }
    return [
      await compare('docker run, 20.10', dockerRun, places, 1.05),
      await compare('start, with a volume: two look-ups', start, places),
      await compare('start of what runs: two look-ups', noStart, places),
    ];
  } finally {
    await Promise.all([bare.stop(), asking.stop()]);
    await bulwark?.stop();
  }
}
