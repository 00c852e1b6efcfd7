import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeLedger } from '../../test/ledgerOf.ts';
import { run } from './program.ts';

let folder: string;

const head = 'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: team }\n';
const access =
  'apiVersion: bulwark/v1\nkind: Access\nmetadata: { name: all }\nspec: { subjects: ["*"], allow: [{ actions: ["*"] }] }\n';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  writeFileSync(join(folder, 'good.yaml'), `${head}spec: { profile: baseline }\n---\n${access}`);
  writeFileSync(join(folder, 'empty.yaml'), `${head}spec: { profile: privileged }\n---\n${access}`);
  writeFileSync(join(folder, 'broken.yaml'), `${head}spec: { profil: baseline }\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `bulwark check` answers for files of the folder, which is written as DIR. */
async function check(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text).replaceAll(folder, 'DIR');
      return true;
    }),
  );
  try {
    const code = await run([
      'check',
      ...args.map((arg) => (arg.endsWith('.yaml') ? join(folder, arg) : arg)),
    ]);
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('bulwark check', () => {
  it('says ok', async () => {
    expect(await check('good.yaml')).toEqual({ code: 0, stdout: 'ok: 2 documents in 1 file\n', stderr: '' });
  });

  it('prints errors and exits 1', async () => {
    expect(await check('good.yaml', 'broken.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr: `DIR/broken.yaml:4:9: error: unknown key "profil"
    4 | spec: { profil: baseline }
      |         ^^^^^^ did you mean "profile"?
`,
    });
  });

  it('warns of policies without a control, and exits 0', async () => {
    expect(await check('empty.yaml')).toEqual({
      code: 0,
      stdout: 'ok: 2 documents in 1 file\n',
      stderr: `DIR/empty.yaml:4:9: warning: no policy has a control, so that everything is allowed
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
          file: 'DIR/broken.yaml',
          line: 4,
          column: 9,
          endColumn: 15,
          message: 'unknown key "profil"',
          hint: 'did you mean "profile"?',
        },
        { code: 'file-unreadable', file: 'DIR/none.yaml', message: 'no such file or folder' },
      ],
    });
    const good = await check('--output=json', 'good.yaml');
    expect(JSON.parse(good.stdout)).toEqual({
      ok: true,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      documents: 2,
      files: 1,
      warnings: [],
    });
  });

  it.each([[['--output', 'xml', 'good.yaml']], [['--strict', 'good.yaml']]])(
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
    expect(await check(shipped)).toEqual(code: 0, stdout: 'ok: 2 documents in 2 files\n', stderr: '' );
  });

  it('says nothing where the ledger is younger', async () => {
    begin(89);
    expect(await check('excepts.yaml', '--data', ledger.folder)).toMatchObject({ code: 0, stderr: '' });
  });

  it('exits 2 where there is no ledger', async () => {
    begin(89);
    expect(await check('excepts.yaml', '--data', join(ledger.folder, 'none'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no ledger at'),
    });
  });
});
