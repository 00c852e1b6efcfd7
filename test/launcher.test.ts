import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launcher, root, run } from './process.ts';

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-')));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const manifest: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const version = { code: 0, stdout: `${manifest.version}\n`, stderr: '' };

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** A PATH with what the launcher needs of a system, and nothing else: no node, unless one is written there. */
function emptyPath(): string {
  const path = mkdtempSync(join(folder, 'path-'));
  for (const tool of ['readlink', 'cat', 'sh']) symlinkSync(`/bin/${tool}`, join(path, tool));
  return path;
}

/** A Node that tells its name and what it was asked to run. */
function fakeNode(path: string, name: string, release: string): void {
  write(
    path,
    `#!/bin/sh\n[ "$1" = --version ] && echo ${release} && exit\necho ${name}; shift 2; printf '<%s>' "$@"\n`,
  );
}

/** A Bulwark that has a launcher and these files. */
function installed(name: string, ...files: readonly string[]): string {
  const home = join(folder, name);
  for (const file of files) write(join(home, file), '');
  mkdirSync(join(home, 'bin'), { recursive: true });
  copyFileSync(launcher, join(home, 'bin', 'bulwark'));
  return home;
}

describe('bin/bulwark in a clone', { timeout: 30_000 }, () => {
  it('runs from any folder', async () => {
    expect(await run(launcher, ['--version'], { cwd: '/' })).toEqual(version);
  });

  it('runs by its name on PATH, through a chain of links, relative ones too', async () => {
    const links = mkdtempSync(join(folder, 'links-'));
    symlinkSync(launcher, join(links, 'first'));
    symlinkSync('first', join(links, 'bulwark'));
    const env = { PATH: `${links}:/usr/bin:/bin` };
    expect(await run('sh', ['-c', 'bulwark --version'], { cwd: '/', env })).toEqual(version);
    expect(await run('sh', ['bulwark', '--version'], { cwd: links, env })).toEqual(version);
  });

  it('needs no node on PATH', async () => {
    expect(await run(launcher, ['--version'], { env: { PATH: emptyPath() } })).toEqual(version);
  });
});

describe('bin/bulwark', () => {
  it('passes arguments on as they are, whatever is in them and in its path', async () => {
    const home = installed(`it's "odd" $(x) \\ *\nline\n`, 'src/cli/main.ts');
    fakeNode(join(home, 'node_modules/.bin/node'), 'own', 'v24.0.0');
    const args = ['a b', '', "it's", '$(x)', '*', '-e', 'line\n'];
    const { code, stdout } = await run(join(home, 'bin', 'bulwark'), args, { env: { PATH: emptyPath() } });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `own\n${[join(home, 'src/cli/main.ts'), ...args].map((arg) => `<${arg}>`).join('')}`,
    });
  });

  // Its own Node, then the one that npm laid beside it, then that of PATH; none that is too old or does not run.
  it.each<[string, Readonly<Record<string, string>>]>([
    ['own', { own: 'v24.1.0', beside: 'v24.1.0', path: 'v26.0.0' }],
    ['beside', { beside: 'v24.1.0', path: 'v26.0.0' }],
    ['path', { path: 'v26.0.0' }],
    ['path', { own: 'v20.20.2', beside: 'v18.0.0', path: 'v24.0.0' }],
    ['path', { own: 'cannot run here', path: 'v24.0.0' }],
    ['beside', { own: '', beside: 'v100.0.0', path: 'v24.0.0' }],
  ])('takes the Node %s of %j', async (chosen, releases) => {
    const modules = basename(mkdtempSync(join(folder, 'modules-')));
    const home = installed(`${modules}/bulwark`, 'dist/cli/main.js');
    const path = emptyPath();
    const places: Readonly<Record<string, string>> = {
      own: join(home, 'node_modules/.bin/node'),
      beside: join(home, '../.bin/node'),
      path: join(path, 'node'),
    };
    for (const [place, release] of Object.entries(releases)) fakeNode(places[place] ?? '', place, release);
    const { stdout } = await run(join(home, 'bin', 'bulwark'), [], { env: { PATH: path } });
    expect(stdout).toBe(`${chosen}\n<${join(home, 'dist/cli/main.js')}>`);
  });

  it.each([
    ['none', undefined],
    ['v20.20.2', 'v20.20.2'],
  ])('says what is missing when the Node on PATH is %s', async (seen, release) => {
    const home = installed(`missing-${seen}`, 'src/cli/main.ts');
    const path = emptyPath();
    if (release !== undefined) fakeNode(join(path, 'node'), 'old', release);
    const { code, stdout, stderr } = await run(join(home, 'bin', 'bulwark'), ['--version'], {
      env: { PATH: path },
    });
    expect({ code, stdout }).toEqual({ code: 127, stdout: '' });
    expect(stderr).toContain(`error: Bulwark needs Node 24 or newer and found none (on PATH: ${seen}).`);
    expect(stderr).toContain('npm ci');
  });

  it('prefers src/ to dist/, and says so when it has neither', async () => {
    const path = emptyPath();
    fakeNode(join(path, 'node'), 'path', 'v24.0.0');
    const env = { PATH: path };
    const both = installed('both', 'src/cli/main.ts', 'dist/cli/main.js');
    expect((await run(join(both, 'bin', 'bulwark'), [], { env })).stdout).toContain('src/cli/main.ts');
    const neither = installed('neither');
    const { code, stderr } = await run(join(neither, 'bin', 'bulwark'), [], { env });
    expect(code).toBe(127);
    expect(stderr).toMatch(/^error: .* has neither src\/ nor dist\//);
  });
});

describe('npm run pack', () => {
  let tarball: string;

  async function npm(...args: readonly string[]): Promise<void> {
    const env = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
    const { code, stdout, stderr } = await run('npm', args, { env });
    if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  }

  beforeAll(async () => {
    await npm('run', 'pack', '--', '--pack-destination', folder);
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none.tgz');
  }, 180_000);

  // The package brings its Node: that of the machine may be too old, or not there at all.
  it('makes a package that runs when installed globally', { timeout: 180_000 }, async () => {
    const prefix = join(folder, 'global');
    await npm('install', '--global', '--prefix', prefix, tarball);
    const env = { PATH: emptyPath() };
    expect(await run(join(prefix, 'bin', 'bulwark'), ['--version'], { cwd: '/', env })).toEqual(version);
    const inside = readdirSync(join(prefix, 'lib/node_modules/bulwark'));
    expect(inside).toContain('dist');
    expect(inside).not.toContain('src');
  });

  it('makes a package that runs as a dependency', { timeout: 180_000 }, async () => {
    const project = join(folder, 'project');
    write(join(project, 'package.json'), '{ "name": "project", "private": true }');
    await npm('install', '--prefix', project, tarball);
    const env = { PATH: emptyPath() };
    expect(await run(join(project, 'node_modules/.bin/bulwark'), ['--version'], { cwd: '/', env })).toEqual(
      version,
    );
  });
});
