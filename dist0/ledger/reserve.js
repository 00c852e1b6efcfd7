import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync, } from 'node:fs';
import { dirname } from 'node:path';
import { isFull } from './failure.js';
/** In so many steps it is let go: whatever fills the disk takes the space of one step, and the next is still there. */
const steps = 16;
/** How much is written at once, so that the ledger's own work goes on between two pieces. */
const piece = 1024 * 1024;
/**
 * A file that holds space on the ledger's disk. When the disk is full it is let go bit by bit, so that what frees
 * space can still be recorded; when there is room again it is filled again.
 */
export class Reserve {
    #path;
    #bytes;
    constructor(path, bytes) {
        this.#path = path;
        this.#bytes = bytes;
    }
    /** Whether all of it is there. */
    get isWhole() {
        return this.#size() >= this.#bytes;
    }
    /** Lets a part go; false if there was none left. */
    letGo() {
        const size = this.#size();
        if (size === 0)
            return false;
        const rest = Math.max(0, size - Math.ceil(this.#bytes / steps));
        if (rest === 0)
            rmSync(this.#path, { force: true });
        else
            truncateSync(this.#path, rest);
        return true;
    }
    /**
     * Writes the next piece where there is room: for all that is missing and for as much again. True if more is to
     * be written. Noise, since a file system that compresses would keep no space for zeros.
     */
    fill() {
        const missing = this.#bytes - this.#size();
        if (missing <= 0)
            return false;
        const { bavail, bsize } = statfsSync(dirname(this.#path));
        if (bavail * bsize < missing + this.#bytes)
            return false;
        const file = openSync(this.#path, 'a', 0o600);
        try {
            writeSync(file, randomFillSync(new Uint8Array(Math.min(piece, missing))));
            fsyncSync(file);
        }
        catch (error) {
            if (!isFull(error))
                throw error;
            return false;
        }
        finally {
            closeSync(file);
        }
        return !this.isWhole;
    }
    #size() {
        return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    }
}
