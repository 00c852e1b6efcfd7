import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordSchema } from '../src/ledger/record.ts';
import { launcher, run, type Started, start } from './process.ts';

let folder: string;
let running: Started[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-admin-'));
  running = [];
  mkdirSync(join(folder, 'policies'));
  policy('{ profile: baseline }');
});

afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true });
});

const data = () => join(folder, 'data');
const adminSocket = () => join(data(), 'admin.sock');
const authzSocket = () => join(folder, 'a.sock');

function policy(spec: string): void {
  const head = 'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\n';
  writeFileSync(join(folder, 'policies', 'house.yaml'), `${head}spec: ${spec}\n`);
}

const args = (...more: readonly string[]) => [
  'serve',
  ...['--policies', join(folder, 'policies'), '--authz-socket', authzSocket(), '--data', data()],
  // Whatever runs on this machine is none of the test's business.
  ...['--docker-host', `unix://${folder}/docker.sock`],
  ...more,
];

async function serve(...more: readonly string[]): Promise<Started> {
  const started = start(launcher, args(...more));
  running.push(started);
  await started.until(/^ready: .*\n/m);
  return started;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Target {
  readonly socketPath?: string;
  readonly port?: number;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function ask(path: string, { body, ...target }: Target = { socketPath: adminSocket() }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', path, ...target }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more) => (text += more));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end(body);
  });
}

const privileged = JSON.stringify({
  RequestMethod: 'POST',
  RequestUri: '/v1.41/containers/create',
  RequestHeaders: { 'Content-Type': 'application/json' },
  RequestBody: Buffer.from('{"Image":"alpine","HostConfig":{"Privileged":true}}').toString('base64'),
});

/** Asks the plugin. */
async function authorize(): Promise<{ readonly Allow: boolean; readonly Msg?: string }> {
  const target = { socketPath: authzSocket(), method: 'POST', body: privileged };
  return JSON.parse((await ask('/AuthZPlugin.AuthZReq', target)).text);
}

/** Processes whose parent is this one, by the name that they give themselves. */
function childrenOf(pid: number | undefined, title: string): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((child) => child !== '')
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith(title))
    .map(Number);
}

describe('the admin API of bulwark serve', { timeout: 60_000 }, () => {
  it('is on a socket in the data folder, for its owner alone, and knows what the plugin answered', async () => {
    const { child, ended } = await serve();
    expect(statSync(adminSocket()).mode & 0o777).toBe(0o600);
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
    expect((await ask('/readyz')).status).toBe(200);
    const { Msg } = await authorize();
    const { items } = JSON.parse((await ask('/v1/decisions?decision=deny')).text);
    expect(items).toMatchObject([{ violations: [{ rule: 'house/privileged' }] }]);
    expect(Msg).toContain(`decision ${items[0].id},`);
    expect(JSON.parse((await ask(`/v1/decisions/${items[0].id}`)).text)).toMatchObject({
      command: ['docker', 'create', '--privileged', 'alpine'],
    });
    const { text } = await ask('/metrics');
    expect(text).toContain('bulwark_decisions_total{action="container.create",decision="deny"} 1');
    for (const step of ['read', 'judge', 'commit', 'total'])
      expect(text).toContain(`bulwark_step_seconds_count{step="${step}"} 1`);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(existsSync(adminSocket())).toBe(false);
  });

  it('has no process for queries until one is asked, and leaves none behind', async () => {
    const { child, ended } = await serve();
    expect(childrenOf(child.pid, 'bulwark-reader')).toEqual([]);
    await ask('/v1/decisions');
    const [reader] = childrenOf(child.pid, 'bulwark-reader');
    expect(reader).toBeDefined();
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => existsSync(`/proc/${reader}`)).toBe(false);
  });

  it('shows a broken reload, and is ready again after the next', async () => {
    const { child, until } = await serve();
    policy('{ profil: baseline }');
    child.kill('SIGHUP');
    await until(/last good set stays/);
    const { status, text } = await ask('/readyz');
    expect({ status, problems: JSON.parse(text).problems }).toMatchObject({
      status: 503,
      problems: [{ code: 'policies-broken' }],
    });
    policy('{ profile: baseline }');
    child.kill('SIGHUP');
    await until(/those in force/);
    expect((await ask('/readyz')).status).toBe(200);
  });

  // A stopped process stands for a scan of millions of records, and for a disk that hangs.
  it('answers the plugin as ever while a query hangs; that is a 503, and the next one works', async () => {
    const { child } = await serve();
    await ask('/v1/decisions');
    const [reader = 0] = childrenOf(child.pid, 'bulwark-reader');
    process.kill(reader, 'SIGSTOP');
    let hangs = true;
    const slow = ask('/v1/decisions').finally(() => {
      hangs = false;
    });
    expect((await ask('/healthz')).status).toBe(200);
    for (let count = 0; count < 20; count += 1) expect((await authorize()).Msg).toMatch(/^house\/privileged/);
    expect(hangs).toBe(true);
    const { status, text } = await slow;
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: 503, code: 'api-slow' });
    const next = await ask('/v1/decisions?limit=1');
    expect(next.status).toBe(200);
    await expect.poll(() => existsSync(`/proc/${reader}`)).toBe(false);
  });

  it('ends streams when it stops', async () => {
    const { child, ended } = await serve();
    let text = '';
    const closed = new Promise<void>((resolve, reject) => {
      request({ socketPath: adminSocket(), path: '/v1/decisions/stream' }, (response) => {
        response.on('data', (more) => (text += more)).on('end', resolve);
      })
        .on('error', reject)
        .end();
    });
    await expect.poll(() => text).toContain(': alive');
    await authorize();
    await expect.poll(() => text).toContain('event: decision');
    child.kill('SIGTERM');
    await closed;
    expect(await ended).toBe(0);
  });
});

