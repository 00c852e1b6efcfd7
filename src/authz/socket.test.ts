import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen } from './socket.ts';

let folder: string;
let path: string;
let servers: Server[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  path = join(folder, 'bulwark.sock');
  servers = [];
});

afterEach(async () => {
  for (const server of servers) if (server.listening) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function newServer(): Server {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  return server;
}

function reachable(at: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('end', () => socket.destroy());
  });
}

/** A socket's file whose process is gone. */
function leaveStaleSocket(at: string): void {
  const script = `require('net').createServer().listen(${JSON.stringify(at)}, () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' });
  } catch {
    expect(lstatSync(at).isSocket()).toBe(true);
  }
}

const mode = (at: string) => (lstatSync(at).mode & 0o7777).toString(8);

describe('listen()', () => {
  it('creates the folder and a socket that its owner alone can use', async () => {
    const deep = join(folder, 'run', 'docker', 'plugins', 'bulwark.sock');
    const mask = process.umask(0);
    await listen(newServer(), deep);
    expect(process.umask(mask)).toBe(0);
    expect(await reachable(deep)).toBe(true);
    expect(mode(deep)).toBe('600');
    expect(mode(join(folder, 'run'))).toBe('700');
    expect(mode(join(folder, 'run', 'docker', 'plugins'))).toBe('700');
  });

  it('leaves the mode of a folder that is there', async () => {
    chmodSync(folder, 0o755);
    await listen(newServer(), path);
    expect(mode(folder)).toBe('755');
  });

  it('leaves nothing beside the socket', async () => {
    await listen(newServer(), path);
    expect(readdirSync(folder)).toEqual(['bulwark.sock']);
  });

  it('replaces a socket on which nobody listens', async () => {
    leaveStaleSocket(path);
    expect(await reachable(path)).toBe(false);
    await listen(newServer(), path);
    expect(await reachable(path)).toBe(true);
  });

  it('refuses to replace a socket on which somebody listens', async () => {
    await listen(newServer(), path);
    await expect(listen(newServer(), path)).rejects.toMatchObject({ code: 'socket-in-use' });
    expect(await reachable(path)).toBe(true);
    expect(readdirSync(folder)).toEqual(['bulwark.sock']);
  });

  it('lets one of two that start at once have the socket', async () => {
    leaveStaleSocket(path);
    const results = await Promise.allSettled([listen(newServer(), path), listen(newServer(), path)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await reachable(path)).toBe(true);
  });

  it.each<[string, (at: string) => void]>([
    ['a file', (at) => writeFileSync(at, 'kept')],
    ['a folder', (at) => mkdirSync(at)],
    ['a symbolic link', (at) => symlinkSync(join(folder, 'elsewhere'), at)],
  ])('refuses to replace %s', async (_, make) => {
    make(path);
    await expect(listen(newServer(), path)).rejects.toMatchObject({ code: 'socket-in-use' });
    expect(lstatSync(path).isSocket()).toBe(false);
  });

  it.each<[string, (inside: string) => string]>([
    ['a folder that cannot be made', (inside) => join(inside, 'file', 'bulwark.sock')],
    ['a path longer than the system takes', (inside) => join(inside, 'x'.repeat(120), 'bulwark.sock')],
  ])('says that it cannot listen: %s', async (_, at) => {
    writeFileSync(join(folder, 'file'), '');
    await expect(listen(newServer(), at(folder))).rejects.toMatchObject({ code: 'socket-unusable' });
  });
});

describe('remove()', () => {
  it('removes the own socket', async () => {
    const socket = await listen(newServer(), path);
    socket.remove();
    expect(readdirSync(folder)).toEqual([]);
    socket.remove();
  });

  it('leaves the socket of a successor, as does closing the server', async () => {
    const server = newServer();
    const socket = await listen(server, path);
    renameSync(path, `${path}.old`);
    await listen(newServer(), path);
    socket.remove();
    await new Promise((resolve) => server.close(resolve));
    expect(await reachable(path)).toBe(true);
  });
});
