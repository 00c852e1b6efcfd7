/**
 * The response phase never holds anything up, whatever breaks behind it, and no end of Bulwark lets a request through.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { admit, type Trip } from '../../src/admit.ts';
import { createPlugin, type Plugin } from '../../src/authz/server.ts';
import { listen } from '../../src/authz/socket.ts';
import { createLog } from '../../src/logging/log.ts';
import { anonymous } from '../../src/model/subject.ts';
import { loadPolicySet } from '../../src/policyfiles/load.ts';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

const policies = join(import.meta.dirname, '../../policies');

describeReleases('the response phase, with everything behind it broken', (release) => {
  let d: Dockerd;
  let plugin: Plugin;
  /** How often the broken step was called, and how. */
  const calls = { threw: 0, rejected: 0, hung: 0 };
  const written: string[] = [];

  beforeAll(async () => {
    const loaded = await loadPolicySet([policies]);
    if (!loaded.ok) throw new Error('the shipped policies are broken');
    const trip: Trip = {
      policySet: () => loaded.set,
      identify: () => anonymous,
      protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
      // What is recorded is not this test's matter: the decision stays as it was judged.
      ledger: { commit: async ({ decision }) => decision },
    };
    let turn = 0;
    plugin = createPlugin({
      decide: (message, until) => admit(message, trip, until),
      deadline: 5000,
      log: createLog({ write: (line) => void written.push(line) }, 'error'),
      settled: () => {
        turn++;
        if (turn % 3 === 0) {
          calls.threw++;
          throw new Error('a step of the response phase throws');
        }
        if (turn % 3 === 1) {
          calls.rejected++;
          return Promise.reject(new Error('a step of the response phase rejects'));
        }
        calls.hung++;
        return new Promise(() => undefined);
      },
    });
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ pluginDir }) => {
        await listen(plugin.server, join(pluginDir, 'bulwark.sock'));
      },
    });
  });
  afterAll(async () => {
    await d?.stop();
    await plugin?.stop(1000);
  });

  /** Collects what a command says while it runs. */
  function watch(...args: string[]): { child: ChildProcess; said: () => string } {
    const child = d.dockerSpawn({}, ...args);
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stdout?.on('data', (part) => (said += String(part)));
    child.stderr?.on('data', (part) => (said += String(part)));
    return { child, said: () => said };
  }
  const patience = { timeout: 20_000, interval: 20 };
  const ok = async (...args: string[]) => {
    expect(await d.docker(...args), args.join(' ')).toMatchObject({ code: 0 });
  };

  test('docker run ... exit 7 returns 7, every time', async () => {
    for (let time = 0; time < 5; time++) {
      expect(await d.docker('run', '--rm', 'busybox', 'sh', '-c', 'exit 7')).toMatchObject({
        code: 7,
        stderr: '',
      });
    }
    expect(calls.threw).toBeGreaterThan(5);
    expect(calls.rejected).toBeGreaterThan(5);
    expect(calls.hung).toBeGreaterThan(5);
    expect(written.join('')).toContain('a step of the response phase throws');
    expect(written.join('')).toContain('a step of the response phase rejects');
  });

  test('logs -f shows each line while the container runs', async () => {
    await ok('run', '-d', '--name', 'talks', 'busybox', 'sh', '-c', 'echo one; exec sleep 1000');
    const logs = watch('logs', '-f', 'talks');
    await expect.poll(logs.said, patience).toBe('one\n');
    await ok('exec', 'talks', 'sh', '-c', 'echo two > /proc/1/fd/1');
    await expect.poll(logs.said, patience).toBe('one\ntwo\n');
    expect(logs.child.exitCode).toBe(null);
    const ended = once(logs.child, 'exit');
    await ok('rm', '-f', 'talks');
    expect(await ended).toEqual([0, null]);
  });

  test('attach answers each line that is typed', async () => {
    await ok(
      'run',
      '-d',
      '-i',
      '--name',
      'ears',
      'busybox',
      'sh',
      '-c',
      'while read x; do echo "heard $x"; done',
    );
    const attached = watch('attach', 'ears');
    attached.child.stdin?.write('this\n');
    await expect.poll(attached.said, patience).toBe('heard this\n');
    attached.child.stdin?.write('that\n');
    await expect.poll(attached.said, patience).toBe('heard this\nheard that\n');
    expect(attached.child.exitCode).toBe(null);
    await ok('rm', '-f', 'ears');
  });

  test('exec -i answers each line that is typed', async () => {
    await ok('run', '-d', '--name', 'shell', 'busybox', 'sleep', '1000');
    const exec = watch('exec', '-i', 'shell', 'sh');
    exec.child.stdin?.write('echo $((6*7))\n');
    await expect.poll(exec.said, patience).toBe('42\n');
    const ended = once(exec.child, 'exit');
    exec.child.stdin?.write('exit 9\n');
    expect(await ended).toEqual([9, null]);
    await ok('rm', '-f', 'shell');
  });

  test('wait answers when the container ends', async () => {
    await ok(
      'run',
      '-d',
      '--name',
      'job',
      'busybox',
      'sh',
      '-c',
      'until [ -e /go ]; do sleep 0.05; done; exit 5',
    );
    const wait = watch('wait', 'job');
    const ended = once(wait.child, 'exit');
    await ok('exec', 'job', 'touch', '/go');
    expect(await ended).toEqual([0, null]);
    expect(wait.said()).toBe('5\n');
    await ok('rm', 'job');
  });

  test('events come as they happen', async () => {
    const events = watch('events', '--filter', 'event=create', '--format', '{{.Actor.Attributes.name}}');
    // Until the stream stands nothing is heard, so there is a container a turn.
    let turn = 0;
    const made = async () => {
      await ok('run', '--rm', '--name', `seen${turn++}`, 'busybox', 'true');
      return events.said();
    };
    await expect.poll(made, { timeout: 30_000, interval: 0 }).toMatch(/^seen\d+$/m);
    expect(events.child.exitCode).toBe(null);
  });

  test('what is denied stays denied', async () => {
    const run = await d.docker('run', '--rm', '--privileged', 'busybox', 'true');
    expect(run).toMatchObject({ code: 125 });
    expect(run.stderr).toContain('baseline/privileged');
  });
});

