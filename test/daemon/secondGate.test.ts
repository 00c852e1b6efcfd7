/**
 * The second gate: what slipped past the first does not start. Containers are made while the daemon has no plugin, as by
 * whoever was there before Bulwark; then Bulwark comes, and each of them is started.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controls } from '../../src/policy/controls/index.ts';
import { parseCommand } from '../recorder.ts';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

const policies = join(import.meta.dirname, '../../policies');
const launcher = join(import.meta.dirname, '../../bin/bulwark');

/** A container, what it is made with, and the rule that keeps it from starting; without one it starts. */
interface Row {
  readonly name: string;
  readonly flags: readonly string[];
  readonly breaks?: string;
}

/** Ways in of two steps, of which the second is harmless by itself. */
const rows: readonly Row[] = [
  { name: 'plain', flags: [] },
  { name: 'busy', flags: ['-v', 'data:/d', '--memory', '64m', '--hostname', 'h', '--env', 'A=1', '--init'] },
  { name: 'own-network', flags: ['--network', 'app'] },
  { name: 'made-volume', flags: ['-v', 'data:/d:ro', '--tmpfs', '/t', '-v', '/anonymous'] },
  { name: 'sidecar', flags: ['--network', 'container:rests', '--volumes-from', 'rests'] },
  { name: 'as-user', flags: ['--user', '1000:1000', '--cap-drop', 'ALL', '--read-only'] },
  { name: 'privileged', flags: ['--privileged'], breaks: 'baseline/privileged' },
  { name: 'bound', flags: ['-v', '/etc:/h'], breaks: 'baseline/binds' },
  { name: 'host-pid', flags: ['--pid', 'host'], breaks: 'baseline/hostNamespaces.pid' },
  { name: 'host-network', flags: ['--network', 'host'], breaks: 'baseline/hostNamespaces.network' },
  // The volume was made with options; the container names it, and no more.
  { name: 'volume-that-binds', flags: ['-v', 'etc:/h'], breaks: 'baseline/binds' },
  // The mounts of a stronger container; it names that, and no more.
  { name: 'volumes-from', flags: ['--volumes-from', 'bound'], breaks: 'baseline/binds' },
  { name: 'unmasked', flags: ['--security-opt', 'systempaths=unconfined'], breaks: 'baseline/systemPaths' },
  { name: 'unconfined', flags: ['--security-opt', 'seccomp=unconfined'], breaks: 'baseline/seccomp' },
];

/** Every `docker run` among the examples of the controls that the baseline has, with the rules of the one that it breaks. */
const examples = controls.flatMap(({ name, profiles, examples }) =>
  profiles.baseline === undefined
    ? []
    : examples.flatMap(({ docker, with: parameters, breaks = [] }) =>
        docker?.startsWith('docker run ') && parameters === undefined
          ? [
              {
                docker,
                rules: breaks.map((part) => (part === '' ? `baseline/${name}` : `baseline/${name}.${part}`)),
              },
            ]
          : [],
      ),
);

/** What a create does not take, or what the daemon removes when it is started again. */
const notForCreate = new Set(['-d', '--detach', '--rm']);

/** The arguments that make the container of a `docker run`, and no more. */
function createArguments(docker: string): readonly string[] {
  const { argv } = parseCommand(docker);
  return ['create', ...argv.slice(1).filter((word) => !notForCreate.has(word))];
}

/** What reaches into a container, `@`, or takes part in it. */
const reaching: readonly (readonly string[])[] = [
  ['exec', '@', 'true'],
  ['attach', '--no-stdin', '--sig-proxy=false', '@'],
  ['cp', '@:/etc/passwd', '/tmp'],
  ['cp', '/etc/hostname', '@:/tmp'],
  ['commit', '@', 'committed'],
  ['export', '--output', '/tmp/exported', '@'],
  ['network', 'connect', 'app', '@'],
  ['run', '--rm', '--network', 'container:@', 'busybox', 'true'],
  ['run', '--rm', '--pid', 'container:@', 'busybox', 'true'],
  ['run', '--rm', '--volumes-from', '@', 'busybox', 'true'],
  ['run', '--rm', '--link', '@:alias', 'busybox', 'true'],
  ['run', '--rm', '--network', 'app', '--link', '@:alias', 'busybox', 'true'],
  ['network', 'connect', '--link', '@:alias', 'app', 'plain'],
  // By way of another one.
  ['run', '--rm', '--pid', 'container:joins-@', 'busybox', 'true'],
];

/** Judged at create alone, since the daemon stores it where nobody asked. */
const atCreateAlone = new Set(['baseline/hostNamespaces.cgroup']);

