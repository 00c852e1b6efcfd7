import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launcher } from '../process.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { type Handover, holdSocket } from './handover.ts';
import { startLoad } from './load.ts';
import { describeReleases } from './releases.ts';

const policies = join(import.meta.dirname, '../../policies');

describeReleases('a socket that lives on', (release) => {
  let d: Dockerd;
  let held: Handover;
  let args: string[];

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ dir, pluginDir, socket, hostRoot }) => {
        const path = join(pluginDir, 'bulwark.sock');
        const data = mkdtempSync(join(dir, 'bulwark-'));
        const place = ['--authz-socket', path, '--data', data, '--docker-host', `unix://${socket}`];
        args = [...place, '--host-root', hostRoot, '--policies', policies];
        held = await holdSocket(path, { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' });
        held.start(launcher, args);
        await held.ready();
      },
    });
    await d.docker('run', '-d', '--name', 'target', 'busybox', 'sleep', '100000');
  });
  afterAll(async () => {
    await d?.stop();
    await held?.stop();
  });

  test('200 graceful restarts under load: no request fails', { timeout: 300_000 }, async () => {
    const load = startLoad(d, 'target', 4);
    const began = performance.now();
    const gaps: number[] = [];
    for (let time = 0; time < Number(process.env['TIMES'] ?? 200); time++) {
      const t = performance.now();
      await held.kill('SIGTERM');
      expect(await held.ended()).toBe(0);
      const t2 = performance.now();
      held.start(launcher, args);
      await held.ready();
      gaps.push(t2 - t, performance.now() - t2);
    }
    const outcome = await load.stop();
    const avg = (k: number) =>
      gaps.filter((_, i) => i % 2 === k).reduce((a, b) => a + b, 0) / (gaps.length / 2);
    console.log(
      release,
      outcome.requests,
      outcome.slowest,
      outcome.failures.slice(0, 10),
      outcome.failures.length,
      'stop',
      avg(0),
      'start',
      avg(1),
      'total',
      performance.now() - began,
    );
    expect(outcome).toMatchObject({ wronglyAllowed: 0, failures: [] });
  });
});
