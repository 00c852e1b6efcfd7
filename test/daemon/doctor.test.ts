/**
 * `bulwark doctor` on hosts with systemd, where Bulwark is a service. A host that somebody has set up badly shows what is wrong
 * with it; what each remedy says is done to the letter; then nothing of it is found any more, and no error at all.
 */
import { linkSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { doctorJson } from '../../src/cli/doctorText.ts';
import type { Severity } from '../../src/host/doctor/check.ts';
import type { Finding } from '../../src/host/doctor/diagnose.ts';
import { type Dockerd, type Place, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

// An installation or a build takes seconds, and several times as long on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

// Each step waits for the heartbeat, which looks every 10 s, and for dockerd, which waits 15 s for a plugin.
vi.setConfig({ testTimeout: 180_000 });

const launcher = join(import.meta.dirname, '../../bin/bulwark');

/** As for all of the tests' processes. */
const compiled = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' };

const everything = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: open }
spec: { profile: privileged, controls: { restart: { allow: ["no"] } } }
---
apiVersion: bulwark/v1
kind: Access
metadata: { name: all }
spec: { subjects: ["*"], allow: [{ actions: ["*"] }] }
`;

const ended = `---
apiVersion: bulwark/v1
kind: Exception
metadata: { name: old }
spec: { rules: [open/restart], match: { subjects: ["user:alice"] }, reason: It was needed., expires: 2026-01-01 }
`;

describeReleases('bulwark doctor', (release) => {
  let d: Dockerd;
  let config: string;

  beforeAll(async () => {
    d = await startDockerd({
      release,
      systemd: true,
      args: ['--authorization-plugin=bulwark', '--host=tcp://0.0.0.0:2375', '--tls=false'],
      before: async (place) => {
        config = await addBulwark(place);
      },
    });
  });
  afterAll(() => d?.stop());

  async function doctor(...args: readonly string[]) {
    const command = [launcher, 'doctor', '--config', config, '--output', 'json', ...args];
    const { code, stdout, stderr } = await d.onHost(command, { env: compiled });
    expect(stderr).toBe('');
    const answer: ReturnType<typeof doctorJson> = JSON.parse(stdout);
    return { code, findings: answer.findings.filter(({ evidence }) => !ofTheMachine.test(evidence)) };
  }

  const idsOf = async (...wanted: readonly Severity[]) =>
    (await doctor()).findings.filter(({ severity }) => wanted.includes(severity)).map(({ id }) => id);

  async function must(command: string): Promise<void> {
    expect({ command, ...(await d.onHost(['sh', '-c', command])) }).toMatchObject({ command, code: 0 });
  }

  const daemonJson = (json: unknown) =>
    writeFile(join(d.etcDocker, 'daemon.json'), typeof json === 'string' ? json : JSON.stringify(json));

  const asks = () =>
    expect
      .poll(async () => (await d.onHost([launcher, 'status', '--config', config], { env: compiled })).stdout)
      .toMatch(/^asked +yes/m);

  test('finds all that is wrong, with the evidence of this host', async () => {
    await badly(d);
    await expect.poll(() => idsOf('warning')).toContain('policy-weak');
    const { code, findings } = await doctor();
    expect(code).toBe(1);
    const found = findings
      .filter(({ severity }) => severity !== 'note')
      .map(({ id, severity, evidence }) => `${severity} ${id}: ${evidence}`);
    expect(found).toEqual([
      'error plugin-in-flag: --authorization-plugin of docker.service names it, and /etc/docker/daemon.json names no plugin.',
      'error tcp-without-tls: --host of docker.service says tcp://0.0.0.0:2375, and "tlsverify" is not on.',
      'error build-insecure: "builder.entitlements.security-insecure" is true.',
      'error socket-open-to-all: /var/run/docker.sock (the socket of the daemon) has mode 0666, user 0, group 0.',
      `error owned-by-others: ${config} (the configuration of Bulwark) has mode 0644, user 4711, group 0.`,
      `error writable-by-others: ${d.dir}/bulwark/policies (policies) has mode 0777, user 0, group 0.`,
      'error open-to-others: /run/docker/plugins/bulwark.sock (the plugin socket) has mode 0666, user 0, group 0.',
      'warning plugin-found-twice: /etc/docker/plugins/bulwark.spec is there beside /run/docker/plugins/bulwark.sock, which counts.',
      'warning dead-socket: /run/docker/plugins/dead.sock refuses connections.',
      'warning build-host-network: "builder.entitlements.network-host" is not set, which allows it.',
      expect.stringMatching(/^warning policy-weak: .*open\.yaml:\d+:\d+: /),
      'warning logs-unlimited: The log driver is json-file, without "max-size".',
    ]);
  });

  test('tells the same to people, without an escape', async () => {
    const { code, stdout } = await d.onHost([launcher, 'doctor', '--config', config]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error {4}plugin-in-flag\n {9}--authorization-plugin of/m);
    expect(stdout).toMatch(/^7 errors, \d+ warnings, \d+ notes; /m);
    expect(stdout).not.toContain('\u001b');
  });

  test('finds none of it any more once each remedy was followed', async () => {
    const { findings } = await doctor();
    const commands = (id: string) => commandsFor(findings, id);
    for (const id of [
      'socket-open-to-all',
      'owned-by-others',
      'writable-by-others',
      'open-to-others',
      'plugin-found-twice',
      'dead-socket',
    ]) {
      await must(commands(id)[0] ?? '');
    }
    // The flags go, and the words of the remedies stand in the file.
    const [flag, , plugins, restart = ''] = commands('plugin-in-flag');
    expect(flag).toBe('--authorization-plugin');
    await must(
      "sed -i 's/ --authorization-plugin=[^ ]*//; s/ --host=tcp:[^ ]*//' /etc/systemd/system/docker.service",
    );
    const words = [plugins, commands('build-host-network')[0], commands('logs-unlimited')[0]];
    await daemonJson(`{ ${words.join(', ')} }`);
    await writeFile(join(d.dir, 'bulwark/policies/open.yaml'), everything);
    for (const id of ['tcp-without-tls', 'build-host-network', 'logs-unlimited', 'build-insecure'])
      expect(commands(id)).toContain(restart);
    await must(`systemctl daemon-reload && ${restart}`);
    await asks();
    await expect.poll(() => idsOf('error', 'warning')).toEqual([]);
    expect((await doctor()).code).toBe(0);
  });

  test('sees a reload that took the plugin out, which `docker info` does not', async () => {
    await daemonJson({ builder: { entitlements: { 'network-host': false } }, 'log-driver': 'local' });
    await must('systemctl reload docker.service');
    await expect.poll(() => idsOf('error')).toEqual(['plugin-not-configured', 'daemon-does-not-ask']);
    expect((await d.docker('info', '--format', '{{.Plugins.Authorization}}')).stdout).toBe('[bulwark]\n');
    const [key, reload] = commandsFor((await doctor()).findings, 'plugin-not-configured');
    await daemonJson(
      `{ ${key}, "builder": { "entitlements": { "network-host": false } }, "log-driver": "local" }`,
    );
    await must(reload ?? '');
    await asks();
    expect(await idsOf('error')).toEqual([]);
  });

  test('finds a Bulwark that is down, and how to start it', async () => {
    await must('systemctl stop bulwark.service');
    const { findings } = await doctor();
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'bulwark-not-listening', severity: 'error' }),
        expect.objectContaining({
          id: 'daemon-silent',
          evidence: expect.stringMatching(/answers with 500: .*plugin bulwark failed/),
        }),
      ]),
    );
    const status = await d.onHost([launcher, 'status', '--config', config]);
    expect(status).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /\nThe host: dockerd runs \(process \d+\); it is told to ask "bulwark" and denies everything while nobody answers; `bulwark break-glass` gives/,
      ),
    });
    await must(commandsFor(findings, 'bulwark-not-listening')[0] ?? '');
    await asks();
    expect(await idsOf('error')).toEqual([]);
  });

  /** Edits Bulwark's unit by a program of sed, and waits until the daemon asks it again. */
  async function withUnit(program: string): Promise<void> {
    await must(
      `sed -i '${program}' /etc/systemd/system/bulwark.service && systemctl daemon-reload && systemctl restart bulwark.service`,
    );
    await asks();
  }

  const errors = async () => (await doctor()).findings.filter(({ severity }) => severity === 'error');

  test('finds a unit that hides files of the daemon from Bulwark', async () => {
    await withUnit('$ a ProtectHome=tmpfs');
    expect(await errors()).toMatchObject([
      { id: 'host-root-wrong', evidence: expect.stringMatching(/than to the daemon: \/home, \/root\.$/) },
    ]);
    await withUnit('/ProtectHome/d');
    expect(await errors()).toEqual([]);
  });

  // What tells a container's socket from a process's: it belongs to another network namespace.
  test('finds a Bulwark that is not of the host, and the container that may be it', async () => {
    const box = ['--name', 'box', '--network', 'none', '-v', '/run/docker/plugins:/plugins', 'busybox'];
    expect(await d.docker('run', '-d', ...box, 'sleep', '1000')).toMatchObject({ code: 0 });
    expect(await errors()).toEqual([]);
    await withUnit('s|ExecStart=|ExecStart=/usr/bin/unshare --net |');
    expect(await errors()).toMatchObject([
      {
        id: 'bulwark-is-a-container',
        evidence: expect.stringMatching(/the container box can write in its folder/),
      },
    ]);
    await withUnit('s|/usr/bin/unshare --net ||');
    expect(await d.docker('rm', '-f', 'box')).toMatchObject({ code: 0 });
    expect(await errors()).toEqual([]);
  });

  test('finds a managed plugin that would keep the daemon from starting', async () => {
    const plugin = join(d.dir, 'plugin');
    await mkdir(join(plugin, 'rootfs'), { recursive: true });
    await writeFile(join(plugin, 'rootfs/file'), '');
    const managed = { types: ['docker.authz/1.0'], socket: 'bulwark.sock' };
    await writeFile(
      join(plugin, 'config.json'),
      JSON.stringify({ interface: managed, entrypoint: ['/file'] }),
    );
    expect(await d.docker('plugin', 'create', 'bulwark', plugin)).toMatchObject({ code: 0 });
    const found = await errors();
    expect(found).toMatchObject([
      { id: 'managed-plugin-disabled', evidence: 'The managed plugin bulwark is disabled.' },
    ]);
    expect(commandsFor(found, 'managed-plugin-disabled')[1]).toBe('docker plugin rm bulwark');
    expect(await d.docker('plugin', 'rm', 'bulwark')).toMatchObject({ code: 0 });
    expect(await idsOf('error')).toEqual([]);
  });

  test('finds a file that the daemon would not take', async () => {
    const whole = await readFile(join(d.etcDocker, 'daemon.json'), 'utf8');
    await daemonJson(whole.replace('}', ''));
    expect(await idsOf('error')).toEqual(['daemon-json-broken']);
    await daemonJson(whole);
    expect(await idsOf('error')).toEqual([]);
  });
});

/** What stands in backticks in the remedy of a finding, in its order: commands, and words of files. */
function commandsFor(findings: readonly Finding[], id: string): readonly string[] {
  const remedy = findings.find((finding) => finding.id === id)?.remedy ?? '';
  return [...remedy.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command);
}

/** What the machine that runs this has or has not, and no test can mend. */
const ofTheMachine = /the kernel runs neither|Failed to connect to bus|System has not been booted/;

/** Makes a service of Bulwark that the host has from its first start on; gives its Config file. */
async function addBulwark({ dir }: Place): Promise<string> {
  const home = join(dir, 'bulwark');
  const config = join(home, 'config.yaml');
  const policies = join(home, 'policies');
  await mkdir(policies, { recursive: true });
  await writeFile(join(policies, 'open.yaml'), everything);
  const spec = { policies: [policies], data: join(home, 'data'), ledger: { retention: { size: '1GiB' } } };
  await writeFile(
    config,
    JSON.stringify({ apiVersion: 'bulwark/v1', kind: 'Config', metadata: { name: 'host' }, spec }),
  );
  const units = join(dir, 'units');
  await mkdir(join(units, 'multi-user.target.wants'), { recursive: true });
  const lines = ['[Service]', `ExecStart=${launcher} serve --config ${config}`];
  await writeFile(join(units, 'bulwark.service'), `${lines.join('\n')}\n`);
  await symlink('../bulwark.service', join(units, 'multi-user.target.wants/bulwark.service'));
  return config;
}

async function badly(d: Dockerd): Promise<void> {
  await deadSocket(join(d.pluginDir, 'dead.sock'));
  await mkdir(join(d.etcDocker, 'plugins'));
  await writeFile(join(d.etcDocker, 'plugins/bulwark.spec'), 'unix:///run/docker/plugins/bulwark.sock');
  await chmod(d.socket, 0o666);
  const home = join(d.dir, 'bulwark');
  await chmod(join(home, 'policies'), 0o777);
  await chmod(join(d.pluginDir, 'bulwark.sock'), 0o666);
  await chown(join(home, 'config.yaml'), 4711, 0);
  await writeFile(join(home, 'policies/open.yaml'), everything + ended);
  await writeFile(
    join(d.etcDocker, 'daemon.json'),
    JSON.stringify({ builder: { entitlements: { 'security-insecure': true } } }),
  );
}

/** Node removes the path that it bound, and no other name of it. */
async function deadSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.new`, resolve));
  linkSync(`${path}.new`, path);
  await new Promise((resolve) => server.close(resolve));
}