describe('the heartbeat of bulwark serve', { timeout: 60_000 }, () => {
  const readiness = async () => {
    const { status, text } = await ask('/readyz');
    return { status, body: JSON.parse(text) };
  };
  const metric = async () => (await ask('/metrics')).text.match(/^bulwark_daemon_asks .*$/gm);

  function lastRecord() {
    const db = new DatabaseSync(join(data(), 'ledger.db'), { readOnly: true });
    const row = db.prepare('SELECT json FROM records ORDER BY seq DESC LIMIT 1').get();
    db.close();
    return recordSchema.parse(JSON.parse(String(row?.['json'])));
  }

  it('waits where there is no daemon, and does not hold up anything', async () => {
    const { child, ended, stderr } = await serve();
    await expect.poll(readiness).toMatchObject({
      status: 200,
      body: { daemon: 'waiting', warnings: [{ code: 'facts-starting' }] },
    });
    expect(await metric()).toBe(null);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    const logged = stderr().replace(/^.*"a policy has a weak place".*\n/gm, '');
    expect(logged).not.toMatch(/"level":"(?:warn|error)"/);
  });

  it('says in capitals that a daemon answers without asking', async () => {
    const daemon = createServer((_, response) => response.end('OK')).listen(join(folder, 'docker.sock'));
    try {
      const { until, stderr } = await serve();
      await until(/THE DAEMON DOES NOT ASK BULWARK/);
      expect(stderr()).toMatch(/"level":"error".*"code":"daemon-silent".*authorization-plugins/);
      expect(await readiness()).toMatchObject({
        status: 503,
        body: { problems: [{ code: 'daemon-silent' }] },
      });
      expect(await metric()).toEqual(['bulwark_daemon_asks 0']);
      await expect.poll(lastRecord).toMatchObject({ event: 'heartbeat-lost', reason: 'daemon-silent' });
      const { code, stdout } = await run(launcher, ['status', '--data', data()]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^asked +NO: /m);
    } finally {
      daemon.close();
    }
  });

  it('is off with --docker-host off, and every place says so', async () => {
    const { stderr } = await serve('--docker-host', 'off');
    expect(await readiness()).toMatchObject({
      status: 200,
      body: { facts: 'off', daemon: 'off', warnings: [{ code: 'facts-off' }] },
    });
    expect(await metric()).toBe(null);
    const { code, stdout } = await run(launcher, ['status', '--data', data()]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^asked +not known: nobody looks with `--docker-host off`$/m);
    expect(stderr()).toContain('nobody notices when the daemon stops asking');
  });
});

