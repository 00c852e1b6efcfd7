import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcher, run, type Started, start } from './process.ts';

let folder: string;
let socket: string;
let policies: string;
let running: Started[];

const privileged = {
  RequestMethod: 'POST',
  RequestUri: '/v1.41/containers/create',
  RequestHeaders: { 'Content-Type': 'application/json' },
  RequestBody: Buffer.from('{"Image":"alpine","HostConfig":{"Privileged":true}}').toString('base64'),
};
const ping = { RequestMethod: 'HEAD', RequestUri: '/_ping' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  socket = join(folder, 'run', 'bulwark.sock');
  policies = join(folder, 'policies');
  running = [];
  mkdirSync(policies);
  policy('{ profile: baseline }');
});

afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true });
});

/** Without one a warning is logged. */
const access =
  'apiVersion: bulwark/v1\nkind: Access\nmetadata: { name: all }\nspec: { subjects: ["*"], allow: [{ actions: ["*"] }] }\n';

function policy(spec: string): void {
  const head = 'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\n';
  writeFileSync(join(policies, 'house.yaml'), `${head}spec: ${spec}\n---\n${access}`);
}

const args = () => [
  'serve',
  ...['--policies', policies, '--authz-socket', socket, '--data', join(folder, 'data')],
  // Whatever runs on this machine is none of the test's business.
  ...['--docker-host', `unix://${folder}/docker.sock`],
];

async function serve(options?: Parameters<typeof start>[2]): Promise<Started> {
  const started = start(launcher, args(), options);
  running.push(started);
  await started.until(/^ready: .*\n/m);
  return started;
}

interface Answer {
  readonly Allow: boolean;
  readonly Msg?: string;
}

function ask(message: unknown, agent?: Agent, path = '/AuthZPlugin.AuthZReq'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(message);
    const target = {
      socketPath: socket,
      path,
      method: 'POST',
      ...(agent && { agent }),
    };
    request(target, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end(body);
  });
}

describe('bulwark serve', { timeout: 30_000 }, () => {
  it('says where it is told not to follow links', async () => {
    const { stdout, stderr } = await serve({ env: { BULWARK_HOST_ROOT: 'off' } });
    expect(stdout()).toMatch(/ admin=\S+ hostFiles=off\n/);
    await expect.poll(stderr).toContain('`--host-root off`: host paths are judged as they are written');
  });

  it('says in one line that it is ready, judges, and leaves no socket behind', async () => {
    const { child, stdout, stderr, ended } = await serve();
    expect(stdout()).toMatch(
      new RegExp(
        `^ready: authz=${socket} policies=2 documents \\([0-9a-f]{12}\\) facts=unix://${folder}/docker.sock admin=unix:${folder}/data/admin.sock\\n$`,
      ),
    );
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(await ask(ping)).toEqual({ Allow: true });
    const denial = await ask(privileged);
    expect(denial.Allow).toBe(false);
    expect(denial.Msg).toMatch(
      /^house\/privileged: .* Fix: .* \(.*house\.yaml:4\)\ndecision \w{26}, asked by system:anonymous \(no certificate, no token: .*$/,
    );
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(existsSync(socket)).toBe(false);
    const logged = stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(logged).toEqual(['started', 'denied', 'stopping', 'stopped']);
  });

  it('ends idle connections when it stops', async () => {
    const { child, ended } = await serve();
    const agent = new Agent({ keepAlive: true });
    await ask(ping, agent);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    agent.destroy();
  });

  it('takes the socket of a killed one, and leaves that of a live one', async () => {
    const first = await serve();
    first.child.kill('SIGKILL');
    await first.ended;
    expect(existsSync(socket)).toBe(true);
    await serve();
    const second = await run(launcher, args());
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^error: another process listens on `.*`\.\nStop the other Bulwark/);
    expect(await ask(ping)).toEqual({ Allow: true });
  });

  it('says what to do next after `npm start`', async () => {
    const { stdout } = await serve({ env: { npm_lifecycle_event: 'start' } });
    expect(stdout()).toMatch(
      /\nnext, .*:\n {2}1\. .*bulwark\.spec\n {2}2\. .*"authorization-plugins": \["bulwark"\]/,
    );
    expect(stdout()).toContain('--privileged');
  });
});

