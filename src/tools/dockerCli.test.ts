import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, findDocker, makeConfig, runCli } from './dockerCli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program called `docker` in a folder of its own, which is then all of PATH. */
function program(name: string, script: string): string {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'docker'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return join(folder, name);
}

describe('findDocker()', () => {
  it("finds Docker's own on PATH, in its order", async () => {
    const path = program('own', 'echo Docker version 28.2.2, build x');
    await expect(findDocker('docker', { PATH: `/nonexistent:${path}` })).resolves.toEqual({
      program: join(path, 'docker'),
    });
  });

  it('says how to install it where it is missing', async () => {
    const found = await findDocker('docker', { PATH: join(folder, 'nothing') });
    expect(found).toMatchObject({
      message: 'there is no docker CLI on PATH',
      remedy: expect.stringContaining('docker-cli'),
    });
    expect(await findDocker('/nonexistent/docker', {})).toMatchObject({
      message: 'there is no docker CLI at `/nonexistent/docker`',
    });
  });

  it.each([
    ['podman', 'echo podman version 5.0'],
    ['broken', 'exit 1'],
    ['quiet', 'true'],
  ])('takes no stand-in for it, which might act: %s', async (name, script) => {
    const path = program(name, script);
    expect(await findDocker('docker', { PATH: path })).toMatchObject({
      message: expect.stringContaining('might act'),
    });
  });

  it('passes over a folder of that name', async () => {
    mkdirSync(join(folder, 'dir/docker'), { recursive: true });
    expect(await findDocker('docker', { PATH: join(folder, 'dir') })).toHaveProperty('remedy');
  });
});

describe('makeConfig()', () => {
  const secret = { auths: { x: { auth: 'SECRET' } }, credsStore: 'pass', credHelpers: { y: 'ecr' } };
  const leading = { currentContext: 'prod', HttpHeaders: { Authorization: 'SECRET' }, plugins: { a: {} } };
  const kept = { aliases: { builder: 'buildx' }, detachKeys: 'ctrl-x', features: { buildkit: 'true' } };

  it('keeps aliases and plugins, and neither credentials nor contexts', async () => {
    const home = join(folder, 'home');
    mkdirSync(join(home, '.docker/cli-plugins'), { recursive: true });
    mkdirSync(join(home, '.docker/contexts'));
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ ...secret, ...leading, ...kept }));
    for (const plugin of ['docker-compose', 'docker-scout'])
      writeFileSync(join(home, '.docker/cli-plugins', plugin), '', { mode: 0o755 });
    const made = join(folder, 'made');
    await makeConfig(made, { HOME: home });
    expect(JSON.parse(readFileSync(join(made, 'config.json'), 'utf8'))).toEqual(kept);
    expect(statSync(made).mode & 0o777).toBe(0o700);
    await expect(readlink(join(made, 'cli-plugins/docker-compose'))).resolves.toContain(home);
    await expect(readlink(join(made, 'cli-plugins/docker-scout'))).rejects.toThrow('ENOENT');
    await expect(readlink(join(made, 'contexts'))).rejects.toThrow('ENOENT');
  });

  it.each(['{broken', '[]', 'null'])('takes a configuration of %j for none', async (text) => {
    const own = mkdtempSync(join(folder, 'own-'));
    writeFileSync(join(own, 'config.json'), text);
    await makeConfig(join(own, 'made'), { DOCKER_CONFIG: own });
    expect(readFileSync(join(own, 'made/config.json'), 'utf8')).toBe('{}');
  });
});

it('cliEnvironment() leads the CLI to the private daemon and to nothing else', () => {
  const env = {
    DOCKER_HOST: 'tcp://prod',
    DOCKER_CONTEXT: 'prod',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: '/certs',
    DOCKER_AUTH_CONFIG: 'SECRET',
    DOCKER_CONTENT_TRUST: '1',
    BUILDX_BUILDER: 'remote',
    DOCKER_BUILDKIT: '0',
    DOCKER_API_VERSION: '1.41',
    COMPOSE_PROJECT_NAME: 'x',
    PATH: '/usr/bin',
    NOT_SET: undefined,
  };
  expect(cliEnvironment(env, '/c', '/s.sock')).toEqual({
    DOCKER_BUILDKIT: '0',
    DOCKER_API_VERSION: '1.41',
    COMPOSE_PROJECT_NAME: 'x',
    PATH: '/nonexistent',
    DOCKER_CONFIG: '/c',
    DOCKER_HOST: 'unix:///s.sock',
  });
});

describe('runCli()', () => {
  const run = (script: string, signal = new AbortController().signal) =>
    runCli({ program: '/bin/sh', args: ['-c', script], env: {}, stdin: 'typed', signal });

  it('gives the exit code and what was written', async () => {
    await expect(run('cat; echo error >&2; exit 7')).resolves.toEqual({
      code: 7,
      stdout: 'typed',
      stderr: 'error\n',
    });
  });

  it('ends what hangs with all that it started', async () => {
    const pid = join(folder, 'pid');
    const signal = AbortSignal.timeout(500);
    const { code } = await run(`sleep 1000 & echo $! > ${pid}; wait`, signal);
    expect(code).toBeNull();
    const child = Number(readFileSync(pid, 'utf8'));
    // A process that was killed may still wait for its parent to take note.
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  it('cuts what is written without an end', async () => {
    const { stdout } = await run("head -c 3000000 /dev/zero | tr '\\0' x");
    expect(stdout.length).toBe(1024 * 1024);
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
