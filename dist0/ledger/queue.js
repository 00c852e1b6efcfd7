/** Entries that are kept while nothing can be written: some 40 MB at most. */
const longest = 10_000;
/** What is to be written, in its order; repeats of a kind are one entry with a number. */
export class Queue {
    #items = [];
    #repeats = new Map();
    get length() {
        return this.#items.length;
    }
    /** Takes an entry in; false if there is no room for it. */
    push(entry, waiter) {
        const same = entry.kind === 'repeats' ? this.#repeats.get(entry.repeat.id) : undefined;
        if (same !== undefined)
            merge(same, entry, waiter);
        else if (this.#items.length < longest)
            this.#append({ entry, waiters: waiter ? [waiter] : [] });
        else
            return false;
        return true;
    }
    take() {
        const items = this.#items;
        this.#items = [];
        this.#repeats = new Map();
        return items;
    }
    /** Puts items before all others, without their waiters; gives how many had no room. */
    putBack(items) {
        const later = this.take();
        for (const { entry } of items)
            this.#append({ entry, waiters: [] });
        let dropped = 0;
        for (const item of later) {
            const { entry, waiters } = item;
            const same = entry.kind === 'repeats' ? this.#repeats.get(entry.repeat.id) : undefined;
            if (same !== undefined) {
                merge(same, entry);
                same.waiters.push(...waiters);
            }
            else if (this.#items.length < longest || waiters.length > 0)
                this.#append(item);
            else
                dropped++;
        }
        return dropped;
    }
    hasWaiters() {
        return this.#items.some(({ waiters }) => waiters.length > 0);
    }
    /** Tells waiters whose time is over at `now`, and lets go of decisions that nobody waits for any more. */
    giveUp(now, outcome) {
        let gone = false;
        for (const item of this.#items) {
            const kept = item.entry.kind === 'repeats';
            if (giveUp(item, now, outcome(kept)))
                gone ||= !kept;
        }
        if (gone)
            this.#items = this.#items.filter(({ entry, waiters }) => entry.kind === 'repeats' || !waiters[0]?.gaveUp);
    }
    #append(item) {
        this.#items.push(item);
        if (item.entry.kind === 'repeats')
            this.#repeats.set(item.entry.repeat.id, item);
    }
}
/** Tells the waiters of an item whose time is over; true if there were any. */
export function giveUp({ waiters }, now, outcome) {
    const over = waiters.filter(({ until, gaveUp }) => !gaveUp && now >= until);
    for (const waiter of over) {
        waiter.gaveUp = true;
        waiter.tell(outcome);
    }
    return over.length > 0;
}
function merge({ entry, waiters }, more, waiter) {
    if (entry.kind === 'repeats' && more.kind === 'repeats')
        entry.count += more.count;
    if (waiter !== undefined)
        waiters.push(waiter);
}
