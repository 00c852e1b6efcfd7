import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../../model/error.ts';
import { quote } from '../../model/printable.ts';
import { imageName } from '../imageName.ts';
import type { DecisionRecord, Draft } from '../record.ts';
import type { Owner } from './fold.ts';
import { imageActions, madeBy } from './making.ts';

/** What has an owner, in Docker's words. */
export const ownedKinds = [
  'container',
  'volume',
  'network',
  'image',
  'exec',
  'service',
  'secret',
  'config',
] as const;
export type OwnedKind = (typeof ownedKinds)[number];

/** Who made a thing, and whether it is still there. */
export interface KeptOwner extends Owner {
  /** When the daemon was found not to have it any longer, in milliseconds since 1970. Absent: it had it at the last look; for execs nobody looks. */
  readonly gone?: number;
}

/** What is wanted of a list. All that is given must hold. */
export interface OwnerFilter {
  /** Absent: all kinds but execs, which are many and short. */
  readonly kind?: OwnedKind;
  readonly subject?: string;
  /** What is gone, too. */
  readonly all?: boolean;
}

/** A page of owners, newest first. */
export interface OwnerPage {
  readonly items: readonly KeptOwner[];
  /** Where the next page begins; absent: this is the last. */
  readonly next?: string;
}

/** One who made an image, and by what. */
export interface Maker extends Omit<Owner, 'kind' | 'id' | 'name'> {
  readonly action: string;
}

/** Those who made an image, newest first. */
export interface Makers {
  readonly items: readonly Maker[];
  /** There are more. */
  readonly more: boolean;
}

/** What a name or an id stands for. */
export type OwnerFound =
  | {
      readonly is: 'one';
      readonly owner: KeptOwner;
      /** Of an image: all who made it. */
      readonly makers?: Makers;
    }
  /** Ids of several, some of them. */
  | { readonly is: 'several'; readonly ids: readonly string[] }
  | { readonly is: 'none' };

/** How many are named where a name stands for several. */
const named = 5;

/** A short id as docker shows it; what is shorter is too likely to be another one's. */
const shortId = /^[0-9a-z]{12,64}$/;

type Row = Readonly<Record<string, unknown>>;

/** Reads who made what: the table, and what is made by records that are not in it yet. */
export class Owners {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;

  /** @param fresh owners that are not in the table yet, in place of what it has */
  constructor(db: DatabaseSync, fresh: Iterable<Owner>) {
    this.#db = db;
    db.exec(kept);
    const add = db.prepare('INSERT INTO temp.fresh VALUES (?, ?, ?, ?, ?, ?, ?, NULL)');
    for (const { kind, id, name, subject, groups, decision, time } of fresh)
      add.run(kind, id, name ?? null, subject, JSON.stringify(groups), decision, time);
    this.#statements = prepare(db);
  }

  /**
   * Owners that a filter lets through, `limit` at a time, newest first; `cursor` is the `next` of the page before.
   *
   * @throws Refusal `ledger-cursor`
   */
  list({ kind, subject, all = false }: OwnerFilter, limit: number, cursor?: string): OwnerPage {
    const place = cursor === undefined ? undefined : placeOf(cursor);
    const where = [
      kind === undefined ? "kind <> 'exec'" : 'kind = ?',
      ...(subject === undefined ? [] : ['subject = ?']),
      ...(all ? [] : ['gone IS NULL']),
      ...(place === undefined ? [] : ['(time, kind, id) < (?, ?, ?)']),
    ];
    const values = [kind, subject, ...(place ?? []), limit + 1].filter((value) => value !== undefined);
    const found = this.#db
      .prepare(
        `SELECT * FROM temp.kept WHERE ${where.join(' AND ')} ORDER BY time DESC, kind DESC, id DESC LIMIT ?`,
      )
      .all(...values)
      .map(ownerIn);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(found.length > limit && last && { next: cursorOf(last) }) };
  }

  /**
   * What an id, a name or the beginning of an id stands for: of a name's things the one that is there, and else the newest.
   * An image may be spelt in any way; of it, `limit` makers are shown.
   */
  find(kind: OwnedKind, given: string, limit: number): OwnerFound {
    if (kind === 'image') return this.#image(imageName(given), limit);
    const exact = this.#statements.byId.get(kind, given);
    if (exact !== undefined) return { is: 'one', owner: ownerIn(exact) };
    const { nameThere, nameGone, prefixThere, prefixGone } = this.#statements;
    const byName = chosen(nameThere.all(kind, given, named + 1)) ?? chosen(nameGone.all(kind, given, 1));
    if (byName !== undefined) return byName;
    // Of volumes, ids are names.
    if (kind === 'volume' || given === '') return { is: 'none' };
    const range = [kind, given, end(given), named + 1] as const;
    return chosen(prefixThere.all(...range)) ?? chosen(prefixGone.all(...range)) ?? { is: 'none' };
  }

  /** Whose the thing was that a request is about, by what is known by now: what its name stood for when it was asked. */
  of({ id: decision, action, resource, time }: Draft<DecisionRecord>): KeptOwner | undefined {
    if (resource?.ref === undefined) return undefined;
    // It names the container in which one is made.
    const kind = action === 'exec.create' ? 'container' : resource.kind;
    const ref = kind === 'image' ? imageName(resource.ref) : resource.ref;
    const at = { kind, decision, at: Date.parse(time) };
    const { idThen, nameThen, prefixThen } = this.#statements;
    const row =
      resource.id === undefined
        ? (idThen.get({ ...at, id: ref }) ??
          nameThen.get({ ...at, name: ref }) ??
          (shortId.test(ref) ? prefixThen.get({ ...at, from: ref, to: end(ref) }) : undefined))
        : idThen.get({ ...at, id: resource.id });
    return row && ownerIn(row);
  }

  #image(id: string, limit: number): OwnerFound {
    const row = this.#statements.byId.get('image', id);
    const owner = row && ownerIn(row);
    const makers: Maker[] = [];
    for (const { decision, settled } of this.#statements.makers.iterate(id)) {
      // Written by `chain` from records of these types.
      const maker = makerOf(id, JSON.parse(String(decision)), JSON.parse(String(settled)));
      if (maker !== undefined) makers.push(maker);
      if (makers.length > limit) break;
    }
    const [newest] = makers;
    if (owner === undefined && newest === undefined) return { is: 'none' };
    // Records are found by the first of several names alone.
    const isFound = owner === undefined || makers.some(({ decision }) => decision === owner.decision);
    const all = isFound ? makers : [this.#makerIn(owner), ...makers].sort((a, b) => b.time - a.time);
    const shown = owner ?? (newest && { ...newest, kind: 'image', id, name: id });
    if (shown === undefined) return { is: 'none' };
    return { is: 'one', owner: shown, makers: { items: all.slice(0, limit), more: all.length > limit } };
  }

  #makerIn({ subject, groups, decision, time }: KeptOwner): Maker {
    const row = this.#db.prepare('SELECT action FROM records WHERE id = ?').get(decision);
    return { subject, groups, decision, time, action: String(row?.['action'] ?? '') };
  }
}

