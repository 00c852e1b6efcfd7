import { createReadStream } from 'node:fs';
import { fileError, reasonOf, shownName } from './find.js';
import { FileText } from './text.js';
/** Hundreds of policies fit in; what is larger is no policy file. */
const maxBytes = 1024 * 1024;
/** A file's text, or why it cannot be had. Never throws; reads no more than it accepts, whatever the file is. */
export async function readText(file) {
    const chunks = [];
    try {
        // `end` is the last byte read, so one more than is accepted comes in and tells.
        for await (const chunk of createReadStream(file, { end: maxBytes }))
            chunks.push(chunk);
    }
    catch (error) {
        const reason = error instanceof Error ? reasonOf(error) : 'cannot be read';
        return { error: fileError('file-unreadable', file, reason) };
    }
    const content = Buffer.concat(chunks);
    if (content.length > maxBytes) {
        return { error: fileError('file-unreadable', file, 'larger than 1 MiB', 'split it into several files') };
    }
    return decode(content, file);
}
function decode(content, file) {
    try {
        return { text: new TextDecoder('utf-8', { fatal: true }).decode(content) };
    }
    catch {
        // The loose reading puts U+FFFD where it cannot read on.
        const text = new TextDecoder().decode(content);
        const offset = text.indexOf('\ufffd');
        const at = new FileText(text).span([offset, offset + 1]);
        const error = { code: 'file-unreadable', file: shownName(file), at, message: 'not UTF-8 text' };
        return { error: { ...error, hint: 'save the file as UTF-8' } };
    }
}
