/** `npm run plugin:build`: the folder for `docker plugin create`. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSource, sources } from '../src/config/settings.ts';
import { buildPluginIn, clone } from './clone.ts';
import { launcher, root, run } from './process.ts';

let folder: string;
/** What the build printed, and the folder that it made. */
let said: string;
let built: string;
let policies: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-build-'));
  await clone(join(folder, 'one'));
  built = join(folder, 'one/plugin/build');
  policies = join(built, 'rootfs/usr/lib/bulwark/policies');
  said = await buildPluginIn(join(folder, 'one'));
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Each file and folder with what may differ between two builds. */
function tree(of: string): readonly string[] {
  return readdirSync(of, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const { mode, mtimeMs, size } = statSync(join(of, path));
      return `${path} ${mode.toString(8)} ${mtimeMs} ${size}`;
    });
}

/** The program of the build, run by its own Node with its own libraries, wherever the machine keeps others. */
function inside(...args: readonly string[]) {
  const rootfs = join(built, 'rootfs');
  const files = readdirSync(rootfs, { recursive: true, encoding: 'utf8' });
  const loader = files.find((file) => /(?:^|\/)ld-linux-[^/]*\.so\.\d$/.test(file)) ?? '';
  const library = files.find((file) => file.endsWith('/libc.so.6')) ?? '';
  const libraries = join(rootfs, library, '..');
  const command = ['--library-path', libraries, join(rootfs, 'usr/bin/node')];
  return run(join(rootfs, loader), [...command, join(rootfs, 'usr/lib/bulwark/dist/cli/main.js'), ...args]);
}

describe('npm run plugin:build', { timeout: 120_000 }, () => {
  it('leaves config.json beside rootfs/, and says how much and what it is', () => {
    expect(readdirSync(built).sort()).toEqual(['config.json', 'rootfs']);
    expect(said).toMatch(/one\/plugin\/build: \d+ files, \d+\.\d MB, sha256:[0-9a-f]{64}$/);
  });

  it('makes the same bytes, modes and times of another clone, under another umask', async () => {
    const other = join(folder, 'a much longer name');
    await clone(other);
    // What a build before has left is not in the way.
    const again = await buildPluginIn(other, [join(folder, 'out')], '077');
    expect(again.split(', ').slice(1)).toEqual(said.split(', ').slice(1));
    expect(tree(join(folder, 'out'))).toEqual(tree(built));
    const difference = promisify(execFile)('diff', ['-r', built, join(folder, 'out')]);
    expect(await difference).toMatchObject({ stdout: '', stderr: '' });
  });

  it('replaces an earlier build and nothing else', async () => {
    const own = mkdtempSync(join(folder, 'own-'));
    writeFileSync(join(own, 'thesis.tex'), '');
    const build = (to: string) => run(process.execPath, [join(folder, 'one/plugin/build.ts'), to]);
    const refused = await build(own);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('holds other files') });
    expect(readdirSync(own)).toEqual(['thesis.tex']);
    expect((await build(built)).stdout).toBe(`${said}\n`);
  });

  it('has no shell, and nothing that only authors read', () => {
    const files = readdirSync(join(built, 'rootfs'), { recursive: true, encoding: 'utf8' });
    expect(
      files.filter((file) =>
        /(?<!licen[cs]e)\.(?:ts|map|md|sh)$|(?:^|\/)(?:sh|bash|busybox|npm)$/i.test(file),
      ),
    ).toEqual([]);
    expect(
      files.filter((file) => /node_modules\/(?:typescript|vitest|@types|node-linux)/.test(file)),
    ).toEqual([]);
  });

  it('keeps the licence of each module that has one', () => {
    const modules = readdirSync(join(built, 'rootfs/usr/lib/bulwark/node_modules'));
    const licences = (folder: string) => readdirSync(folder).filter((name) => /^licen[cs]e/i.test(name));
    for (const name of modules.filter((name) => !name.startsWith('@'))) {
      const kept = licences(join(built, 'rootfs/usr/lib/bulwark/node_modules', name));
      expect(kept, name).toEqual(licences(join(root, 'node_modules', name)));
    }
  });

  it('runs with its own Node, libraries, modules and policies', async () => {
    const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(await inside('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await inside('check', policies)).toMatchObject({ code: 0 });
  });

  it('says clearly that there is no docker CLI in it', async () => {
    const tried = await inside('try', '--policies', policies, '--', '/no/docker', 'run', 'alpine');
    expect(tried).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no docker CLI') });
  });
});

describe('plugin/config.json', () => {
  const config: {
    entrypoint: readonly string[];
    env: readonly { name: string; settable: readonly string[] }[];
  } = JSON.parse(readFileSync(join(root, 'plugin/config.json'), 'utf8'));

  it('gives Node what the launcher gives it', () => {
    const flags = /exec "\$node" (.*) "\$main"/.exec(readFileSync(launcher, 'utf8'))?.[1]?.split(' ');
    expect(config.entrypoint.slice(1, -2)).toEqual(flags);
  });

  // The socket is the interface's, the data a mount's; there is no network from which metrics could be asked.
  it('lets every other variable be set', () => {
    const fixed = ['BULWARK_AUTHZ_SOCKET', 'BULWARK_DATA', 'BULWARK_METRICS'];
    const known = [configSource, ...Object.values(sources)].map(({ variable }) => variable);
    expect(config.env.map(({ name }) => name).sort()).toEqual(
      known.filter((name) => !fixed.includes(name)).sort(),
    );
    for (const { settable } of config.env) expect(settable).toEqual(['value']);
  });
});
