import { lstatSync, mkdirSync } from 'node:fs';
import { Refusal } from '../model/error.js';
import { printable, quote } from '../model/printable.js';
/**
 * Makes sure of a folder that nobody but the user `uid` can change. In /tmp anybody may have been there
 * first: what is not the user's own, or open to others, is a `Refusal` `folder-not-private`.
 */
export function ensurePrivateFolder(path, uid) {
    const stat = makeFolder(path);
    if (!stat.isDirectory())
        throw notPrivate(path, 'it is no folder');
    if (stat.uid !== uid)
        throw notPrivate(path, 'it belongs to another user');
    if ((stat.mode & 0o077) !== 0)
        throw notPrivate(path, 'others may enter it');
}
function makeFolder(path) {
    try {
        mkdirSync(path, { recursive: true, mode: 0o700 });
        return lstatSync(path);
    }
    catch (error) {
        throw notPrivate(path, error instanceof Error ? printable(error.message) : 'it cannot be made');
    }
}
function notPrivate(path, reason) {
    return new Refusal('folder-not-private', `${quote(path)} cannot hold the socket: ${reason}.`);
}
