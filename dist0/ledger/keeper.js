import { isFull } from './failure.js';
import { Reserve } from './reserve.js';
import { retryWindow } from './retries.js';
import { Store } from './store.js';
/** Time between two rounds of the work that no request waits for, in milliseconds. The first is one round after the start. */
const round = 1000;
/** Pieces of the reserve that are written in one round: each is a wait for the disk. */
const piecesARound = 8;
/** Rounds between two looks for old records, when the last one found none. */
const roundsToExpire = 600;
/**
 * Keeps the store open and the disk usable: opens the file again after a failure or when it was moved away, lets the
 * reserve go when the disk is full, and between requests closes minutes, removes old records, fills the reserve.
 */
export class Keeper {
    #options;
    #reserve;
    #tellDisk;
    #store;
    #full = false;
    #rounds = 0;
    #timer;
    constructor(options, tellDisk) {
        this.#options = options;
        this.#reserve = new Reserve(options.reserve.path, options.reserve.bytes);
        this.#tellDisk = tellDisk;
    }
    /** Writes a batch durably, all of it or none. The first call, with an empty batch, opens the ledger. */
    write(batch) {
        const recent = this.#timer === undefined ? this.#before() : [];
        this.#withRoom(() => this.#opened().append(batch, Date.now()));
        this.#timer ??= setInterval(() => this.#tidy(), round);
        return { full: this.#full, recent };
    }
    close() {
        clearInterval(this.#timer);
        this.#store?.close();
        this.#store = undefined;
    }
    /** What an earlier process decided and perhaps did not answer. */
    #before() {
        let recent = [];
        this.#withRoom(() => {
            recent = this.#opened().recent(Date.now() - retryWindow);
        });
        return recent;
    }
    #opened() {
        if (this.#store?.isCurrent !== true) {
            this.#drop();
            this.#store = new Store(this.#options.path);
        }
        return this.#store;
    }
    /** Closes without a word: what is broken may refuse that too. */
    #drop() {
        const store = this.#store;
        this.#store = undefined;
        try {
            store?.close();
        }
        catch {
            // It is opened anew, which tells what is wrong.
        }
    }
    #withRoom(work) {
        for (;;) {
            try {
                work();
                return;
            }
            catch (error) {
                this.#drop();
                if (!isFull(error))
                    throw error;
                this.#full = true;
                if (!this.#reserve.letGo())
                    throw error;
            }
        }
    }
    /** One round of what no request waits for. A failure shows at the next write. */
    #tidy() {
        try {
            const store = this.#opened();
            store.append([], Date.now());
            this.#expire(store);
            this.#fillReserve();
        }
        catch {
            this.#drop();
        }
    }
    #expire(store) {
        if (this.#rounds++ % roundsToExpire !== 0)
            return;
        const { retention, host } = this.#options;
        // There may be more: look again in the next round.
        if (store.expire(retention, host, Date.now()))
            this.#rounds = 0;
    }
    /** A few pieces a round. The disk counts as full until the reserve is whole. */
    #fillReserve() {
        for (let piece = 0; piece < piecesARound && this.#reserve.fill(); piece++)
            ;
        if (!this.#full || !this.#reserve.isWhole)
            return;
        this.#full = false;
        this.#tellDisk(false);
    }
}
