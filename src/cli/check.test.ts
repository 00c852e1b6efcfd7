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

  it('takes what is not enforced yet, and says that serve does not', async () => {
    const access =
      'apiVersion: bulwark/v1\nkind: Access\nmetadata: { name: a }\nspec: { subjects: ["*"], allow: [{ actions: ["*"], on: own }] }\n';
    const policy =
      'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: p }\nspec: { profile: baseline }\n';
    writeFileSync(join(folder, 'own.yaml'), `${policy}---\n${access}`);
    expect(await check('own.yaml')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        'warning: this version does not enforce "on: own" yet, so a set with it is not put into force',
      ),
    });
  });

  it('takes the shipped policies', async () => {
    const shipped = join(import.meta.dirname, '..', '..', 'policies');
    expect(await check(shipped)).toEqual({ code: 0, stdout: 'ok: 2 documents in 2 files\n', stderr: '' });
  });

  it('takes the folder of --policies, and without any that of serve', async () => {
    expect(await check('--policies', 'good.yaml')).toMatchObject({ code: 0 });
    expect(await check('--policies', 'good.yaml', 'broken.yaml')).toMatchObject({ code: 1 });
    vi.stubEnv('BULWARK_POLICIES', join(folder, 'empty.yaml'));
    expect(await check()).toMatchObject({ code: 0, stdout: 'ok: 2 documents in 1 file\n' });
    vi.unstubAllEnvs();
  });
});

describe('bulwark check --data', () => {
  const day = 24 * 60 * 60_000;
  const exception = (name: string, hosts = '') =>
    `---\napiVersion: bulwark/v1\nkind: Exception\nmetadata: { name: ${name} }\nspec: { rules: [team/memory], match: { subjects: ["user:a"]${hosts} }, reason: x, expires: 2999-01-01 }\n`;
  const old = ['needed', 'idle', 'here', 'elsewhere'];
  let ledger: ReturnType<typeof makeLedger>;
  let now: number;

  /** The ledger begins so many days ago, with the older exceptions in force from then on. */
  function begin(days: number): void {
    now = Date.now();
    ledger = makeLedger();
    ledger.add({ exceptions: ['idle'] }, now - days * day);
    const text = old.map((name) => exception(name)).join('');
    const time = new Date(now - days * day).toISOString();
    ledger.store.append(
      [{ kind: 'policies', digest: 'd', time, files: [{ file: 'x.yaml', text }] }],
      now - days * day,
    );
    ledger.add({ decision: 'allow', exceptions: ['needed'] }, now - 80 * day);
  }
  beforeAll(() => {
    const memory = `${head}spec: { controls: { memory: { required: true } } }\n---\n${access}`;
    const here = exception('here', ', hosts: ["lab*"]') + exception('elsewhere', ', hosts: ["other"]');
    const young = exception('young');
    writeFileSync(
      join(folder, 'excepts.yaml'),
      memory + exception('needed') + exception('idle') + here + young,
    );
    vi.stubEnv('BULWARK_HOST_NAME', 'lab1');
  });
  afterAll(() => vi.unstubAllEnvs());
  afterEach(() => ledger.remove());

  it('names exceptions that nobody needed for 90 days, and none that are younger or of other hosts', async () => {
    begin(100);
    const { code, stdout } = await check('excepts.yaml', '--data', ledger.folder, '--output', 'json');
    const said = JSON.parse(stdout).warnings.map(({ code, message }: Record<string, string>) => [
      code,
      message,
    ]);
    expect({ code, said }).toEqual({
      code: 0,
      said: ['idle', 'here'].map((name) => [
        'exception-unused',
        `no request has needed the exception "${name}" for 90 days`,
      ]),
    });
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
