/**
 * The heartbeat: a reload of `daemon.json` without the plugin takes Bulwark out of dockerd, which says nothing. Bulwark
 * notices by itself, within 30 s and in all four places: the log, readiness, the metric and `bulwark status`.
 */
import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

const policies = join(import.meta.dirname, '../../policies');
const launcher = join(import.meta.dirname, '../../bin/bulwark');

const withPlugin = { 'authorization-plugins': ['bulwark'] };

/** What is promised: from the change to its being known. */
const promised = { timeout: 30_000, interval: 200 };

describeReleases('the heartbeat', (release) => {
  let d: Dockerd;
  let bulwark: Bulwark;
  let data: string;

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ dir, pluginDir }) => {
        data = join(dir, 'bulwark');
        const socket = join(pluginDir, 'bulwark.sock');
        bulwark = await startBulwark({ socket, policies: [policies], data });
      },
    });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
  });

  function ask(path: string): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      request({ socketPath: join(data, 'admin.sock'), path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (more) => (text += more));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      })
        .on('error', reject)
        .end();
    });
  }

  const state = async () => JSON.parse((await ask('/v1/status')).text).daemon.state;
  const metric = async () => /^bulwark_daemon_asks (\d)$/m.exec((await ask('/metrics')).text)?.[1];

  /** What `bulwark status` prints, and its exit code. */
  function status() {
    const { status: code, stdout } = spawnSync(launcher, ['status', '--data', data], { encoding: 'utf8' });
    return { code, stdout };
  }

  /** What the ledger has of it: each loss with its reason, and each return. */
  function recorded(): readonly string[] {
    const db = new DatabaseSync(join(data, 'ledger.db'), { readOnly: true });
    const rows = db.prepare("SELECT json FROM records WHERE type = 'system' ORDER BY seq").all();
    db.close();
    return rows
      .map(({ json }) => JSON.parse(String(json)))
      .filter(({ event }) => /^heartbeat-/.test(event))
      .map(({ event, reason = '' }) => `${event} ${reason}`.trim());
  }

  test('sees that the daemon asks, once that has started', async () => {
    await expect.poll(state, promised).toBe('asks');
    expect(await ask('/readyz')).toMatchObject({
      status: 200,
      text: expect.stringContaining('"daemon":"asks"'),
    });
    expect(await metric()).toBe('1');
    const { code, stdout } = status();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^asked +yes, since /m);
    expect(stdout).toContain(`unix://${d.socket}`);
    expect(recorded()).toEqual([]);
  });

  test('is no request that anybody asked', async () => {
    expect((await ask('/metrics')).text).toContain('action="system.ping"');
    expect((await ask('/metrics')).text).not.toContain('bulwark.look-up');
    expect(bulwark.logs()).not.toContain('bulwark.look-up');
  });

  describe('notices a reload that takes the plugin out', () => {
    test('within 30 s', async () => {
      await d.reload({});
      await expect.poll(state, promised).toBe('silent');
    });

    test('while nothing is judged any more', async () => {
      expect(await d.docker('create', '--privileged', 'busybox')).toMatchObject({ code: 0 });
    });

    test('and says so in the log, with the way out', () => {
      expect(bulwark.logs()).toMatch(
        /"code":"daemon-silent".*authorization-plugins.*THE DAEMON DOES NOT ASK BULWARK: nothing that is done on it is judged/,
      );
    });

    test('in readiness and metric', async () => {
      const { status, text } = await ask('/readyz');
      expect({ status, problems: JSON.parse(text).problems }).toMatchObject({
        status: 503,
        problems: [{ code: 'daemon-silent' }],
      });
      expect(await metric()).toBe('0');
    });

    test('in bulwark status, which exits 1', () => {
      const { code, stdout } = status();
      expect(code).toBe(1);
      expect(stdout).toMatch(/^asked +NO: the daemon answers without asking, since /m);
      expect(stdout).toMatch(/^ {2}daemon-silent: .*\n {4}fix: Put `"authorization-plugins"/m);
    });

    test('and in the ledger', async () => {
      await expect.poll(recorded).toEqual(['heartbeat-lost daemon-silent']);
    });
  });

  test('notices that it is back', async () => {
    await d.reload(withPlugin);
    await expect.poll(state, promised).toBe('asks');
    expect((await ask('/readyz')).status).toBe(200);
    expect(await metric()).toBe('1');
    expect(status().code).toBe(0);
    expect(bulwark.logs()).toContain('the daemon asks Bulwark again');
    await expect.poll(recorded).toEqual(['heartbeat-lost daemon-silent', 'heartbeat-back']);
    const create = await d.docker('create', '--privileged', 'busybox');
    expect(create.stderr).toContain('baseline/privileged');
  });

  test('tells a daemon that is stopped from one that does not ask, and is ready all the same', async () => {
    await d.halt();
    await expect.poll(state, promised).toBe('unreachable');
    expect(await ask('/readyz')).toMatchObject({
      status: 200,
      text: expect.stringContaining('"daemon":"unreachable"'),
    });
    expect(await metric()).toBe('0');
    const { code, stdout } = status();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}facts-unreachable: .*ENOENT/m);
  });

  test('does not keep the daemon from starting, and sees it ask', async () => {
    await d.restart();
    await expect.poll(state, promised).toBe('asks');
    await expect
      .poll(recorded)
      .toEqual([
        'heartbeat-lost daemon-silent',
        'heartbeat-back',
        'heartbeat-lost facts-unreachable',
        'heartbeat-back',
      ]);
  });

  test('lets Bulwark end at once', async () => {
    expect(await bulwark.stop()).toBe(0);
  });
});
