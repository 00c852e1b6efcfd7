/**
 * Bulwark as a managed plugin of the daemon that it guards: its whole life as docs/plugin.md tells it. The daemon comes
 * back by itself, as under systemd, and keeps its containers where live-restore is on.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildPluginIn, clone } from '../clone.ts';
import { launcher, root } from '../process.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

// An installation or a build takes seconds, and several times as long on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const inChain = { 'authorization-plugins': ['bulwark'] };

/** `bulwark status` knows within this that the daemon asks again, or does not. */
const promised = { timeout: 30_000, interval: 200 };

let folder: string;
let built: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-plugin-'));
  await clone(join(folder, 'clone'));
  built = join(folder, 'built');
  await buildPluginIn(join(folder, 'clone'), [built]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeReleases('the managed plugin', (release) => {
  let d: Dockerd;

  beforeAll(async () => {
    d = await startDockerd({ release, sharedRoot: true, respawns: true });
  });
  afterAll(() => d?.stop());

  const docker = (line: string) => d.docker(...line.split(' '));
  const ok = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await docker(line);
    expect(code, `docker ${line}: ${stderr}`).toBe(0);
    return stdout.trim();
  };
  const denied = async (line: string, rule: string) => {
    const { code, stderr } = await docker(line);
    expect(code, `docker ${line}`).not.toBe(0);
    expect(stderr).toContain('authorization denied by plugin bulwark:latest: ');
    expect(stderr).toContain(rule);
  };
  const host = async (text: string): Promise<string> => {
    const { code, stdout, stderr } = await d.onHost(['sh', '-c', text]);
    expect(code, `${text}: ${stderr}`).toBe(0);
    return stdout.trim();
  };

  /** A command of ours as an administrator runs it on the host, with the ledger of the plugin. */
  const bulwark = (...args: string[]) => d.onHost([launcher, ...args, '--data', '/srv/ledger']);
  const isAsked = async () => /^asked +yes, /m.test((await bulwark('status')).stdout);
  const denials = async () => {
    const { code, stdout, stderr } = await bulwark('denials', '--limit', '1000', '--output', 'json');
    expect(code, stderr).toBe(0);
    const { items }: { items: readonly { host: string; action: string }[] } = JSON.parse(stdout);
    return items;
  };

  /** The plugin's process, as the daemon's host numbers it. */
  const plugin = () => host(`pgrep -f '[/]usr/lib/bulwark/dist/cli/main.js serve'`);

  /** When a process started, in ticks since the machine did (proc_pid_stat(5)). */
  const startOf = async (pid: string) =>
    Number(await host(`sed 's/.*) //' /proc/${pid}/stat | cut -d ' ' -f 20`));

  const reload = async (daemonJson: Readonly<Record<string, unknown>>) => {
    await d.reload(daemonJson);
    await expect.poll(isAsked, promised).toBe('authorization-plugins' in daemonJson);
  };

  /** Ends dockerd alone, and waits until its next life answers. */
  const restart = async (signal: 'TERM' | 'KILL') => {
    const before = await host('cat /run/docker.pid');
    await host(`kill -${signal} ${before}`);
    await expect
      .poll(() => host('cat /run/docker.pid 2>/dev/null || true'), promised)
      .not.toBeOneOf([before, '']);
    await expect.poll(async () => (await docker('version')).code, promised).toBe(0);
  };

  describe('comes into the chain', () => {
    test('but does not start without the folders of its mounts', async () => {
      expect(await ok(`plugin create bulwark ${built}`)).toBe('bulwark');
      const { code, stderr } = await docker('plugin enable bulwark');
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/\/etc\/bulwark\\?"?: no such file or directory/),
      });
    });

    test('with its ledger where the administrator wants it', async () => {
      await host(
        `mkdir -p /srv/ledger /etc/bulwark && cp -r ${join(root, 'policies')} /etc/bulwark/policies`,
      );
      await ok('plugin set bulwark data.source=/srv/ledger BULWARK_HOST_NAME=lab-1');
      await ok('plugin enable bulwark');
      // Made before anybody asked.
      await ok('create --name old --privileged busybox');
      await reload(inChain);
    });

    test('and the daemon asks it, says bulwark status on the host', async () => {
      const { code, stdout } = await bulwark('status');
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^asked +yes, since /m) });
    });
  });

  describe('enforces', () => {
    test('what is asked for', async () => {
      await denied('run --privileged busybox true', 'baseline/privileged');
      expect(await ok('run --rm -v data:/data busybox echo hello')).toBe('hello');
    });

    test('what is stored, by the second gate', () => denied('start old', 'baseline/privileged'));

    test('a policy that is edited on the host, by itself', async () => {
      const policy = join(d.hostRoot, 'etc/bulwark/policies/edited.yaml');
      const spec = 'spec: { controls: { env: { denyNames: [EDITED] } } }';
      writeFileSync(policy, `apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: edited }\n${spec}\n`);
      await expect
        .poll(async () => (await docker('create --env EDITED=1 busybox')).stderr, promised)
        .toContain('edited/env');
    });

    test('links of the host, on what is mounted there later too', async () => {
      await host('ln -s /etc /srv/link && mkdir /srv/later && mount -t tmpfs tmpfs /srv/later');
      await host('ln -s /etc /srv/later/link');
      for (const path of ['/srv/link', '/srv/later/link'])
        await denied(`run -v ${path}:/x busybox true`, 'baseline/binds');
      await ok('run --rm -v /srv/later:/x busybox true');
    });

    // Its paths inside are not those of the host.
    test('that nobody binds its folders, by the names that the host has for them', async () => {
      const id = await ok('plugin inspect --format {{.Id}} bulwark');
      const code = join(d.dataRoot, 'plugins', id, 'rootfs/usr/lib/bulwark');
      await host('mkdir /srv/other /srv/alias && mount --bind /srv/other /srv/alias');
      for (const path of ['/srv/ledger', '/srv/ledger/ledger.db', '/srv', '/etc/bulwark/policies', code])
        await denied(`run -v ${path}:/x busybox true`, 'baseline/binds');
      await ok('run --rm -v /srv/other:/x busybox true');
    });

    test('that nobody takes it away, by name or by id', async () => {
      const id = await ok('plugin inspect --format {{.Id}} bulwark');
      for (const line of ['disable bulwark', 'disable -f bulwark:latest', 'set bulwark BULWARK_DEADLINE=1s'])
        await denied(`plugin ${line}`, 'baseline/actions.self');
      await denied(`plugin rm -f ${id.slice(0, 12)}`, 'baseline/actions.self');
    });

    test('and leaves an account on the host', async () => {
      const items = await denials();
      expect(items.map(({ action }) => action)).toContain('plugin.set');
      expect(new Set(items.map(({ host }) => host))).toEqual(new Set(['lab-1']));
    });
  });

  describe('stays', () => {
    test('when it is killed: dockerd starts it anew, and what is asked meanwhile waits for it', async () => {
      const killed = await plugin();
      await host(`kill -9 ${killed}`);
      const began = performance.now();
      await denied('run --privileged --name while busybox true', 'baseline/privileged');
      expect(performance.now() - began).toBeLessThan(15_000);
      expect(await plugin()).not.toBe(killed);
      expect(await ok('run --rm busybox echo hello')).toBe('hello');
    });

    // dockerd dials a plugin that it started four times in 12 s, and then does without it.
    test('in the chain where it cannot start anew: nothing passes, until dockerd restarts', async () => {
      const broken = '/etc/bulwark/policies/broken.yaml';
      await host(`echo 'kind: Polcy' >${broken} && kill -9 ${await plugin()}`);
      const { code, stderr } = await docker('create busybox');
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('500 Internal') });
      await host(`rm ${broken}`);
      await restart('TERM');
      await denied('run --privileged busybox true', 'baseline/privileged');
    });

    test('when dockerd restarts: it is there before containers are', async () => {
      await ok('run -d --name always --restart always --stop-signal KILL busybox sleep 1000');
      await restart('TERM');
      await denied('run --privileged busybox true', 'baseline/privileged');
      await expect.poll(() => ok('inspect --format {{.State.Running}} always'), promised).toBe('true');
      const container = await ok('inspect --format {{.State.Pid}} always');
      expect(await startOf(await plugin())).toBeLessThan(await startOf(container));
      await expect.poll(isAsked, promised).toBe(true);
    });

    test.each(['TERM', 'KILL'] as const)(
      'with live-restore, SIG%s: container and plugin live on, and the socket of the next dockerd is found',
      async (signal) => {
        await d.reload({ ...inChain, 'live-restore': true });
        await expect.poll(() => ok('info --format {{.LiveRestoreEnabled}}')).toBe('true');
        const container = await ok('inspect --format {{.State.Pid}} always');
        const before = await plugin();
        await restart(signal);
        expect(await ok('inspect --format {{.State.Pid}} always')).toBe(container);
        expect(await plugin()).toBe(before);
        await denied('run --privileged busybox true', 'baseline/privileged');
        await denied('start old', 'baseline/privileged');
        // The second gate asks through the socket that is new.
        expect(await ok('run --rm busybox echo hello')).toBe('hello');
        await expect.poll(isAsked, promised).toBe(true);
      },
    );
  });

  test('is replaced out of the chain, and the account goes on', async () => {
    const before = await denials();
    await reload({});
    expect(await docker('create --privileged busybox')).toMatchObject({ code: 0 });
    await ok('plugin disable bulwark');
    await ok('plugin rm bulwark');
    await ok(`plugin create bulwark ${built}`);
    await ok('plugin set bulwark data.source=/srv/ledger host.source=/etc/bulwark BULWARK_HOST_ROOT=off');
    await ok('plugin enable bulwark');
    await reload(inChain);
    await denied('run --privileged busybox true', 'baseline/privileged');
    expect((await denials()).length).toBe(before.length + 1);
  });

  test('without the root of the host judges paths as they are written', async () => {
    await ok('run --rm -v /srv/link:/x busybox true');
    await denied('run -v /etc:/x busybox true', 'baseline/binds');
  });
});

describeReleases('a disabled plugin of that name', (release) => {
  test('keeps the daemon from starting', async () => {
    const d = await startDockerd({ release });
    try {
      expect(await d.docker('plugin', 'create', 'bulwark', built)).toMatchObject({ code: 0 });
      // A socket of that name does not help: the managed plugin is looked up first.
      mkdirSync(join(d.pluginDir, 'bulwark'), { recursive: true });
      await expect(d.restart({ daemonJson: inChain })).rejects.toThrow('plugin bulwark found but disabled');
    } finally {
      await d.stop();
    }
  });
});