/** Two processors: more at once would only wait for each other. */
async function inParallel<T>(things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
  const left = [...things];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

describeReleases('the second gate', (release) => {
  let d: Dockerd;
  let bulwark: Bulwark;
  /** The examples of which the daemon made a container, by its id. */
  const made = new Map<string, (typeof examples)[number]>();

  beforeAll(async () => {
    d = await startDockerd({ release });
    await d.docker('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/etc', 'etc');
    await d.docker('network', 'create', 'app');
    await d.docker('run', '-d', '--name', 'rests', 'busybox', 'sleep', '100000');
    await d.docker('run', '-d', '--name', 'always', '--restart', 'always', 'busybox', 'sleep', '100000');
    const sleeps = ['-d', '--restart', 'always', 'busybox', 'sh', '-c', 'while :; do echo up; sleep 1; done'];
    await d.docker('run', '--name', 'strong', '-v', '/etc:/h', ...sleeps);
    await d.docker('run', '--name', 'joins-strong', '--pid', 'container:strong', ...sleeps);
    await d.docker('run', '--name', 'weak', '-v', 'data:/d', ...sleeps);
    await d.docker('run', '--name', 'joins-weak', '--pid', 'container:weak', ...sleeps);
    for (const { name, flags } of rows) {
      const create = await d.docker('create', '--name', name, ...flags, 'busybox', 'true');
      if (create.code !== 0) throw new Error(`${name}: ${create.stderr}`);
    }
    await inParallel(examples, async (example) => {
      const { code, stdout } = await d.docker(...createArguments(example.docker));
      if (code === 0) made.set(stdout.trim(), example);
    });
    await d.restart({
      daemonJson: { 'authorization-plugins': ['bulwark'] },
      before: async () => {
        bulwark = await startBulwark({
          socket: join(d.pluginDir, 'bulwark.sock'),
          policies: [policies],
          data: join(d.dir, 'bulwark'),
        });
      },
    });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
  });

  /** What a command says of this Bulwark's ledger. */
  function bulwarkSays(...args: readonly string[]): string {
    return execFileSync(launcher, [...args, '--data', join(d.dir, 'bulwark')], { encoding: 'utf8' });
  }

  async function running(name: string): Promise<string> {
    return (await d.docker('inspect', '--format', '{{.State.Running}}', name)).stdout.trim();
  }

  test('is open for what the daemon starts by itself', async () => {
    expect(bulwark.ready).toContain(`facts=unix://${d.socket}`);
    await expect.poll(() => running('always')).toBe('true');
    // The others of before were not to be started again.
    expect(await d.docker('start', 'rests')).toMatchObject({ code: 0 });
  });

  test.each(rows.filter(({ breaks }) => breaks === undefined))('starts $name', async ({ name }) => {
    expect(await d.docker('start', name)).toMatchObject({ code: 0 });
    expect(await d.docker('restart', '-t', '0', name)).toMatchObject({ code: 0 });
  });

  test.each(rows.filter(({ breaks }) => breaks !== undefined))(
    'stops $name: $breaks',
    async ({ name, breaks }) => {
      const start = await d.docker('start', name);
      expect(start.code).toBe(1);
      expect(start.stderr).toContain(`${breaks}: the container \`${name}\` as it is stored: `);
      expect(start.stderr).toContain('Fix: remove it (docker rm) and make it anew');
      expect(await running(name)).toBe('false');
      expect((await d.docker('restart', name)).stderr).toContain(breaks);
      expect(await running(name)).toBe('false');
    },
  );

  test('knows it by its id, and by the beginning of it', async () => {
    const { stdout } = await d.docker('inspect', '--format', '{{.Id}}', 'privileged');
    for (const id of [stdout.trim(), stdout.slice(0, 12), stdout.slice(0, 6)]) {
      expect((await d.docker('start', id)).stderr).toContain('baseline/privileged');
    }
  });

  describe('keeps who may not start it out of a stronger container', () => {
    const words = (command: readonly string[], name: string) =>
      command.map((word) => word.replace('@', name));

    test.each(reaching.map((command) => [command.join(' '), command] as const))('%s', async (_, command) => {
      const denied = await d.docker(...words(command, 'strong'));
      expect(denied.code).not.toBe(0);
      // The CLI keeps the reason of an attach to itself.
      expect(denied.stderr).toMatch(
        /baseline\/binds: the container `strong` as it is stored: -v|received 403/,
      );
      // It is the container and not the command.
      const other = await d.dockerWith({ timeout: 3000 }, ...words(command, 'weak'));
      expect(other.stderr).not.toContain('authorization denied');
    });

    test('also where that one never started: docker cp mounts its binds all the same', async () => {
      const copy = await d.docker('cp', 'bound:/h/hostname', '-');
      expect(copy.stderr).toContain('baseline/binds: the container `bound` as it is stored');
      expect(copy.stdout).toBe('');
    });

    test('and leaves who manages it in peace', async () => {
      for (const command of [['inspect'], ['logs'], ['top'], ['stop', '-t', '0']]) {
        expect(await d.docker(...command, 'strong')).toMatchObject({ code: 0 });
      }
    });
  });

  test('lets docker run, and the way back of what it denied', async () => {
    expect(await d.docker('run', '--rm', 'busybox', 'echo', 'on')).toMatchObject({ code: 0, stdout: 'on\n' });
    expect(await d.docker('rm', 'unconfined')).toMatchObject({ code: 0 });
    expect(await d.docker('run', '--rm', '--name', 'unconfined', 'busybox', 'true')).toMatchObject({
      code: 0,
    });
  });

  test('says of a container that does not exist that it does not', async () => {
    const start = await d.docker('start', 'nobody');
    expect(start).toMatchObject({ code: 1, stderr: expect.stringContaining('facts-not-found') });
  });

  describe('finds of what docker run may say', () => {
    test('that no container starts of which the create would have been refused, by the same rule', async () => {
      const refused = [...made].filter(([, { rules }]) => rules.length > 0);
      const passed: string[] = [];
      await inParallel(refused, async ([id, { docker, rules }]) => {
        const { text } = await d.api('POST', `/v1.41/containers/${id}/start`);
        const missing = rules.filter(
          (rule) => !atCreateAlone.has(rule) && !text.includes(`${rule}: the container`),
        );
        passed.push(...missing.map((rule) => `${rule} ${docker}: ${text}`));
      });
      expect(passed).toEqual([]);
      expect(refused.length).toBeGreaterThan(60);
    }, 180_000);

    test('that every other one is let start', async () => {
      const others = [...made].filter(([, { rules }]) => rules.length === 0);
      const stopped: string[] = [];
      await inParallel(others, async ([id, { docker }]) => {
        const { text } = await d.api('POST', `/v1.41/containers/${id}/start`, { timeout: 120_000 });
        if (!text.includes('authorization denied')) return;
        // What one control has nothing against may break another's rules.
        const create = await d.docker(...createArguments(docker));
        if (!create.stderr.includes('authorization denied')) stopped.push(`${docker}: ${text}`);
      });
      expect(stopped).toEqual([]);
      expect(others.length).toBeGreaterThan(40);
    }, 240_000);
  });

  test('records what it asked, what it judged and of which container', async () => {
    const id = (await d.docker('inspect', '--format', '{{.Id}}', 'privileged')).stdout.trim();
    await d.docker('start', 'privileged');
    const { items } = JSON.parse(bulwarkSays('denials', '--action', 'container.start', '--output', 'json'));
    expect(items[0]).toMatchObject({ facts: 'asked', gate: 'stored', resource: { ref: 'privileged', id } });
  });

  test('keeps its own look-ups out of the account', () => {
    const { items } = JSON.parse(bulwarkSays('log', '--action', 'container.inspect', '--output', 'json'));
    expect(items.every(({ client }: { client?: string }) => client !== undefined)).toBe(true);
    expect(bulwark.logs()).not.toContain('bulwark.look-up');
  });

  test('answers fifty starts at once', async () => {
    // One that runs: the daemon says 304 and starts nothing, after Bulwark has asked for all of them.
    const starts = Array.from({ length: 50 }, () => d.api('POST', '/v1.41/containers/rests/start'));
    expect((await Promise.all(starts)).map(({ status }) => status)).toEqual(starts.map(() => 304));
  });

  describe('with the wrong --docker-host', () => {
    /** What a start is answered by a Bulwark that asks there. */
    async function startBy(dockerHost: string): Promise<string> {
      const socket = join(d.pluginDir, 'bulwark.sock');
      await bulwark.stop();
      const astray = await startBulwark({ socket, policies: [policies], dockerHost });
      const { stderr } = await d.docker('start', 'plain');
      await astray.stop();
      await bulwark.restart();
      return stderr;
    }

    test('denies where another daemon answers', async () => {
      const other = await startDockerd({ release, images: false });
      expect(await startBy(other.host)).toContain('facts-wrong-daemon');
      await other.stop();
    });

    test('denies where nobody answers', async () => {
      expect(await startBy('unix:///nonexistent/docker.sock')).toContain('facts-starting');
    });
  });

  test('is not there with --docker-host off, and every place says so', async () => {
    const socket = join(d.pluginDir, 'bulwark.sock');
    await bulwark.stop();
    const without = await startBulwark({ socket, policies: [policies], dockerHost: 'off' });
    expect(without.ready).toContain('facts=off');
    await expect
      .poll(() => without.logs())
      .toContain('containers are judged when they are created and never again');
    // It binds /etc, and the daemon starts it.
    expect(await d.docker('start', 'bound')).toMatchObject({ code: 0 });
    await without.stop();
    await bulwark.restart();
  });

  test('comes back with the daemon', async () => {
    await d.restart();
    await expect.poll(() => running('always')).toBe('true');
    expect(await d.docker('start', 'plain')).toMatchObject({ code: 0 });
    expect((await d.docker('start', 'privileged')).stderr).toContain('baseline/privileged');
  });
});
