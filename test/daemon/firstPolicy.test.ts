/** docs/first-policy.md from its first line to its last: each file is written, each command run, each answer compared. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { packages } from './packages.ts';
import { collect, type RunResult } from './run.ts';
import { workplace } from './workplace.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/first-policy.md'), 'utf8');
const serves = 'bin/bulwark serve --policies house-rules';

type Step =
  | { readonly write: string; readonly text: string }
  | { readonly run: string; readonly says: string };

/** A file is the YAML after its name; a command is a line after `$`, with what it answers below it. */
function stepsOf(text: string): readonly Step[] {
  return [
    ...text.matchAll(/`(house-rules\/[\w.]+)`[^`]*```yaml\n([^`]+)```|```console\n([\s\S]+?)```/g),
  ].flatMap(([, write, yaml = '', commands]): Step[] =>
    commands === undefined
      ? [{ write: write ?? '', text: yaml }]
      : commands
          .split(/^\$ /m)
          .slice(1)
          .map((command) => {
            const [run = '', ...said] = command.split('\n');
            return { run, says: said.join('\n').trim() };
          }),
  );
}

const steps = stepsOf(page);
const serving = steps.findIndex((step) => 'run' in step && step.run === serves);

let folder: string;
let d: Dockerd | undefined;
let bulwark: Bulwark | undefined;
let shell: (text: string) => Promise<RunResult>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-first-'));
  for (const name of ['bin', 'policies']) symlinkSync(join(root, name), join(folder, name));
  const { docker } = await packages();
  symlinkSync(docker, join(folder, 'docker'));
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder };
  shell = (text) => collect(spawn('sh', ['-c', text], { cwd: folder, env, stdio: 'pipe' }), {});
});
afterAll(async () => {
  await d?.stop();
  await bulwark?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As an administrator does in step 5; from then on the commands run on that daemon's host. */
async function serve(): Promise<void> {
  const data = join(folder, 'data');
  d = await startDockerd({
    release: '20.10',
    plugins: ['bulwark'],
    before: async ({ pluginDir }) => {
      const socket = join(pluginDir, 'bulwark.sock');
      bulwark = await startBulwark({ socket, policies: [join(folder, 'house-rules')], data });
    },
  });
  const place = await workplace(d);
  shell = (text) => place.shell(`export BULWARK_DATA=${data} BULWARK_HOST_NAME=host\ncd ${folder}\n${text}`);
}

/** An answer without what differs each time, `...` for any lines. */
function timeless(text: string): string {
  return text
    .replaceAll(`${folder}/`, '')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/g, 'TIME')
    .replace(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, 'ID')
    .replace(/\([0-9a-f]{12}\)/g, '(DIGEST)')
    .trim();
}

async function follow(step: Step): Promise<void> {
  if ('write' in step) return writeFileSync(join(folder, step.write), step.text);
  if (step.run === serves) return serve();
  const { stdout, stderr } = await shell(step.run);
  const literal = timeless(step.says).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const anyLines = literal.replace(/^ *\\\.\\\.\\\.$/gm, '[^]*');
  expect(timeless(stdout + stderr), step.run).toMatch(new RegExp(`^${anyLines}$`));
}

test('a folder, a rule, a try and a test, without a daemon', async () => {
  expect(serving).toBeGreaterThan(5);
  for (const step of steps.slice(0, serving)) await follow(step);
});

test('it watches, comes into force and denies', async () => {
  const reloads = () => bulwark?.logs().split('reloaded the policies').length ?? 0;
  for (const step of steps.slice(serving)) {
    const before = reloads();
    await follow(step);
    if ('write' in step) await expect.poll(reloads).toBeGreaterThan(before);
  }
});