/** What so many rows stand for; undefined: nothing. */
function chosen(rows: readonly Row[]): OwnerFound | undefined {
  const [one, ...others] = rows.map(ownerIn);
  if (one === undefined) return undefined;
  if (others.length === 0) return { is: 'one', owner: one };
  return { is: 'several', ids: [one, ...others].slice(0, named).map(({ id }) => id) };
}

function makerOf(
  image: string,
  decision: DecisionRecord,
  settled: Parameters<typeof madeBy>[1] & { readonly time: string },
): Maker | undefined {
  const { things } = madeBy(decision, settled);
  if (!things.some(({ kind, id }) => kind === 'image' && id === image)) return undefined;
  const { subject, action, id } = decision;
  return {
    subject: subject.name,
    groups: subject.groups,
    action,
    decision: id,
    time: Date.parse(settled.time),
  };
}

/** Behind all texts that begin so. */
function end(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

function cursorOf({ time, kind, id }: Owner): string {
  return Buffer.from(`${time} ${kind} ${id}`).toString('base64url');
}

function placeOf(cursor: string): readonly [number, string, string] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, time, kind, id] = /^(\d{1,15}) ([a-z]+) (.*)$/s.exec(text) ?? [];
  if (time === undefined || kind === undefined || id === undefined)
    throw new Refusal('ledger-cursor', `${quote(cursor)} is no place in a list of owners.`);
  return [Number(time), kind, id];
}

function ownerIn({ kind, id, name, subject, groups, decision, time, gone }: Row): KeptOwner {
  return {
    kind: String(kind),
    id: String(id),
    ...(name !== null && { name: String(name) }),
    subject: String(subject),
    // Written by `Account` or above.
    groups: JSON.parse(String(groups)),
    decision: String(decision),
    time: Number(time),
    ...(gone !== null && { gone: Number(gone) }),
  };
}

/** A reader's own tables lie beside the ledger, which it cannot write. */
const kept = `
CREATE TEMP TABLE IF NOT EXISTS fresh (
  kind TEXT, id TEXT, name TEXT, subject TEXT, groups TEXT, decision TEXT, time INTEGER, gone INTEGER,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
DELETE FROM temp.fresh;
CREATE TEMP VIEW IF NOT EXISTS kept AS
  SELECT * FROM main.owners o WHERE NOT EXISTS (SELECT 1 FROM temp.fresh f WHERE f.kind = o.kind AND f.id = o.id)
  UNION ALL SELECT * FROM temp.fresh;
`;

function prepare(db: DatabaseSync) {
  const all = 'SELECT * FROM temp.kept WHERE kind = ?1';
  // The order is also what makes SQLite take the index of names, and not all of a kind.
  const newest = (which: string, limit: string) =>
    db.prepare(`${all} AND ${which} ORDER BY time DESC LIMIT ${limit}`);
  const then = (which: string) =>
    db.prepare(
      `SELECT * FROM temp.kept WHERE kind = :kind AND ${which}
       AND (time <= :at OR decision = :decision) AND (gone IS NULL OR gone > :at) ORDER BY time DESC LIMIT 1`,
    );
  return {
    byId: db.prepare(`${all} AND id = ?2`),
    nameThere: newest('name = ?2 AND gone IS NULL', '?3'),
    nameGone: newest('name = ?2 AND gone IS NOT NULL', '?3'),
    prefixThere: newest('id >= ?2 AND id < ?3 AND gone IS NULL', '?4'),
    prefixGone: newest('id >= ?2 AND id < ?3 AND gone IS NOT NULL', '?4'),
    idThen: then('id = :id'),
    nameThen: then('name = :name'),
    prefixThen: then('id >= :from AND id < :to'),
    makers: db.prepare(
      `SELECT r.json AS decision, s.json AS settled FROM records r JOIN records s ON s.of = r.id AND s.type = 'settled'
       WHERE r.image = ? AND r.decision = 'allow' AND r.action IN (${imageActions.map((action) => `'${action}'`).join(', ')})
       ORDER BY r.time DESC, r.seq DESC`,
    ),
  };
}
