/**
 * Names that move: between Bulwark's look at a container and the daemon's act its name goes to a stronger one. Bulwark
 * looks through a socket that delays it, so that there is time for that.
 */
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

const policies = join(import.meta.dirname, '../../policies');

/** How long a look-up takes at least, in milliseconds. */
const delay = 15;

/** A socket that hands on to another one what it gets, late. */
function delaying(path: string, target: string): Promise<Server> {
  const server = createServer((client) => {
    const daemon = connect(target);
    client.on('data', (bytes) => setTimeout(() => daemon.write(bytes), delay));
    daemon.on('data', (bytes) => client.write(bytes));
    for (const [one, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  });
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

describeReleases('names that move', (release) => {
  let d: Dockerd;
  let bulwark: Bulwark;
  let slow: Server;

  beforeAll(async () => {
    d = await startDockerd({ release, respawns: true });
    await d.docker('run', '-d', '--name', 'weak', 'busybox', 'sleep', '100000');
    await d.docker('create', '--name', 'strong', '-v', '/etc:/h', 'busybox', 'true');
    await d.restart({
      daemonJson: { 'authorization-plugins': ['bulwark'], 'live-restore': true },
      before: async () => {
        const socket = join(d.dir, 'slow.sock');
        slow = await delaying(socket, d.socket);
        bulwark = await startBulwark({
          socket: join(d.pluginDir, 'bulwark.sock'),
          policies: [policies],
          dockerHost: `unix://${socket}`,
        });
      },
    });
    await d.docker('start', 'weak');
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
    slow?.close();
  });

  async function idOf(name: string): Promise<string> {
    return (await d.docker('inspect', '--format', '{{.Id}}', name)).stdout.trim();
  }

  test('never start another container than the one that was judged, 500 times', async () => {
    const [weak, strong] = await Promise.all([idOf('weak'), idOf('strong')]);
    const rename = (id: string, name: string) => d.api('POST', `/containers/${id}/rename?name=${name}`);
    expect(await rename(weak, 'moving')).toMatchObject({ status: 204 });
    const wrong: string[] = [];
    let passed = 0;
    let moved = 0;
    for (let round = 0; round < 500; round += 1) {
      // It runs: the daemon has nothing to start, says 304, and is quick about it.
      const start = d.api('POST', '/containers/moving/start');
      await pause(round % (2 * delay));
      const [, got] = [await rename(weak, 'away'), await rename(strong, 'moving')];
      if (got.status === 204) moved += 1;
      const { status, text } = await start;
      if (status === 304 || status === 204) passed += 1;
      else if (!/busy|baseline\/binds|facts-not-found|No such container/.test(text)) wrong.push(text);
      const stored = (await d.api('GET', `/containers/${strong}/json`)).text;
      if (!stored.includes('"StartedAt":"0001-01-01T00:00:00Z"'))
        wrong.push(`round ${round}: the strong one was started`);
      if (wrong.length > 0) break;
      await rename(strong, 'strong');
      await rename(weak, 'moving');
    }
    expect(wrong).toEqual([]);
    // Both happen, or nothing was raced.
    expect(passed).toBeGreaterThan(50);
    expect(moved).toBeGreaterThan(50);
    await rename(weak, 'weak');
  }, 240_000);

  describe('are not in the way', () => {
    const sleeps = ['busybox', 'sleep', '1000'];

    async function must(...args: string[]): Promise<void> {
      const { code, stderr } = await d.docker(...args);
      expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
    }

    test('of scripts that make, start, rename and remove, one after another and side by side', async () => {
      const script = async (own: string) => {
        for (let round = 0; round < 3; round += 1) {
          await must('create', '--name', own, ...sleeps);
          await must('start', own);
          await must('rename', own, `${own}-old`);
          await must('run', '-d', '--name', own, ...sleeps);
          await must('rm', '-f', `${own}-old`, own);
          await must('run', '--rm', '--name', own, 'busybox', 'true');
        }
      };
      await Promise.all(['one', 'two', 'three'].map(script));
    }, 180_000);

    test('of `rm -f` beside an attached run, and of the next run under that name', async () => {
      for (let round = 0; round < 3; round += 1) {
        const attached = d.dockerWith({ timeout: 60_000 }, 'run', '--name', 'attached', ...sleeps);
        await expect
          .poll(() => d.docker('rm', '-f', 'attached'))
          .toMatchObject({ code: 0, stdout: 'attached\n' });
        expect((await attached).stderr).not.toContain('busy');
      }
      await must('run', '--rm', '--name', 'attached', 'busybox', 'true');
    }, 120_000);

    test('of a compose project that goes down beside its attached run', async () => {
      const file = 'services:\n  web:\n    image: busybox\n    command: sleep 1000\n    init: true\n';
      const compose = (...args: string[]) =>
        d.dockerWith({ stdin: file, timeout: 60_000 }, 'compose', '-p', 'names', '-f', '-', ...args);
      const up = compose('up');
      await expect
        .poll(async () => (await d.docker('ps', '-q', '--filter', 'name=names')).stdout)
        .not.toBe('');
      expect(await compose('down', '-t', '0')).toMatchObject({ code: 0 });
      expect((await up).stderr).not.toContain('busy');
      expect(await compose('up', '-d')).toMatchObject({ code: 0 });
      expect(await compose('down', '-t', '0')).toMatchObject({ code: 0 });
    }, 120_000);
  });

  test('are looked up as ever by a daemon that comes back to containers that lived on', async () => {
    const started = async () =>
      (await d.docker('inspect', '--format', '{{.State.StartedAt}}', 'weak')).stdout;
    const before = await started();
    expect(await d.onHost(['sh', '-c', 'kill $(cat /run/docker.pid)'])).toMatchObject({ code: 0 });
    await expect.poll(() => d.docker('exec', 'weak', 'true'), { interval: 500 }).toMatchObject({ code: 0 });
    expect(await started()).toBe(before);
    expect((await d.docker('start', 'strong')).stderr).toContain('baseline/binds');
  });
});
