import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { printable } from '../model/printable.js';
/**
 * The policy files of a path. A folder has those named `*.yaml` directly in it, but for hidden ones, as with
 * a shell's `*`, and `*.test.yaml`, which are tests; a name that was likely meant to be read is an error.
 * A file is taken under any name that a folder would not refuse.
 */
export async function findPolicyFiles(path) {
    const absolute = resolve(path);
    const stats = await statOf(absolute);
    if (stats instanceof Error)
        return broken(path, absolute, reasonOf(stats));
    if (!stats.isDirectory()) {
        const error = nameError(absolute);
        return { path, folder: false, files: error ? [] : [absolute], errors: error ? [error] : [] };
    }
    const names = await readdir(absolute).catch((error) => error);
    if (names instanceof Error)
        return broken(path, absolute, reasonOf(names));
    const candidates = names.filter((name) => !name.startsWith('.')).sort();
    const errors = [];
    const files = [];
    for (const name of candidates) {
        const file = join(absolute, name);
        const error = nameError(file) ?? (isPolicyFile(name) ? await kindError(file) : undefined);
        if (error !== undefined)
            errors.push(error);
        else if (isPolicyFile(name))
            files.push(file);
    }
    return { path, folder: true, files, errors };
}
/** The name under which a file is shown: relative to the working directory if below it; printable. */
export function shownName(path) {
    const below = relative(process.cwd(), path);
    const outside = below === '' || below === '..' || below.startsWith('../') || isAbsolute(below);
    return printable(outside ? path : below, 4096);
}
/** The file itself behind links, so that one file is read once; the path where that cannot be told. */
export async function identityOf(file) {
    return realpath(file).catch(() => file);
}
function isPolicyFile(name) {
    return name.endsWith('.yaml') && !name.endsWith('.test.yaml');
}
function nameError(file) {
    if (!/\.ya?ml$/i.test(file) || file.endsWith('.yaml'))
        return undefined;
    const better = shownName(file.replace(/\.ya?ml$/i, '.yaml'));
    return fileError('file-name', file, 'policy files end in .yaml', `rename it to ${better}`);
}
/** What is named as a policy file and is none, such as a pipe, which would be waited for. */
async function kindError(file) {
    const stats = await statOf(file);
    if (stats instanceof Error)
        return fileError('file-unreadable', file, reasonOf(stats));
    if (stats.isFile())
        return undefined;
    return fileError('file-unreadable', file, stats.isDirectory() ? 'a folder, and not a file' : 'not a regular file');
}
function statOf(path) {
    return stat(path).catch((error) => error);
}
function broken(path, absolute, reason) {
    return { path, folder: false, files: [], errors: [fileError('file-unreadable', absolute, reason)] };
}
/** An error about a file as a whole. */
export function fileError(code, path, message, hint) {
    return { code, file: shownName(path), message, ...(hint !== undefined && { hint }) };
}
const reasons = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'a folder, and not a file',
    ELOOP: 'its links run in a circle',
    ENOTDIR: 'a part of its path is no folder',
};
/** The system's error in plain words. */
export function reasonOf(error) {
    const code = 'code' in error ? String(error.code) : '';
    return reasons[code] ?? printable(error.message);
}
