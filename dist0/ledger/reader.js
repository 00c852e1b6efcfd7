import { accessSync, constants } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../model/error.js';
import { quote } from '../model/printable.js';
import { parseImage } from '../normalize/image.js';
import { imageMatches } from '../policy/imagePattern.js';
import { failureOf, LedgerError } from './failure.js';
import { conditionsOf } from './filter.js';
import { checkFile } from './schema.js';
/** Reads the ledger beside whoever writes it, and never writes. */
export class LedgerReader {
    #db;
    /** @throws Refusal `ledger-unreadable`, or what else keeps the file from being read */
    constructor(path) {
        mustBeThere(path);
        try {
            this.#db = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
            if (checkFile(this.#db))
                throw new LedgerError('ledger-unreadable', 'nothing is in it yet');
        }
        catch (error) {
            const { code, detail } = failureOf(error, path);
            if (code !== 'ledger-unwritable' && code !== 'ledger-read-only')
                throw new Refusal(code, detail);
            throw new Refusal('ledger-unreadable', `the system does not let you read the ledger at ${quote(path)}.`);
        }
        this.#db.function('image_matches', { deterministic: true }, (pattern, image) => Number(imageMatches(String(pattern), parseImage(String(image)))));
    }
    /**
     * Decisions that a filter lets through, `limit` at a time, newest first; `cursor` is the `next` of the page before.
     *
     * @throws Refusal `ledger-cursor`
     */
    query(filter, limit, cursor) {
        const { from, where, values, by } = conditionsOf(filter, 'time', this.#expand);
        const place = cursor === undefined ? undefined : placeOf(cursor);
        const rows = this.#db
            .prepare(`SELECT r.time, r.seq, r.json FROM ${from} WHERE ${[...where, ...(place ? [`(${by}.time, ${by}.seq) < (?, ?)`] : [])].join(' AND ')}
         ORDER BY ${by}.time DESC, ${by}.seq DESC LIMIT ?`)
            .all(...values, ...(place ?? []), limit + 1);
        const last = rows.length > limit ? rows[limit - 1] : undefined;
        return {
            items: rows.slice(0, limit).map(decisionIn),
            ...(last && { next: `${last['time']}-${last['seq']}` }),
        };
    }
    /** The decisions behind the record with this `seq`, oldest first: for whoever follows. */
    after(seq, filter, limit) {
        const { from, where, values } = conditionsOf(filter, 'seq', this.#expand);
        return this.#db
            .prepare(`SELECT r.json FROM ${from} WHERE ${where.join(' AND ')} AND r.seq > ? ORDER BY r.seq LIMIT ?`)
            .all(...values, seq, limit)
            .map(decisionIn);
    }
    /** How many decisions there are of each kind, the most frequent first, `limit` of them. */
    groups(filter, by, limit) {
        const { from, where, values } = conditionsOf(filter, 'time', this.#expand);
        const each = by === 'rule' ? ", json_each(r.json, '$.violations') e" : '';
        const key = by === 'rule' ? "e.value ->> 'rule'" : `r.${by}`;
        return this.#db
            .prepare(`SELECT key, sum(n) AS n, sum(iif(decision = 'deny', n, 0)) AS denied, min(time) AS first, max(time) AS last
         FROM (SELECT DISTINCT r.seq, r.time, r.decision, ${key} AS key, coalesce(r.json ->> '$.count', 1) AS n
               FROM ${from}${each} WHERE ${where.join(' AND ')})
         GROUP BY key ORDER BY n DESC, key LIMIT ?`)
            .all(...values, limit)
            .map((row) => ({
            key: row['key'] === null ? undefined : String(row['key']),
            count: Number(row['n']),
            denied: Number(row['denied']),
            first: Number(row['first']),
            last: Number(row['last']),
        }));
    }
    /** Ids of decisions that begin so, `limit` of them. */
    idsWith(start, limit) {
        return this.#db
            .prepare("SELECT id FROM records WHERE id >= ? AND id < ? AND type = 'decision' ORDER BY id LIMIT ?")
            .all(start, `${start}~`, limit)
            .map(({ id }) => String(id));
    }
    /** The `seq` of the last record; 0 where there is none. */
    last() {
        return Number(this.#db.prepare('SELECT max(seq) AS seq FROM records').get()?.['seq'] ?? 0);
    }
    /** The decision with this id, if there is one. */
    get(id) {
        const row = this.#db.prepare("SELECT json FROM records WHERE id = ? AND type = 'decision'").get(id);
        if (row === undefined)
            return undefined;
        const decision = decisionIn(row);
        const later = this.#db
            .prepare('SELECT json FROM records WHERE of = ? ORDER BY seq')
            .all(id)
            .map(recordIn);
        const policies = decision.policySet === undefined ? undefined : this.policies(decision.policySet);
        return { decision, later, ...(policies && { policies }) };
    }
    /** The files of the policy set with this digest. */
    policies(digest) {
        const row = this.#db.prepare('SELECT files FROM policy_sets WHERE digest = ?').get(digest);
        // Written by the store from this type.
        return row === undefined ? undefined : JSON.parse(String(row['files']));
    }
    close() {
        this.#db.close();
    }
    /** Steps from each value of an indexed column to the next, however many records have it. */
    #expand = ({ column, range: [low, high], test, value }) => {
        const next = (after) => `SELECT min(r.${column}) FROM records r WHERE r.type = 'decision' AND r.${column} ${after} AND r.${column} <= ?`;
        const found = this.#db
            .prepare(`WITH RECURSIVE steps (value, n) AS (
           SELECT (${next('>= ?')}), 1
           UNION ALL SELECT (${next('> steps.value')}), n + 1 FROM steps WHERE value IS NOT NULL AND n <= ${mostSteps})
         SELECT ${column}, n FROM (SELECT value AS ${column}, n FROM steps) r WHERE ${column} IS NOT NULL AND (${test} OR n > ${mostSteps})`)
            .all(low, high, high, value);
        if (found.some(({ n }) => Number(n) > mostSteps))
            return undefined;
        return found.map((row) => String(row[column]));
    };
}
/** SQLite has one word for a file that is missing and for one that may not be opened. */
function mustBeThere(path) {
    try {
        accessSync(path, constants.R_OK);
    }
    catch (error) {
        const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        const what = missing ? 'there is no ledger at' : 'the system does not let you read the ledger at';
        throw new Refusal('ledger-unreadable', `${what} ${quote(path, 4096)}.`);
    }
}
/** Values that a pattern is held against one by one; of more, records are. */
const mostSteps = 500;
/** Written by `chain` from a record. */
function recordIn({ json }) {
    return JSON.parse(String(json));
}
/** As above; the query asked for decisions alone. */
function decisionIn({ json }) {
    return JSON.parse(String(json));
}
function placeOf(cursor) {
    const [, time, seq] = /^(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
    if (time === undefined)
        throw new Refusal('ledger-cursor', `${quote(cursor)} is no place in the ledger.`);
    return [Number(time), Number(seq)];
}