describeReleases('the end of Bulwark', (release) => {
  let bulwark: Bulwark;
  let d: Dockerd;
  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      daemonJson: { debug: true },
      before: async ({ pluginDir }) => {
        bulwark = await startBulwark({ socket: join(pluginDir, 'bulwark.sock'), policies: [policies] });
      },
    });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
  });

  const names = async () => (await d.docker('ps', '-a', '--format', '{{.Names}}')).stdout;

  test('SIGTERM finishes the request under way, then exits 0', async () => {
    const body = JSON.stringify({ RequestMethod: 'GET', RequestUri: '/_ping' });
    const socket = connect(bulwark.socket);
    onTestFinished(() => void socket.destroy());
    let answer = '';
    socket.on('data', (part) => (answer += String(part)));
    await once(socket, 'connect');
    const head = `POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head);
    // Bulwark's word that it has begun to read this one.
    await expect.poll(() => answer).toContain('100 Continue');
    const exit = bulwark.stop();
    await expect.poll(() => bulwark.logs()).toContain('stopping');
    socket.write(body);
    await once(socket, 'close');
    expect(answer).toContain('{"Allow":true}');
    expect(await exit).toBe(0);
    expect(bulwark.logs()).toContain('stopped');
  });

  test('started again while dockerd runs it is asked, though nobody activates it', async () => {
    await bulwark.restart();
    expect(await d.docker('run', '--rm', 'busybox', 'echo', 'on')).toMatchObject({ code: 0, stdout: 'on\n' });
    const run = await d.docker('run', '--rm', '--privileged', 'busybox', 'true');
    expect(run.stderr).toContain('baseline/privileged');
    // With dockerd's idle connections open it ends all the same.
    expect(await bulwark.stop()).toBe(0);
    await bulwark.restart();
  });

  test('a request that is cut off by a kill is denied and never executed', async () => {
    const asked = () => d.logs().split('AuthZ request using plugin bulwark').length;
    const before = asked();
    // Stopped it holds the request and does not answer, as one that hangs.
    process.kill(bulwark.pid, 'SIGSTOP');
    const body = { Image: 'busybox', Cmd: ['true'] };
    const answer = d.api('POST', '/v1.41/containers/create?name=cut', { body, timeout: 60_000 });
    await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(before);
    process.kill(bulwark.pid, 'SIGKILL');
    // dockerd tries again for about 15 seconds.
    expect((await answer).status).toBe(500);
    await bulwark.restart();
    expect(await names()).not.toContain('cut');
    expect((await d.api('POST', '/v1.41/containers/create?name=cut', { body })).status).toBe(201);
  });
});
