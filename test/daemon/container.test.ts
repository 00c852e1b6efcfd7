/** The image of the Dockerfile, built on a real daemon from a stand-in for an image with Node 24. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildPluginIn, clone } from '../clone.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { packages } from './packages.ts';
import { describeReleases } from './releases.ts';

// An installation or a build takes seconds, and several times as long on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let folder: string;
/** The clone in which the image is built. */
let here: string;
let base: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-image-'));
  here = join(folder, 'clone');
  await clone(here);
  await buildPluginIn(here);
  base = await standIn(join(here, 'plugin/build/rootfs'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A root file system with Node, its libraries and nothing else, as a tar. */
async function standIn(rootfs: string): Promise<Buffer> {
  const libraries = readdirSync(rootfs).filter((name) => name !== 'usr');
  const { stdout } = await promisify(execFile)('tar', ['-C', rootfs, '-c', 'usr/bin', ...libraries], {
    encoding: 'buffer',
    maxBuffer: 1 << 28,
  });
  return stdout;
}

describeReleases('the image', (release) => {
  let d: Dockerd;

  beforeAll(async () => {
    d = await startDockerd({ release });
    const imported = await d.dockerWith(
      { stdin: base },
      'import',
      '--change',
      'ENV PATH=/usr/bin',
      '-',
      'node',
    );
    expect(imported.code, imported.stderr).toBe(0);
  });
  afterAll(() => d?.stop());

  const docker = (line: string) => d.docker(...line.split(' '));
  const ok = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await docker(line);
    expect(code, `docker ${line}: ${stderr}`).toBe(0);
    return stdout.trim();
  };
  const build = (...flags: readonly string[]) =>
    d.dockerWith({ env: { DOCKER_BUILDKIT: '0' } }, 'build', ...flags, '-t', 'bulwark', here);

  test('wants to be told its base', async () => {
    const { code, stderr } = await build();
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/base name .*blank/);
  });

  test('is built from a base by its digest, and asks nobody for anything else', async () => {
    const { address } = await d.startRegistry();
    await ok(`tag node ${address}/node:24`);
    await ok(`push -q ${address}/node:24`);
    const digest = await ok(`inspect --format {{range.RepoDigests}}{{.}}{{end}} ${address}/node:24`);
    expect(digest).toMatch(/\/node@sha256:[0-9a-f]{64}$/);
    const { code, stderr } = await build('--network', 'none', '--build-arg', `BASE=${digest}`);
    expect(code, stderr).toBe(0);
  });

  describe('in CI', () => {
    const run = (...args: string[]) => d.docker('run', '--rm', '--read-only', '--network', 'none', ...args);

    test('checks policies: 0 for those that ship, 1 for broken ones', async () => {
      const bind = `${join(here, 'policies')}:/policies:ro`;
      expect(await run('-v', bind, 'bulwark', 'check', '/policies')).toMatchObject({ code: 0 });
      const broken = join(folder, `broken-${release}`);
      mkdirSync(broken);
      writeFileSync(join(broken, 'x.yaml'), 'apiVersion: bulwark/v1\nkind: Polcy\n');
      const { code, stderr } = await run('-v', `${broken}:/policies:ro`, 'bulwark', 'check', '/policies');
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Polcy') });
    });

    test('tests policies with a docker CLI that is mounted, and says that it has none', async () => {
      const bind = ['-v', `${join(here, 'policies')}:/policies:ro`, '--tmpfs', '/tmp'];
      const without = await run(...bind, 'bulwark', 'test', '/policies');
      expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no docker CLI') });
      const cli = ['-v', `${(await packages()).docker}:/usr/bin/docker:ro`];
      const { code, stderr } = await run(...bind, ...cli, 'bulwark', 'test', '/policies');
      expect(code, stderr).toBe(0);
    });
  });

  describe('as a server', () => {
    test('needs no root, no writable root and no capability, and becomes healthy', async () => {
      const places = ['/run/bulwark', '/var/lib/bulwark', '/tmp'].flatMap((place) => [
        '--tmpfs',
        `${place}:uid=65532,mode=700`,
      ]);
      const hardened = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
      const started = await d.docker(
        'run',
        '-d',
        '--name',
        'guard',
        '--health-interval',
        '1s',
        ...hardened,
        ...places,
        'bulwark',
      );
      expect(started.code, started.stderr).toBe(0);
      await expect.poll(() => ok('inspect --format {{.State.Health.Status}} guard')).toBe('healthy');
      const { stdout, stderr } = await docker('logs guard');
      expect(stdout).toContain('ready: authz=/run/bulwark/bulwark.sock policies=2 documents');
      // What it has not, it says.
      expect(stderr).toContain('--host-root off');
      expect(await ok('top guard -o pid,uid')).toMatch(/65532/);
      await ok('rm -f guard');
    });

    const privileged = async () => (await docker('create --privileged busybox')).stderr;

    // The daemon starts what has a restart policy before it looks for its plugins, and looks for 15 s.
    test('comes back with the daemon that it guards, by its restart policy', async () => {
      const socket = '/run/docker/plugins';
      const mounts = `-v ${socket}:${socket} -v /run:/host/run --tmpfs /var/lib/bulwark --user 0`;
      const settings = `-e BULWARK_AUTHZ_SOCKET=${socket}/bulwark.sock -e BULWARK_DOCKER_HOST=unix:///host/run/docker.sock`;
      await ok(`run -d --name guard --restart always ${mounts} ${settings} bulwark`);
      await expect.poll(() => ok('logs guard')).toContain('ready:');
      await d.reload({ 'authorization-plugins': ['bulwark'] });
      await expect.poll(privileged).toContain('baseline/privileged');
      await d.restart();
      expect(await privileged()).toContain('baseline/privileged');
    });

    test('and locks it out where that does not start it: without Bulwark the daemon ends', async () => {
      await ok('update --restart no guard');
      await d.halt();
      const began = performance.now();
      await expect(d.restart()).rejects.toThrow(/exited[\s\S]*bulwark/);
      // It tries again after 1, 2, 4 and 8 s.
      expect(performance.now() - began).toBeGreaterThan(14_000);
    });
  });
});
