/** `bulwark install --plugin`, on a host without systemd. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { buildPluginIn, clone } from '../clone.ts';
import { launcher } from '../process.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

// An installation or a build takes seconds, and several times as long on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** A daemon that somebody starts by hand, with a configuration file of its own place. */
describeReleases('an installation as a managed plugin', (release) => {
  let d: Dockerd;
  let built: string;
  const before = '{ "debug": false }';
  beforeAll(async () => {
    d = await startDockerd({
      release,
      before: async ({ dir }) => {
        writeFileSync(join(dir, 'daemon.json'), before);
        await clone(join(dir, 'clone'));
        built = join(dir, 'built');
        await buildPluginIn(join(dir, 'clone'), [built]);
      },
    });
  });
  afterAll(() => d?.stop());
  const bulwark = (...args: readonly string[]) => d.onHost([launcher, ...args], { timeout: 120_000 });
  const daemonJson = () => readFileSync(join(d.dir, 'daemon.json'), 'utf8');
  const privileged = async () =>
    (await d.docker('create', '--pull=never', '--privileged', 'no-image')).stderr;

  test('is what a host without systemd is told to do', async () => {
    const { code, stderr } = await bulwark('install', '--yes');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('`--plugin plugin/build`') });
  });

  test('puts all back where the folder holds no plugin that runs', async () => {
    await d.onHost(['sh', '-c', 'mkdir -p /srv/none/rootfs && echo "{}" >/srv/none/config.json']);
    const failed = await bulwark('install', '--yes', '--plugin', '/srv/none');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('all is as it was') });
    expect((await d.docker('plugin', 'ls', '--format', '{{.Name}}')).stdout).toBe('');
    expect(daemonJson()).toBe(before);
    expect(await privileged()).toContain('No such image');
  });

  test('denies, is broken and mended, and goes away', async () => {
    const installed = await bulwark('install', '--yes', '--plugin', built);
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    expect(daemonJson()).toBe('{ "debug": false, "authorization-plugins": ["bulwark"] }');
    expect(await privileged()).toContain('denied by plugin bulwark:latest: baseline/privileged');
    expect(await d.docker('run', '--rm', 'busybox', 'echo', 'on')).toMatchObject({ stdout: 'on\n' });
    expect(await bulwark('status')).toMatchObject({ code: 0 });
    const again = await bulwark('install', '--yes', '--plugin', built);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('`bulwark uninstall` first') });
    expect(await bulwark('break-glass')).toMatchObject({ code: 0 });
    expect(await privileged()).toContain('No such image');
    expect(await bulwark('break-glass', '--undo')).toMatchObject({ code: 0 });
    expect(await privileged()).toContain('denied by plugin');
    const gone = await bulwark('uninstall', '--purge');
    expect(gone, gone.stderr).toMatchObject({ code: 0 });
    expect(daemonJson()).toBe(before);
    expect((await d.docker('plugin', 'ls', '--format', '{{.Name}}')).stdout).toBe('');
    expect(await privileged()).toContain('No such image');
  });
});
