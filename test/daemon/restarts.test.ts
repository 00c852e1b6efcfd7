/**
 * Restarts, an upgrade and kills while dockerd is asked without a pause, with the socket handed over as systemd does it.
 * `docs/decisions/0014-restarts.md` says why nothing is lost.
 */
import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launcher, root, start } from '../process.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { type Handover, holdSocket } from './handover.ts';
import { type Load, startLoad } from './load.ts';
import { describeReleases } from './releases.ts';

const clients = 4;

/** Each start of Node takes seconds on a machine with as much else to do. */
const patient = { timeout: 180_000 };

describeReleases('under load, with the socket handed over', (release) => {
  let d: Dockerd;
  let held: Handover;
  let policies: string;
  let args: readonly string[];

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ dir, pluginDir, socket, hostRoot }) => {
        policies = join(dir, 'policies');
        cpSync(join(root, 'policies'), policies, { recursive: true });
        const path = join(pluginDir, 'bulwark.sock');
        const data = mkdtempSync(join(dir, 'bulwark-'));
        const place = ['--authz-socket', path, '--data', data, '--docker-host', `unix://${socket}`];
        args = [...place, '--host-root', hostRoot, '--policies', policies];
        held = await holdSocket(path, { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' });
        held.start(launcher, args);
        await held.ready();
      },
    });
    const target = await d.docker('run', '-d', '--name', 'target', 'busybox', 'sleep', '100000');
    expect(target).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await d?.stop();
    await held?.stop();
  });

  async function restart(program = launcher): Promise<void> {
    await held.kill('SIGTERM');
    expect(await held.ended()).toBe(0);
    held.start(program, args);
    await held.ready();
  }

  // As many on both take nine minutes, most of them for starting Node.
  const times = release === '26.1' ? 200 : 20;
  test(`${times} restarts: no request fails`, { timeout: 900_000 }, async () => {
    const load = startLoad(d, 'target', clients);
    for (let time = 0; time < times; time++) await restart();
    const outcome = await load.stop();
    expect(outcome).toMatchObject({ failures: [], wronglyAllowed: 0 });
    expect(outcome.requests).toBeGreaterThan(times);
  });

  test(
    'an upgrade, with other policies: no request fails or waits longer than it takes',
    patient,
    async () => {
      const always = { Image: 'busybox', HostConfig: { RestartPolicy: { Name: 'always' } } };
      const create = () => d.api('POST', '/v1.41/containers/create', { body: always });
      expect((await create()).status).toBe(201);
      const program = copyOfProgram(join(d.dir, 'next'));
      await startOnce(program, join(d.dir, 'beside'));
      const load = startLoad(d, 'target', clients);
      await more(load);
      writeFileSync(
        join(policies, 'next.yaml'),
        'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: next }\nspec: { controls: { restart: { allow: ["no"] } } }\n',
      );
      const began = performance.now();
      await restart(program);
      const took = performance.now() - began;
      const after = await create();
      expect(after.text).toContain('next/restart');
      await more(load);
      const outcome = await load.stop();
      expect(outcome).toMatchObject({ failures: [], wronglyAllowed: 0 });
      expect(outcome.slowest).toBeLessThan(took + 500);
    },
  );

  // dockerd sends a request that was under way again, and empty, which is denied; what comes later waits.
  test('kills: nothing is wrongly allowed, and nothing fails but what was under way', patient, async () => {
    const load = startLoad(d, 'target', clients);
    const kills = 5;
    for (let time = 0; time < kills; time++) {
      await held.kill('SIGKILL');
      expect(await held.ended()).toBe(137);
      held.start(launcher, args);
      await held.ready();
      // dockerd waits for a second before it tries again.
      await more(load);
    }
    const { failures, wronglyAllowed } = await load.stop();
    expect(wronglyAllowed).toBe(0);
    expect(failures.length).toBeLessThanOrEqual(kills * clients);
    for (const failure of failures) expect(failure).toContain('message-unreadable: the message is empty');
    const calm = startLoad(d, 'target', clients);
    await more(calm);
    expect(await calm.stop()).toMatchObject({ failures: [] });
  });
});

/** Waits until each client has had some answers more. */
async function more({ answered }: Load): Promise<void> {
  await expect.poll(answered).toBeGreaterThan(answered() + 10 * clients);
}

/** As `docs/service.md` advises: what Node compiles of a new program it keeps. */
async function startOnce(program: string, folder: string): Promise<void> {
  const place = ['--authz-socket', join(folder, 'bulwark.sock'), '--data', folder];
  const off = ['--policies', join(root, 'policies'), '--admin', 'off', '--docker-host', 'off'];
  const { child, until, ended } = start(program, ['serve', ...place, ...off]);
  await until(/^ready: /m);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
}

/** Another installation of the same program; gives its launcher. */
function copyOfProgram(folder: string): string {
  for (const part of ['bin', 'src', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'bin', 'bulwark');
}