describe('the admin API over TCP', { timeout: 60_000 }, () => {
  const portOf = ({ stdout }: Started, name: string) =>
    Number(new RegExp(`${name}=127\\.0\\.0\\.1:(\\d+)`).exec(stdout())?.[1]);

  it('wants a token, which one command makes while it runs', async () => {
    const started = await serve('--admin', '127.0.0.1:0');
    const port = portOf(started, 'admin');
    expect(await ask('/healthz', { port })).toMatchObject({
      status: 401,
      text: expect.stringContaining('bulwark token issue --admin'),
    });
    expect(existsSync(adminSocket())).toBe(false);
    const { stdout } = await run(launcher, ['token', 'issue', '--admin', '--data', data()]);
    const token = stdout.trim();
    const headers = { Authorization: `Bearer ${token}` };
    expect((await ask('/healthz', { port, headers })).status).toBe(200);
    expect((await ask('/healthz', { port, headers: { ...headers, Host: 'evil.example' } })).status).toBe(421);
    rmSync(join(data(), 'keys', 'admin.pub.pem'));
    expect((await ask('/healthz', { port, headers })).status).toBe(401);
    expect(started.stderr()).not.toContain(token);
  });

  it('has the metrics, and nothing else, on their own address', async () => {
    const started = await serve('--metrics', '127.0.0.1:0', '--admin', 'off');
    expect(started.stdout()).toMatch(/ admin=off metrics=127\.0\.0\.1:\d+\n/);
    const port = portOf(started, 'metrics');
    expect(await ask('/metrics', { port })).toMatchObject({
      status: 200,
      text: expect.stringContaining('bulwark_ledger_writable 1'),
    });
    expect((await ask('/v1/policies', { port })).status).toBe(404);
    expect((await ask('/metrics', { port, headers: { Host: 'evil.example' } })).status).toBe(421);
  });
});

describe('an admin address that cannot be had', { timeout: 60_000 }, () => {
  it('keeps serve from starting, and leaves no socket behind', async () => {
    mkdirSync(data(), { mode: 0o700 });
    writeFileSync(adminSocket(), 'a file');
    const { code, stdout, stderr } = await run(launcher, args());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: `.*admin\.sock` is a file of another kind\.\n.*--admin unix:PATH/m);
    expect(existsSync(authzSocket())).toBe(false);
    expect(readFileSync(adminSocket(), 'utf8')).toBe('a file');
  });

  it('is also one that another Bulwark has', async () => {
    const first = await serve('--metrics', '127.0.0.1:0');
    const port = /metrics=127\.0\.0\.1:(\d+)/.exec(first.stdout())?.[1];
    const others = ['--authz-socket', join(folder, 'b.sock'), '--data', join(folder, 'other')];
    const { code, stderr } = await run(launcher, [...args(), ...others, '--metrics', `127.0.0.1:${port}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: cannot listen on 127\.0\.0\.1, port \d+: EADDRINUSE\.\n.*--metrics/);
  });

  it('is 78 in a Config file where others could reach it', async () => {
    const file = join(folder, 'config.yaml');
    const head = 'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: x }\n';
    writeFileSync(file, `${head}spec: { admin: "0.0.0.0:7000" }\n`);
    const { code, stderr } = await run(launcher, [...args(), '--config', file]);
    expect(code).toBe(78);
    expect(stderr).toMatch(/config\.yaml:4:16: error: write `127\.0\.0\.1:PORT`/);
  });
});

describe('a stale admin socket', { timeout: 60_000 }, () => {
  it('is replaced', async () => {
    const first = await serve();
    first.child.kill('SIGKILL');
    await first.ended;
    expect(existsSync(adminSocket())).toBe(true);
    chmodSync(adminSocket(), 0o666);
    await serve();
    expect(statSync(adminSocket()).mode & 0o777).toBe(0o600);
    expect((await ask('/healthz')).status).toBe(200);
  });
});
