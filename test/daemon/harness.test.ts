import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { debianSources, parseDeb822, parseOneLine } from './aptsources.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

describeReleases('a private dockerd', (release) => {
  let d: Dockerd;
  beforeAll(async () => {
    d = await startDockerd({ release });
  });
  afterAll(() => d?.stop());

  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await d.docker(...args);
    expect({ code, stderr }, `docker ${args.join(' ')}`).toMatchObject({ code: 0 });
    return stdout.trim();
  };
  const project = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'bulwark-project-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    return dir;
  };

  test('is the release that was asked for', async () => {
    const { DOCKERD: own = '' } = process.env; // any release, in the place of 20.10
    const expected =
      own !== '' && release === '20.10' ? /^\d+\./ : new RegExp(`^${release.replace('.', '\\.')}`);
    expect(await ok('version', '--format', '{{.Server.Version}}')).toMatch(expected);
  });

  test('runs containers and passes their exit code, input and users on', async () => {
    const limits = ['--memory', '64m', '--pids-limit', '20', '--cpus', '0.5'];
    expect(await ok('run', '--rm', ...limits, 'busybox', 'echo', 'hello')).toBe('hello');
    expect((await d.docker('run', '--rm', 'alpine', 'sh', '-c', 'exit 7')).code).toBe(7);
    expect((await d.dockerWith({ stdin: 'in\n' }, 'run', '--rm', '-i', 'busybox', 'cat')).stdout).toBe(
      'in\n',
    );
    expect(await ok('run', '--rm', 'app', 'id', '-un')).toBe('app');
    expect(await ok('run', '--rm', '--user', '1000:1000', 'busybox', 'id', '-u')).toBe('1000');
  });

  test('gives the CLI a terminal where a test wants one', async () => {
    const { code, stdout } = await d.dockerWith({ tty: true }, 'run', '--rm', '-it', 'busybox', 'tty');
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: '/dev/pts/0' });
    await ok('run', '-d', '--name', 'typed', 'busybox', 'sleep', '1000');
    const shell = await d.dockerWith(
      { tty: true, stdin: 'echo $((6*7))\nexit 3\n' },
      'exec',
      '-it',
      'typed',
      'sh',
    );
    expect(shell.code).toBe(3);
    expect(shell.stdout).toContain('42');
    await ok('rm', '-f', 'typed');
  });

  test('publishes ports on the network of its own', async () => {
    await ok('run', '-d', '--name', 'published', '-p', '127.0.0.1:8080:80', 'web');
    await expect.poll(() => d.get('http://127.0.0.1:8080/').catch(String)).toBe('hello from the web image\n');
    await ok('rm', '-f', 'published');
    await expect(d.get('http://127.0.0.1:8080/')).rejects.toThrow('GET http://127.0.0.1:8080/ failed');
  });

  test('resolves names on a user network', async () => {
    await ok('network', 'create', 'lan');
    await ok('run', '-d', '--name', 'server', '--network', 'lan', 'web');
    const fetch = ['run', '--rm', '--network', 'lan', 'busybox', 'wget', '-q', '-O', '-', 'http://server/'];
    // It runs a moment before it listens.
    await expect.poll(async () => (await d.docker(...fetch)).stdout).toBe('hello from the web image\n');
    await ok('rm', '-f', 'server');
    await ok('network', 'rm', 'lan');
  });

  test('keeps named volumes, and binds folders of /tmp both ways', async () => {
    await ok('run', '--rm', '-v', 'data:/data', 'busybox', 'sh', '-c', 'echo kept > /data/file');
    expect(await ok('run', '--rm', '-v', 'data:/data', 'busybox', 'cat', '/data/file')).toBe('kept');
    const dir = await project({ in: 'from the host' });
    expect(
      await ok('run', '--rm', '-v', `${dir}:/w`, 'busybox', 'sh', '-c', 'cat /w/in; echo back > /w/out'),
    ).toBe('from the host');
    expect(readFileSync(join(dir, 'out'), 'utf8')).toBe('back\n');
  });

  test("what a container writes to the host's /etc stays in the test's folder", async () => {
    await ok('run', '--rm', '-v', '/etc:/h', 'busybox', 'sh', '-c', 'echo pwned > /h/bulwark-was-here');
    expect((await d.onHost(['cat', '/etc/bulwark-was-here'])).stdout).toBe('pwned\n');
    expect(existsSync('/etc/bulwark-was-here')).toBe(false);
  });

  test('pushes to a registry and pulls from it', async () => {
    const { address } = await d.startRegistry();
    await ok('tag', 'busybox', `${address}/team/tool:1`);
    await ok('push', `${address}/team/tool:1`);
    await ok('rmi', `${address}/team/tool:1`);
    await ok('pull', `${address}/team/tool:1`);
    expect(await ok('run', '--rm', `${address}/team/tool:1`, 'echo', 'pulled')).toBe('pulled');
  });

  test('builds by the classic builder', async () => {
    const dir = await project({ Dockerfile: 'FROM busybox\nRUN echo built > /made\nCMD cat /made\n' });
    const built = await d.dockerWith({ env: { DOCKER_BUILDKIT: '0' } }, 'build', '-t', 'classic', dir);
    expect(built).toMatchObject({ code: 0 });
    expect(built.stdout).toContain('Step 2/3');
    expect(await ok('run', '--rm', 'classic')).toBe('built');
  });

  test('builds by BuildKit, through buildx', async () => {
    const dir = await project({ Dockerfile: 'FROM busybox\nRUN echo built > /made\nCMD cat /made\n' });
    const built = await d.dockerWith({ env: { DOCKER_BUILDKIT: '1' } }, 'build', '-t', 'kit', dir);
    expect(built).toMatchObject({ code: 0 });
    expect(built.stderr).toContain('exporting to image');
    expect(await ok('run', '--rm', 'kit')).toBe('built');
  });

  test('brings a compose project up and down', async () => {
    const compose =
      'services:\n  front:\n    image: web\n    ports: ["8090:80"]\n  back:\n    image: busybox\n    command: sleep 1000\n    init: true\n';
    const dir = await project({ 'compose.yaml': compose });
    const up = await d.dockerWith({ cwd: dir }, 'compose', 'up', '-d');
    expect(up).toMatchObject({ code: 0 });
    // It runs a moment before it listens.
    await expect.poll(() => d.get('http://127.0.0.1:8090/').catch(String)).toContain('hello');
    expect(await d.dockerWith({ cwd: dir }, 'compose', 'down', '-t', '1')).toMatchObject({ code: 0 });
    expect(await ok('ps', '-aq')).toBe('');
  });

  test('takes raw requests', async () => {
    const created = await d.api('POST', '/v1.41/%63ontainers/create', {
      body: { Image: 'busybox' },
      chunked: true,
    });
    expect(created.status).toBe(201);
    const { Id: id } = created.json() as { Id: string }; // 201's body, by Docker's API reference
    expect((await d.api('DELETE', `/containers/${id}`)).status).toBe(204);
    expect((await d.raw('GET /_ping HTTP/1.0\r\n\r\n')).toString()).toContain('200 OK');
    expect((await d.api('GET', '/containers/json?all=1#x')).status).toBe(200);
  });

  test('keeps its images and stopped containers over a restart, and reads daemon.json again', async () => {
    await ok('create', '--name', 'stays', 'busybox');
    await d.restart({ daemonJson: { labels: ['restarted=yes'] } });
    expect(await ok('ps', '-a', '--format', '{{.Names}}')).toContain('stays');
    expect(await ok('info', '--format', '{{.Labels}}')).toBe('[restarted=yes]');
    await d.reload({ labels: ['reloaded=yes'] });
    await expect.poll(() => ok('info', '--format', '{{.Labels}}')).toBe('[reloaded=yes]');
  });

  test('asks an authorization plugin that listens before it starts', async () => {
    const asked: string[] = [];
    const plugin = createServer((incoming, answer) => {
      asked.push(incoming.url ?? '');
      incoming.resume().on('end', () => answer.end('{"Implements":["authz"],"Allow":true}'));
    });
    onTestFinished(() => void plugin.close());
    const other = await startDockerd({
      release,
      plugins: ['yes'],
      before: async ({ pluginDir }) => {
        plugin.listen(join(pluginDir, 'yes.sock'));
        await once(plugin, 'listening');
      },
    });
    onTestFinished(() => other.stop());
    expect((await other.docker('images', '-q', 'busybox')).stdout).not.toBe('');
    expect(asked.slice(0, 3)).toEqual(['/Plugin.Activate', '/AuthZPlugin.AuthZReq', '/AuthZPlugin.AuthZRes']);
    // Two daemons at once share nothing.
    await ok('run', '-d', '--name', 'twin', '-p', '8070:80', 'web');
    expect(await other.docker('run', '-d', '--name', 'twin', '-p', '8070:80', 'web')).toMatchObject({
      code: 0,
    });
    await expect.poll(() => other.get('http://127.0.0.1:8070/').catch(String)).toContain('hello');
    await ok('rm', '-f', 'twin');
    expect((await other.docker('ps', '--format', '{{.Names}}')).stdout).toBe('twin\n');
  });

  test('a daemon that does not start says why, and leaves nothing', async () => {
    let dir = '';
    const started = startDockerd({
      release,
      daemonJson: { nonsense: 1 },
      before: (place) => {
        dir = place.dir;
      },
    });
    await expect(started).rejects.toThrow(/exited \(1\):[\s\S]*nonsense/);
    expect(existsSync(dir)).toBe(false);
  });

  test('stops with everything it started, and leaves no mount, process, folder or control group', async () => {
    await ok(
      'run',
      '-d',
      '--name',
      'stubborn',
      'busybox',
      'sh',
      '-c',
      'trap "" TERM; while :; do sleep 1; done',
    );
    // Held open: the kernel gives the number of a namespace that is gone to the next, which may be another test's.
    const held = openSync(`/proc/${processesNaming(d.dir)[0]}/ns/mnt`, 'r');
    onTestFinished(() => closeSync(held));
    const inside = `mnt:[${fstatSync(held).ino}]`;
    expect(processesIn(inside)).not.toEqual([]);
    await d.stop();
    expect(processesNaming(d.dir)).toEqual([]);
    expect(processesIn(inside)).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(d.dir);
    expect(existsSync(d.dir)).toBe(false);
    expect(controlGroups(d.dir)).toEqual([]);
  });
});

