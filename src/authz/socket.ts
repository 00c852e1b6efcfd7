import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, rmSync, unlinkSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { reach } from './reach.ts';

/** A socket that this process listens on. */
export interface OwnSocket {
  /** Removes the socket's file if it is this process's, and still: dockerd slows down on dead ones (authz.md). */
  remove(): void;
}

/** Of a socket's path, in bytes: `sun_path` of unix(7) without its closing zero. */
const longestPath = 107;

/** What tells a file from another that took its place: file systems use inode numbers again. */
type Identity = string;

/**
 * Makes `server` listen on the unix socket `path`, which its owner alone can connect to (0600), and creates its
 * folder where it is missing: with 0700, as dockerd does with /run/docker, which `serve` may have to create
 * before it (20.10 to 29).
 *
 * The socket is bound beside its place and then linked into it, for three reasons: it appears with its mode and
 * listening; linking fails where another process was quicker; and Node's own clean-up on closing, which
 * unlinks the bound path whoever it belongs to, finds nothing.
 *
 * Replaces a socket on which nobody listens. Throws a `Refusal` `socket-in-use` where somebody does, or where
 * there is a file of another kind, and `socket-unusable` where the system does not let it.
 */
export async function listen(server: Server, path: string): Promise<OwnSocket> {
  if (Buffer.byteLength(path) > longestPath) throw unusable(path, `its path is over ${longestPath} bytes`);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await clear(path);
    const own = await bind(server, path);
    return {
      remove: () => {
        if (identity(path) === own) unlinkSync(path);
      },
    };
  } catch (error) {
    if (error instanceof Refusal || !isSystemError(error)) throw error;
    throw unusable(path, error.code ?? error.message);
  }
}

/**
 * Connections that may wait to be accepted. One more and dockerd's connect fails (EAGAIN), and is tried again a second
 * later; the kernel takes less where `net.core.somaxconn` does.
 */
const backlog = 4096;

/** How long the first answer on a socket that was handed over may take, in milliseconds. */
const patience = 5000;

/**
 * Makes `server` listen on the descriptor `fd` of a socket that was handed over. The socket's file belongs to who made
 * it and stays, and so does the queue of connections that nobody has accepted: a successor finds them there.
 *
 * Throws a `Refusal` `socket-unusable` where who connects to `path` does not arrive there.
 */
export async function adopt(server: HttpServer, fd: number, path: string): Promise<OwnSocket> {
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ fd, backlog }, resolve);
  try {
    await listening;
    // A pipe of Node's does not tell its path.
    await reach(server, path, patience);
  } catch (error) {
    server.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(
      'socket-unusable',
      `the socket that was handed over is not ${quote(path)}: ${printable(reason)}.`,
      'Write the same path as `ListenStream=` of the socket unit and as `--authz-socket`.',
    );
  } finally {
    server.off('error', reject);
  }
  return { remove: () => {} };
}

/** Removes a stale socket from `path`. */
async function clear(path: string): Promise<void> {
  const found = identity(path);
  if (found === undefined) return;
  if (!lstatSync(path).isSocket()) {
    throw inUse(
      `${quote(path)} is a file of another kind.`,
      'Move it away, or choose another `--authz-socket`.',
    );
  }
  if (await isLive(path)) throw inUse(`another process listens on ${quote(path)}.`);
  if (identity(path) === found) unlinkSync(path);
}

/** Only a refused connection tells that nobody listens; a full queue or a forbidden one does not. */
function isLive(path: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.on('connect', () => {
    socket.destroy();
    resolve(true);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
    else if (error.code === 'EAGAIN') resolve(true);
    else reject(error);
  });
  return promise;
}

async function bind(server: Server, path: string): Promise<Identity | undefined> {
  const nearby = join(dirname(path), `.${randomBytes(4).toString('hex')}`);
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  // Binding happens inside this call, so nothing else is created under this mask.
  const mask = process.umask(0o177);
  try {
    server.listen(nearby, resolve);
  } finally {
    process.umask(mask);
  }
  await listening;
  server.off('error', reject);
  try {
    linkSync(nearby, path);
  } catch (error) {
    server.close();
    throw isSystemError(error) && error.code === 'EEXIST'
      ? inUse(`another process took ${quote(path)}.`)
      : error;
  } finally {
    rmSync(nearby, { force: true });
  }
  return identity(path);
}

/** Undefined where there is nothing. A symbolic link is itself, not what it leads to. */
function identity(path: string): Identity | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && [stat.dev, stat.ino, stat.birthtimeNs].join(':');
}

function inUse(detail: string, fix?: string): Refusal {
  return new Refusal('socket-in-use', detail, fix);
}

function unusable(path: string, reason: string): Refusal {
  return new Refusal('socket-unusable', `cannot listen on ${quote(path)}: ${reason}.`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