describe('SIGHUP', { timeout: 30_000 }, () => {
  it('puts edited policies into force', async () => {
    const { child, until } = await serve();
    policy('{ controls: { privileged: { allow: true } } }');
    child.kill('SIGHUP');
    await until(/reloaded/);
    expect(await ask(privileged)).toEqual({ Allow: true });
  });

  it('keeps the last good set when an edit is broken, and says so with its place', async () => {
    const { child, until, stderr } = await serve();
    policy('{ profil: baseline }');
    child.kill('SIGHUP');
    await until(/last good set stays/);
    expect(stderr()).toMatch(/house\.yaml:4:9: unknown key/);
    expect((await ask(privileged)).Allow).toBe(false);
    policy('{ controls: { privileged: { allow: true } } }');
    child.kill('SIGHUP');
    await until(/reloaded/);
    expect(await ask(privileged)).toEqual({ Allow: true });
  });
});

describe('a start that fails', { timeout: 30_000 }, () => {
  it('exits 78 on a broken policy, with its place', async () => {
    policy('{ profil: baseline }');
    const { code, stdout, stderr } = await run(launcher, args());
    expect(code).toBe(78);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/house\.yaml:4:9: error: unknown key "profil"\n.*\n.*did you mean "profile"\?/);
    expect(existsSync(socket)).toBe(false);
  });

  it('exits 78 without a policy', async () => {
    rmSync(join(policies, 'house.yaml'));
    expect((await run(launcher, args())).code).toBe(78);
  });

  it('exits 78 on a broken Config file and on a variable that cannot be read', async () => {
    const file = join(folder, 'config.yaml');
    writeFileSync(
      file,
      'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: x }\nspec: { identiti: {} }\n',
    );
    const options = { env: { BULWARK_DEADLINE: 'soon' } };
    const { code, stderr } = await run(launcher, [...args(), '--config', file], options);
    expect(code).toBe(78);
    expect(stderr).toMatch(/BULWARK_DEADLINE: error: .*\n.*config\.yaml:4:9: error: unknown key/);
  });
});

