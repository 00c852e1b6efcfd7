/** How long after a minute its counts may still be on their way, in milliseconds. */
const late = 1000;
/** Repeats as numbers, written in the same transaction as the records around them, until their minute is over. */
export class Counts {
    #add;
    #over;
    #remove;
    constructor(db) {
        this.#add = db.prepare('INSERT INTO counts (id, minute, count, draft) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count');
        this.#over = db.prepare('SELECT count, draft FROM counts WHERE minute < ? ORDER BY minute, id');
        this.#remove = db.prepare('DELETE FROM counts WHERE minute < ?');
    }
    /** `count` more of a kind; `draft` is that of the first of them. */
    add({ id, minute }, count, draft) {
        this.#add.run(id, minute, count, JSON.stringify(draft));
    }
    /** The counts of minutes that are over at `now`, as drafts under the first one's id; they are counts no longer. */
    due(now) {
        const minute = Math.floor((now - late) / 60_000);
        const rows = this.#over.all(minute);
        if (rows.length > 0)
            this.#remove.run(minute);
        // Written by `add` from a draft.
        return rows.map(({ count, draft }) => ({ ...JSON.parse(String(draft)), count: Number(count) }));
    }
}
