import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Handover, holdSocket } from './daemon/handover.ts';
import { launcher, type Started, start } from './process.ts';

let folder: string;
let socket: string;
let held: Handover | undefined;
let started: Started | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  socket = join(folder, 'bulwark.sock');
  mkdirSync(join(folder, 'policies'));
  writeFileSync(
    join(folder, 'policies', 'house.yaml'),
    'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec: { profile: baseline }\n',
  );
  held = undefined;
  started = undefined;
});

afterEach(async () => {
  await held?.stop();
  started?.child.kill('SIGKILL');
  await started?.ended;
  rmSync(folder, { recursive: true });
});

const args = (authzSocket = socket) => [
  ...['--policies', join(folder, 'policies'), '--authz-socket', authzSocket, '--data', join(folder, 'data')],
  ...['--docker-host', `unix://${folder}/docker.sock`],
];

async function hold(): Promise<Handover> {
  held = await holdSocket(socket, { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' });
  return held;
}

function ping(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request({ socketPath: socket, path: '/AuthZPlugin.AuthZReq', method: 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end(JSON.stringify({ RequestMethod: 'HEAD', RequestUri: '/_ping' }));
  });
}

/** Processes whose parent is `pid`, and theirs. */
function offspring(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...offspring(child)]);
}

describe('a socket that is handed over', { timeout: 60_000 }, () => {
  it('outlives the Bulwark that it was handed to, and keeps requests for the next one', async () => {
    const holder = await hold();
    holder.start(launcher, args());
    await holder.ready();
    expect(await ping()).toEqual({ Allow: true });
    await holder.kill('SIGTERM');
    expect(await holder.ended()).toBe(0);
    const waiting = ping();
    holder.start(launcher, args());
    expect(await waiting).toEqual({ Allow: true });
    await holder.kill('SIGKILL');
    expect(await holder.ended()).toBe(137);
    expect(existsSync(socket)).toBe(true);
  });

  it('is known to no child of Bulwark', async () => {
    const holder = await hold();
    holder.start(launcher, args());
    await holder.ready();
    const pid = await holder.pid();
    const at = (of: number) =>
      readdirSync(`/proc/${of}/fd`).map((fd) => readlinkSync(`/proc/${of}/fd/${fd}`));
    const listening = readlinkSync(`/proc/${pid}/fd/3`);
    expect(listening).toMatch(/^socket:/);
    const children = offspring(pid);
    expect(children).not.toEqual([]);
    for (const child of children) {
      expect(at(child)).not.toContain(listening);
      expect(readFileSync(`/proc/${child}/environ`, 'utf8')).not.toContain('LISTEN_');
    }
  });

  it('is refused where it is not the one that dockerd is to reach', async () => {
    const holder = await hold();
    holder.start(launcher, args(join(folder, 'other.sock')));
    expect(await holder.ended()).toBe(1);
    expect(holder.logs()).toMatch(
      /error: the socket that was handed over is not `.*other\.sock`: connect ENOENT .*\nWrite the same path/,
    );
  });

  it('is refused where another process listens at the place', async () => {
    const holder = await hold();
    const elsewhere = join(folder, 'elsewhere.sock');
    started = start(launcher, ['serve', ...args(elsewhere), '--data', join(folder, 'data2')]);
    await started.until(/^ready: /m);
    holder.start(launcher, args(elsewhere));
    expect(await holder.ended()).toBe(1);
    expect(holder.logs()).toContain('another process answers there');
  });

  it('is refused as one of two', async () => {
    const listen = [socket, join(folder, 'second.sock')].map((path) => `--listen=${path}`);
    started = start('systemd-socket-activate', [...listen, launcher, 'serve', ...args()]);
    await started.until(/Listening on .*second/);
    const first = connect(socket);
    first.on('error', () => {});
    expect(await started.ended).toBe(1);
    expect(started.stderr()).toContain('error: not one socket was handed over');
    first.destroy();
  });
});

describe('a systemd that does not take note', { timeout: 60_000 }, () => {
  it('does not hold up the end of Bulwark', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const script = `#!/bin/sh\necho "$$ $*" >> ${folder}/told\n[ "$1" != STOPPING=1 ] || exec sleep 60\n`;
    writeFileSync(join(bin, 'systemd-notify'), script, { mode: 0o755 });
    writeFileSync(join(folder, 'told'), '');
    const told = () => readFileSync(join(folder, 'told'), 'utf8');
    const env = { PATH: `${bin}:${process.env['PATH']}`, NOTIFY_SOCKET: join(folder, 'notify') };
    started = start(launcher, ['serve', ...args()], { env });
    await started.until(/^ready: /m);
    await expect.poll(told).toMatch(/^\d+ READY=1 STATUS=ready: authz=/);
    const exited = new Promise((resolve) => started?.child.once('exit', resolve));
    started.child.kill('SIGTERM');
    expect(await exited).toBe(0);
    await expect.poll(told).toMatch(/^\d+ STOPPING=1$/m);
    const [, waits] = /^(\d+) STOPPING=1$/m.exec(told()) ?? [];
    // It throws where nobody waits any more.
    process.kill(Number(waits), 'SIGKILL');
  });
});
