import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, rmSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { Refusal } from '../model/error.js';
import { quote } from '../model/printable.js';
/** Of a socket's path, in bytes: `sun_path` of unix(7) without its closing zero. */
const longestPath = 107;
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
export async function listen(server, path) {
    if (Buffer.byteLength(path) > longestPath)
        throw unusable(path, `its path is over ${longestPath} bytes`);
    try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        await clear(path);
        const own = await bind(server, path);
        return {
            remove: () => {
                if (identity(path) === own)
                    unlinkSync(path);
            },
        };
    }
    catch (error) {
        if (error instanceof Refusal || !isSystemError(error))
            throw error;
        throw unusable(path, error.code ?? error.message);
    }
}
/** Removes a stale socket from `path`. */
async function clear(path) {
    const found = identity(path);
    if (found === undefined)
        return;
    if (!lstatSync(path).isSocket()) {
        throw inUse(`${quote(path)} is a file of another kind.`, 'Move it away, or choose another `--authz-socket`.');
    }
    if (await isLive(path))
        throw inUse(`another process listens on ${quote(path)}.`);
    if (identity(path) === found)
        unlinkSync(path);
}
/** Only a refused connection tells that nobody listens; a full queue or a forbidden one does not. */
function isLive(path) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const socket = connect(path);
    socket.on('connect', () => {
        socket.destroy();
        resolve(true);
    });
    socket.on('error', (error) => {
        if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT')
            resolve(false);
        else if (error.code === 'EAGAIN')
            resolve(true);
        else
            reject(error);
    });
    return promise;
}
async function bind(server, path) {
    const nearby = join(dirname(path), `.${randomBytes(4).toString('hex')}`);
    const { promise: listening, resolve, reject } = Promise.withResolvers();
    server.once('error', reject);
    // Binding happens inside this call, so nothing else is created under this mask.
    const mask = process.umask(0o177);
    try {
        server.listen(nearby, resolve);
    }
    finally {
        process.umask(mask);
    }
    await listening;
    server.off('error', reject);
    try {
        linkSync(nearby, path);
    }
    catch (error) {
        server.close();
        throw isSystemError(error) && error.code === 'EEXIST'
            ? inUse(`another process took ${quote(path)}.`)
            : error;
    }
    finally {
        rmSync(nearby, { force: true });
    }
    return identity(path);
}
/** Undefined where there is nothing. A symbolic link is itself, not what it leads to. */
function identity(path) {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat && [stat.dev, stat.ino, stat.birthtimeNs].join(':');
}
function inUse(detail, fix) {
    return new Refusal('socket-in-use', detail, fix);
}
function unusable(path, reason) {
    return new Refusal('socket-unusable', `cannot listen on ${quote(path)}: ${reason}.`);
}
function isSystemError(error) {
    return error instanceof Error && 'syscall' in error;
}