describe('the sources of apt', () => {
  test('the one-line form, with options and comments', () => {
    const text =
      '# deb http://no bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://m/debian bookworm main contrib # x\ndeb-src http://m/debian bookworm main\n';
    expect(parseOneLine(text)).toEqual([
      {
        uri: 'http://m/debian',
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        options: '[signed-by=/k.gpg] ',
      },
    ]);
  });

  test('the deb822 form, with continued lines, and without disabled stanzas', () => {
    const text =
      'Types: deb deb-src\nURIs: http://m/debian\n# why\nSuites: trixie\n trixie-updates\nComponents: main\nSigned-By: /k.gpg\n\n\nTypes: deb\nURIs: http://n\nSuites: trixie\nComponents: main\nEnabled: no\n';
    expect(parseDeb822(text)).toEqual([
      {
        uri: 'http://m/debian',
        suites: ['trixie', 'trixie-updates'],
        components: ['main'],
        options: '[signed-by=/k.gpg] ',
      },
    ]);
  });

  test("only Debian's main archive counts: no security suite, no third party", () => {
    const source = (suite: string, component: string) => ({
      uri: suite,
      suites: [suite],
      components: [component],
      options: '',
    });
    const all = [
      source('bookworm', 'main'),
      source('bookworm-security', 'main'),
      source('bookworm', 'stable'),
      source('jammy', 'main'),
    ];
    expect(debianSources(all)).toEqual([source('bookworm', 'main')]);
  });
});

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function processesNaming(dir: string): string[] {
  return processes().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${dir}/`);
    } catch {
      return false; // it ended in between
    }
  });
}

function processesIn(mountNamespace: string): string[] {
  return processes().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/mnt`) === mountNamespace;
    } catch {
      return false; // it ended in between
    }
  });
}

function controlGroups(dir: string): string[] {
  const name = dir.slice(dir.lastIndexOf('/') + 1);
  const top = '/sys/fs/cgroup';
  return [top, ...readdirSync(top).map((entry) => join(top, entry))].filter((base) =>
    existsSync(join(base, name)),
  );
}
