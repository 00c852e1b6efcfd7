import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatFileError } from './fileerror.ts';
import { loadPolicySet } from './load.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-policies-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function policy(name: string, spec = '{ profile: baseline }'): string {
  return `apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** The names of the policies in order, or what is printed, with the folder written as DIR. */
async function load(...paths: readonly string[]): Promise<readonly string[]> {
  const result = await loadPolicySet(paths.map((path) => join(folder, path)));
  if (result.ok) return result.set.policies.map(({ name }) => name);
  return result.errors.map((error) => formatFileError(error).replaceAll(folder, 'DIR'));
}

describe('loadPolicySet()', () => {
  it('reads the *.yaml directly in a folder, sorted, and leaves tests, hidden and other files alone', async () => {
    write({
      'b.yaml': policy('b'),
      'a.yaml': `${policy('a2')}---\n${policy('a1')}`,
      'B.yaml': policy('upper'),
      'a.test.yaml': 'kind: PolicyTest',
      '.hidden.yaml': 'broken: [',
      'README.md': 'text',
      'below/c.yaml': policy('c'),
    });
    expect(await load('.')).toEqual(['upper', 'a2', 'a1', 'b']);
  });

  it('reads paths in their order and a file that is named twice once', async () => {
    write({ 'z/z.yaml': policy('z'), 'a/a.yaml': policy('a') });
    symlinkSync(join(folder, 'z/z.yaml'), join(folder, 'a/link.yaml'));
    expect(await load('z', 'a', 'a/a.yaml', 'z')).toEqual(['z', 'a']);
  });

  it.each<readonly [Readonly<Record<string, string | Uint8Array>>, string, readonly string[]]>([
    // What was likely meant to be read is not passed over.
    [
      { 'a.yaml': policy('a'), 'b.yml': policy('b') },
      '.',
      ['DIR/b.yml: error: policy files end in .yaml; rename it to DIR/b.yaml'],
    ],
    [
      { 'a.yaml': policy('a'), 'B.YAML': policy('b') },
      '.',
      ['DIR/B.YAML: error: policy files end in .yaml; rename it to DIR/B.yaml'],
    ],
    [
      { 'b.yml': policy('b') },
      'b.yml',
      ['DIR/b.yml: error: policy files end in .yaml; rename it to DIR/b.yaml'],
    ],
    [{ 'a.yaml': policy('a'), 'b.yaml/c': '' }, '.', ['DIR/b.yaml: error: a folder, and not a file']],
    // What is not there.
    [{}, 'none', ['DIR/none: error: no such file or folder']],
    [{ 'a.yaml': '' }, 'a.yaml/b.yaml', ['DIR/a.yaml/b.yaml: error: a part of its path is no folder']],
    [
      { 'a/b/c.yaml': policy('c') },
      'a',
      ['DIR/a: error: no policy file in this folder: it has no *.yaml directly in it'],
    ],
    [{ 'a.yaml': '# later\n' }, '.', ['DIR: error: no document in it']],
    // What is no text of a policy.
    [
      { 'a.yaml': Buffer.from('kind: P\nx: "\xe4"\n', 'latin1') },
      'a.yaml',
      ['DIR/a.yaml:2:5: error: not UTF-8 text\n    2 | x: "\ufffd"\n      |     ^ save the file as UTF-8'],
    ],
    [
      { 'a.yaml': '#'.repeat(1024 * 1024 + 1) },
      'a.yaml',
      ['DIR/a.yaml: error: larger than 1 MiB; split it into several files'],
    ],
    // Rule ids begin with the name, so there is one of each.
    [
      { 'a.yaml': policy('x'), 'b.yaml': policy('x') },
      '.',
      [
        'DIR/b.yaml:3:19: error: "x" is the name of another Policy, at DIR/a.yaml:3\n' +
          '    3 | metadata: { name: x }\n' +
          '      |                   ^ choose another name',
      ],
    ],
    // Errors of all files at once.
    [
      { 'a.yaml': '[', 'b.yaml': 'x', 'c.yml': '' },
      '.',
      [
        'DIR/c.yml: error: policy files end in .yaml; rename it to DIR/c.yaml',
        'DIR/a.yaml:1:1: error: "[" is not closed, or what closes it is not indented\n    1 | [\n      | ^',
        'DIR/b.yaml:1:1: error: a document must be a map of keys and values, not "x"\n' +
          '    1 | x\n      | ^ known here: apiVersion, kind, metadata, spec',
      ],
    ],
  ])('refuses %j as %s', async (files, path, expected) => {
    write(files);
    expect(await load(path)).toEqual(expected);
  });

  it('refuses a folder that lost its files though another has some', async () => {
    write({ 'a/a.yaml': policy('a'), 'b/x.txt': '' });
    expect(await load('a', 'b')).toEqual([
      'DIR/b: error: no policy file in this folder: it has no *.yaml directly in it',
    ]);
  });

  it('refuses a pipe in a folder instead of waiting for it', async () => {
    write({ 'a.yaml': policy('a') });
    execFileSync('mkfifo', [join(folder, 'b.yaml')]);
    expect(await load('.')).toEqual(['DIR/b.yaml: error: not a regular file']);
  });

  it('refuses a link that leads nowhere', async () => {
    write({ 'a.yaml': policy('a') });
    symlinkSync('b.yaml', join(folder, 'b.yaml'));
    symlinkSync('none', join(folder, 'c.yaml'));
    expect(await load('.')).toEqual([
      'DIR/b.yaml: error: its links run in a circle',
      'DIR/c.yaml: error: no such file or folder',
    ]);
  });

  it('refuses no paths at all', async () => {
    expect(await loadPolicySet([])).toMatchObject({ ok: false, errors: [{ code: 'policy-none' }] });
  });

  it('names lines: the own one of each control, that of the profile for its others', async () => {
    write({
      'a.yaml': policy('a', '\n  profile: baseline\n  controls:\n    capabilities: { allowAdd: [] }'),
    });
    const result = await loadPolicySet([join(folder, 'a.yaml')]);
    const lines = result.ok
      ? result.set.policies[0]?.checks.map(({ control, source }) => [control, source.line])
      : [];
    expect(lines).toContainEqual(['capabilities', 7]);
    expect(lines).toContainEqual(['privileged', 5]);
  });

  it('shows names below the working directory relative to it', async () => {
    expect(
      await loadPolicySet(['src/policyfiles/none.yaml', '/none.yaml', '../none\u001b.yaml']),
    ).toMatchObject({
      errors: [
        { file: 'src/policyfiles/none.yaml' },
        { file: '/none.yaml' },
        { file: expect.stringMatching(/^\/.*none\\u001b\.yaml$/) },
      ],
    });
  });

  it('warns of a set without any control', async () => {
    write({ 'a.yaml': policy('a', '{ profile: privileged }'), 'b.yaml': policy('b', '{}') });
    const result = await loadPolicySet([folder]);
    expect(result.ok && result.warnings.map(({ code, at }) => [code, at?.line])).toEqual([
      ['policy-no-control', 4],
      ['access-none', 2],
    ]);
    write({ 'b.yaml': policy('b') });
    expect(await loadPolicySet([folder])).toMatchObject({ ok: true, warnings: [{ code: 'access-none' }] });
  });

  it('has a digest of the texts in order, wherever they are', async () => {
    write({
      'a/1.yaml': policy('x'),
      'a/2.yaml': policy('y'),
      'b/5.yaml': policy('x'),
      'b/6.yaml': policy('y'),
    });
    const digest = async (...paths: string[]) => {
      const result = await loadPolicySet(paths.map((path) => join(folder, path)));
      return result.ok ? result.set.digest : 'broken';
    };
    expect(await digest('a')).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest('b')).toBe(await digest('a'));
    expect(await digest('a/2.yaml', 'a/1.yaml')).not.toBe(await digest('a'));
    expect(await digest('a/1.yaml')).not.toBe(await digest('a'));
  });
});