describe('the ledger of bulwark serve', () => {
  const data = () => join(folder, 'data');
  const records = () => {
    const db = new DatabaseSync(join(data(), 'ledger.db'), { readOnly: true });
    const rows = db.prepare('SELECT json FROM records ORDER BY seq').all();
    db.close();
    return rows.map(({ json }) => JSON.parse(String(json)));
  };

  it('is in a folder of its own and has start, decisions, responses and stop', async () => {
    const { child, ended } = await serve();
    expect(statSync(data()).mode & 0o777).toBe(0o700);
    const create = { ...privileged, RequestBody: Buffer.from('{"Image":"alpine"}').toString('base64') };
    const denial = await ask(privileged);
    expect(await ask(create)).toEqual({ Allow: true });
    const response = {
      ResponseStatusCode: 201,
      ResponseBody: Buffer.from('{"Id":"abc"}').toString('base64'),
    };
    expect(await ask({ ...create, ...response }, undefined, '/AuthZPlugin.AuthZRes')).toEqual({
      Allow: true,
    });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    const all = records();
    expect(all).toMatchObject([
      { type: 'system', event: 'start', policySet: expect.stringMatching(/^[0-9a-f]{64}$/) },
      {
        type: 'decision',
        decision: 'deny',
        action: 'container.create',
        violations: [{ rule: 'house/privileged' }],
      },
      { type: 'decision', decision: 'allow', action: 'container.create' },
      { type: 'settled', of: all[2].id, outcome: 'done', newId: 'abc' },
      { type: 'system', event: 'stop' },
    ]);
    expect(denial.Msg).toContain(`decision ${all[1].id},`);
  });

  it('has what only watches: a control that audits, and the set that is tried beside', async () => {
    policy('{ controls: { privileged: { mode: audit } } }');
    const shadow = join(folder, 'shadow');
    mkdirSync(shadow);
    writeFileSync(
      join(shadow, 'tried.yaml'),
      'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: tried }\nspec: { controls: { memory: { required: true } } }\n',
    );
    const { stdout, stderr } = await serve({ env: { BULWARK_SHADOW: shadow } });
    expect(stdout()).toMatch(/ shadow=1 documents \([0-9a-f]{12}\)/);
    expect(await ask(privileged)).toEqual({ Allow: true });
    const record = records().at(-1);
    expect(record).toMatchObject({
      decision: 'allow',
      shadowSet: expect.stringMatching(/^[0-9a-f]{64}$/),
      violations: [
        { rule: 'house/privileged', mode: 'audit' },
        { rule: 'tried/memory.required', mode: 'shadow', source: { line: 4 } },
      ],
    });
    expect(record.shadowSet).not.toBe(record.policySet);
    await expect
      .poll(stderr)
      .toContain('"watched":["audit:house/privileged","shadow:tried/memory.required"]');
    const found = async (...more: string[]) => {
      const { stdout: listed } = await run(launcher, [
        'denials',
        ...['--data', data(), '--output', 'json'],
        ...more,
      ]);
      return JSON.parse(listed).items.map(({ id }: { id: string }) => id);
    };
    expect(await found()).toEqual([]);
    expect(await found('--rule', 'tried/memory')).toEqual([]);
    expect(await found('--mode', 'shadow')).toEqual([record.id]);
    expect(await found('--mode', 'shadow', '--rule', 'tried/memory')).toEqual([record.id]);
    expect(await found('--mode', 'audit', '--rule', 'house/*')).toEqual([record.id]);
    expect(await found('--mode', 'warn')).toEqual([]);
  });

  it('has the message that could not be read', async () => {
    await serve();
    const { Msg } = await ask('no message');
    expect(records().at(-1)).toMatchObject({
      decision: 'deny',
      violations: [{ rule: 'message-unreadable' }],
    });
    expect(Msg).toContain(`decision ${records().at(-1).id},`);
  });

  it.each<[string, string, RegExp]>([
    [
      'newer',
      'CREATE TABLE a (b); PRAGMA application_id = 1112886359; PRAGMA user_version = 99',
      /its format is 99/,
    ],
    ['not ours', 'CREATE TABLE a (b)', /another program made this file/],
  ])('that is %s keeps serve from starting', async (_, sql, message) => {
    mkdirSync(data());
    const db = new DatabaseSync(join(data(), 'ledger.db'));
    db.exec(sql);
    db.close();
    const { code, stderr } = await run(launcher, args());
    expect(code).toBe(78);
    expect(stderr).toMatch(message);
    // The log, which is written beside, may come behind it.
    expect(stderr).toMatch(/^error: the ledger cannot be used; mend it and start again\.$/m);
    expect(existsSync(socket)).toBe(false);
  });

  it('whose folder cannot be made keeps serve from starting', async () => {
    writeFileSync(data(), '');
    const { code, stderr } = await run(launcher, args());
    expect(code).toBe(78);
    expect(stderr).toContain(data());
  });
});

// Misuse: the exit code is 2, and standard error says what to do instead.
describe('a command line that is wrong', { timeout: 30_000 }, () => {
  it.each<[string[], RegExp]>([
    [[], /^Usage: bulwark/],
    [['srve'], /^error: unknown command 'srve'\n\(Did you mean serve\?\)\nRun `bulwark --help`/],
    [['serve', '--deadlin', '5s'], /^error: unknown option '--deadlin'/],
    [['serve', '--deadline', '5'], /^error: .*'5' is invalid\. a duration is/],
    [['serve', '--admin', '0.0.0.0:1'], /^error: .*write `127\.0\.0\.1:PORT`/],
    [['token', 'isue'], /^error: unknown command 'isue'/],
    [['serve', '--policies'], /^error: .*argument missing/],
    [['serve', 'extra'], /^error: too many arguments/],
  ])('%j exits 2', async (given, message) => {
    const { code, stdout, stderr } = await run(launcher, given);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each([['--version'], ['--help'], ['serve', '--help']])('%s %s exits 0', async (...given) => {
    const { code, stdout, stderr } = await run(launcher, given);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^(\d+\.\d+\.\d+\n$|Usage: bulwark)/);
  });
});
