import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Admin, house, makeAdmin } from '../../test/adminOf.ts';
import { answer, makeLedger } from '../../test/ledgerOf.ts';
import { Refusal } from '../model/error.ts';

// 10:30 in Berlin.
vi.mock('./times.ts', async (original) => ({
  ...(await original()),
  localClock: () => ({ now: Date.parse('2026-11-24T09:30:00Z'), zone: 'Europe/Berlin' }),
}));

const since = new Date('2026-11-24T09:00:00Z');

let admin: Admin;
let folder: string;
let server: Server;

beforeAll(async () => {
  admin = await makeAdmin();
  folder = mkdtempSync(join(tmpdir(), 'bulwark-status-'));
  const app = admin.app();
  await listen((request, response) => void app(request, response));
});

afterEach(() => {
  admin.beat.value = { state: 'asks', since };
});

afterAll(async () => {
  server.close();
  admin.remove();
  rmSync(folder, { recursive: true });
});

async function listen(handle: Parameters<typeof createServer>[1]): Promise<void> {
  server = createServer(handle).listen(join(folder, 'admin.sock'));
  await once(server, 'listening');
}

const ask = (...args: readonly string[]) => answer('status', '--data', folder, ...args);

describe('bulwark status', () => {
  it('exits 0 with one screen while all is well', async () => {
    admin.beat.value = { state: 'asks', since };
    const { code, stdout, stderr } = await ask();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+01:00(?=[,\n])/g, 'TIME').split('\n')).toEqual([
      'running   since TIME, version 1.2.3',
      'asked     yes, since TIME',
      'daemon    unix:///run/docker.sock',
      'facts     on: what starts is judged as the daemon has it',
      `policies  1 document (${admin.policies.current.set.digest.slice(0, 12)}) since TIME`,
      'ledger    writable; 0 waiting, lag 0 ms',
      'requests  0 allowed, 0 denied since the start',
      'today     not known: the ledger cannot be read here',
      '',
    ]);
    expect(stdout).toContain('asked     yes, since 2026-11-24 10:00:00 +01:00\n');
  });

  it('exits 1 with the problem and its remedy while the daemon does not ask', async () => {
    const why = new Refusal(
      'daemon-silent',
      'the daemon at `/run/docker.sock` answers without asking.',
      'Mend it.',
    );
    admin.beat.value = { state: 'silent', since, why };
    const { code, stdout } = await ask();
    expect(code).toBe(1);
    expect(stdout).toContain(
      'asked     NO: the daemon answers without asking, since 2026-11-24 10:00:00 +01:00\n',
    );
    expect(stdout).toMatch(
      /\n\nproblems\n {2}daemon-silent: the daemon at `\/run\/docker\.sock` answers without asking\.\n {4}fix: Mend it\.\n$/,
    );
  });

  it('exits 1 while the policies on the disk are broken, and says since when and where', async () => {
    admin.policy('apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec: { profil: a }\n');
    await admin.policies.reload();
    const { code, stdout } = await ask();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^policies {2}1 document \(\w{12}\) since .*; WHAT IS ON THE DISK SINCE .* IS BROKEN and not in force$/m,
    );
    expect(stdout).toMatch(/^ {2}policies-broken: .*house\.yaml:4:9: unknown key "profil"\.$/m);
    admin.policy(house);
    await admin.policies.reload();
    expect((await ask()).code).toBe(0);
  });

  it.each([
    ['unreachable', 1],
    ['waiting', 0],
  ] as const)('exits while the daemon is %s with %i', async (state, expected) => {
    admin.beat.value = { state, since, why: new Refusal('facts-unreachable', 'gone.') };
    const { code, stdout } = await ask();
    expect(code).toBe(expected);
    expect(stdout).toMatch(/^asked +not known/m);
    expect(stdout).toContain('facts-unreachable: gone.');
  });

  it('answers with --output json as the API does', async () => {
    const { code, stdout } = await ask('--output', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: '1.2.3', daemon: { state: 'asks' }, problems: [] });
  });

  it('prints nothing that a terminal would obey', async () => {
    const why = new Refusal('facts-refused', 'it says \u001b]0;x\u0007\u202e\nall is well');
    admin.beat.value = { state: 'unreachable', since, why };
    for (const output of ['table', 'json']) {
      const { stdout } = await ask('--output', output);
      expect(stdout).not.toMatch(/[\u001b\u0007\u202e]|^all is well/m);
    }
  });
});

describe('bulwark status and the ledger', () => {
  // The clock stands at 10:30 in Berlin, where the day began at 23:00 of the day before in UTC.
  const beginning = Date.parse('2026-11-23T23:00:00Z');
  let ledger: ReturnType<typeof makeLedger>;

  beforeAll(() => {
    ledger = makeLedger();
    ledger.add({}, beginning - 1);
    ledger.add({}, beginning);
    ledger.add({ decision: 'allow' }, beginning + 1);
    ledger.add({ count: 40 }, beginning + 2);
    symlinkSync(ledger.path, join(folder, 'ledger.db'));
  });
  afterAll(() => {
    rmSync(join(folder, 'ledger.db'));
    ledger.remove();
  });

  it('counts what was denied since the day began, as `denials --since today` does', async () => {
    expect((await ask()).stdout).toMatch(/^today {5}41 denied$/m);
    expect(JSON.parse((await ask('--output', 'json')).stdout)).toMatchObject({ deniedToday: 41 });
    const groups = await answer(
      'denials',
      '--data',
      ledger.folder,
      '--since',
      'today',
      '--group-by',
      'action',
    );
    expect(groups.stdout).toMatch(/container\.create\s+41/);
  });
});

describe('bulwark status where nobody answers', () => {
  it('exits 1 and says how to go on', async () => {
    const { code, stdout, stderr } = await answer('status', '--data', join(folder, 'nowhere'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: no server answers at `.*nowhere\/admin\.sock` \(ENOENT\)\.\nStart `bulwark serve`/,
    );
  });

  // Which daemon there is depends on the host that runs this; test/daemon/doctor.test.ts has one that asks.
  it('says what the host knows, in one line', async () => {
    const { stderr } = await answer('status', '--data', join(folder, 'nowhere'));
    expect(stderr).toMatch(/\nThe host: .*dockerd .*; .*Bulwark.* `bulwark doctor` tells more\.\n$/);
  });

  it.each([
    ['no JSON', 200, 'hello', /its answer \(200\) is of another kind/],
    ['another form', 200, '{"status":"fine"}', /its answer \(200\) is of another kind/],
    ['a problem', 404, problem(), /there is no such path/],
  ])('exits 1 where the answer is %s', async (_, status, text, message) => {
    server.close();
    await listen((_, response) => void response.writeHead(status).end(text));
    const { code, stderr } = await ask();
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('of the version that runs');
  });

  it.each(['off', '127.0.0.1:7780'])('exits 2 with an --admin of %s', async (address) => {
    const file = join(folder, 'config.yaml');
    const head = 'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: x }\n';
    writeFileSync(file, `${head}spec: { admin: "${address}" }\n`);
    const { code, stderr } = await answer('status', '--config', file);
    expect(code).toBe(2);
    expect(stderr).toContain(`its \`--admin\` is ${address}.`);
  });

  it('exits 2 for a command line that is wrong', async () => {
    expect((await ask('--output', 'xml')).code).toBe(2);
  });
});

function problem(): string {
  return JSON.stringify({
    type: '',
    title: '',
    status: 404,
    detail: 'there is no such path.',
    code: 'api-route',
    fix: '',
  });
}
