import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');
let folder: string;

const head = 'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: team }\n';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  writeFileSync(join(folder, 'good.yaml'), `${head}spec: { profile: baseline }\n`);
  writeFileSync(join(folder, 'empty.yaml'), `${head}spec: { profile: privileged }\n`);
  writeFileSync(join(folder, 'broken.yaml'), `${head}spec: { profil: baseline }\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `bulwark check` in the folder. */
function check(...args: readonly string[]) {
  return new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, 'check', ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe('bulwark check', () => {
  it('says ok', async () => {
    expect(await check('good.yaml')).toEqual({ code: 0, stdout: 'ok: 1 document in 1 file\n', stderr: '' });
  });

  it('prints errors and exits 1', async () => {
    expect(await check('good.yaml', 'broken.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr: `broken.yaml:4:9: error: unknown key "profil"
    4 | spec: { profil: baseline }
      |         ^^^^^^ did you mean "profile"?
`,
    });
  });

  it('warns of policies without a control, and exits 0', async () => {
    expect(await check('empty.yaml')).toEqual({
      code: 0,
      stdout: 'ok: 1 document in 1 file\n',
      stderr: `empty.yaml:4:9: warning: no policy has a control, so that everything is allowed
    4 | spec: { profile: privileged }
      |         ^^^^^^^ profile: baseline stops the known ways out
`,
    });
  });

  it('answers programs in one document of JSON, errors with their code and place', async () => {
    const broken = await check('--output', 'json', 'broken.yaml', 'none.yaml');
    expect(broken).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(broken.stdout)).toEqual({
      ok: false,
      errors: [
        {
          code: 'file-unknown-key',
          file: 'broken.yaml',
          line: 4,
          column: 9,
          endColumn: 15,
          message: 'unknown key "profil"',
          hint: 'did you mean "profile"?',
        },
        { code: 'file-unreadable', file: 'none.yaml', message: 'no such file or folder' },
      ],
    });
    const good = await check('--output=json', 'good.yaml');
    expect(JSON.parse(good.stdout)).toEqual({
      ok: true,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      documents: 1,
      files: 1,
      warnings: [],
    });
  });

  it.each([[[]], [['--output', 'xml', 'good.yaml']], [['--strict', 'good.yaml']]])(
    'exits 2 on misuse: %j',
    async (args) => {
      expect(await check(...args)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('error: '),
      });
    },
  );

  it('takes the shipped policies', async () => {
    const shipped = join(import.meta.dirname, '..', '..', 'policies');
    expect(await check(shipped)).toEqual({ code: 0, stdout: 'ok: 1 document in 1 file\n', stderr: '' });
  });
});
