import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../src/cli/program.ts';
import { root } from './process.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-documented-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `bulwark` answers, with the folder written as `policies`. */
async function bulwark(...args: readonly string[]) {
  const written: string[] = [];
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written.push(String(text).replaceAll(folder, 'policies'));
      return true;
    }),
  );
  const code = await run(args).finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return { code, written: written.join('') };
}

const test = (...args: readonly string[]) => bulwark('test', ...args);

// The CLI takes a tenth of a second of a free processor a case; a busy machine has none.
const patient = { timeout: 120_000 };

it('the shipped policies do what their tests say, and no control is without a case', patient, async () => {
  expect(await test(join(root, 'policies'), '--require-coverage')).toEqual({
    code: 0,
    written: expect.stringMatching(/^ok: \d+ cases\ncoverage: (\d+) of \1 controls /),
  });
});

const covered = /coverage: (\d+) of \1 controls /;

describe.each(readdirSync(join(root, 'policies/examples')))('policies/examples/%s', (name) => {
  const set = join(root, 'policies/examples', name);

  it('does what its tests say, and no control is without a case', patient, async () => {
    expect(await test(set, '--require-coverage')).toEqual({
      code: 0,
      written: expect.stringMatching(covered),
    });
  });

  it('gives `check` nothing to say', async () => {
    expect(await bulwark('check', set)).toEqual({ code: 0, written: expect.stringMatching(/^ok: .*\n$/) });
  });
});

it('each recipe of the cookbook does what its table says', patient, async () => {
  const recipes = readdirSync(join(root, 'docs/cookbook')).map((name) => join(root, 'docs/cookbook', name));
  expect(recipes).toHaveLength(20);
  const { code, written } = await test(...recipes, '--require-coverage');
  expect({ code, written }).toMatchObject({ code: 0 });
  expect(written.match(new RegExp(covered, 'g'))).toHaveLength(20);
});

describe.each([
  ['docs/testing.md', '{ binds: { allowPaths: ["/srv/{subject}/**"] }, hostNamespaces: {} }'],
  [
    'README.md',
    '{ memory: { required: true }, pids: { required: true }, binds: { allowPaths: ["/srv/**"] } }',
  ],
])('%s', (page, controls) => {
  const text = readFileSync(join(root, page), 'utf8');

  it('has a test that passes', patient, async () => {
    const [, yaml = ''] = /```yaml\n(apiVersion: \S+\nkind: PolicyTest\n[^`]+)```/.exec(text) ?? [];
    writeHouse(controls, yaml);
    expect(await test(folder)).toEqual({ code: 0, written: expect.stringMatching(/^ok: \d cases?$/m) });
  });
});

it('docs/testing.md shows what a failure looks like', patient, async () => {
  const text = readFileSync(join(root, 'docs/testing.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n([^`]+)```/.exec(text) ?? [];
  const [shown = ''] = /^ {4}FAIL[^|]*?(?=\n\n)/m.exec(text) ?? [];
  writeHouse('\n    hostNamespaces: {}\n    binds: { allowPaths: ["**"], allowProtected: true }', yaml);
  expect(await test(folder)).toEqual({ code: 1, written: `${shown.replace(/^ {4}/gm, '')}\n` });
});

function writeHouse(controls: string, tests: string): void {
  const head = 'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec:\n';
  writeFileSync(join(folder, 'house.yaml'), `${head}  controls: ${controls}\n`);
  writeFileSync(join(folder, 'house.test.yaml'), tests);
}
