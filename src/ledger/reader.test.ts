import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter } from './filter.ts';
import { LedgerReader } from './reader.ts';
import type { DecisionRecord, Draft } from './record.ts';
import { Store } from './store.ts';

const start = Date.parse('2026-11-24T08:00:00.000Z');
const pick = <T>(list: readonly [T, ...T[]], nth: number): T => list[nth % list.length] ?? list[0];
const subjects = ['alice', 'bob', 'bot[1]'] as const;
const actions = ['container.create', 'container.start', 'image.pull'] as const;
const rules = ['house/memory.max', 'house/memory', 'house/binds', 'house/memoryswap', 'body-absent'] as const;
const images = ['alpine', 'alpine:3', 'nginx', 'ghcr.io/a/alpine'] as const;

/** Decisions that differ in all that a filter looks at; several have the same time. */
function draftAt(nth: number): Draft<DecisionRecord> {
  const at = start + Math.floor(nth / 3) * 1000;
  const deny = nth % 5 !== 0;
  return {
    type: 'decision',
    id: ulid(at),
    time: new Date(at).toISOString(),
    host: 'h',
    decision: deny ? 'deny' : 'allow',
    subject: { name: pick(subjects, nth * 7), groups: [], method: 'none' },
    action: pick(actions, nth * 11),
    resource: { kind: 'container', ...(nth % 4 !== 0 && { ref: `c${nth % 13}` }) },
    object: nth % 3 === 0 ? {} : { images: [{ role: 'run', ref: pick(images, nth) }] },
    facts: 'off',
    gate: 'request',
    ...(deny && {
      violations: [nth, nth * 3].map((one) => ({ rule: pick(rules, one), message: 'm', fix: 'f' })),
    }),
  };
}

const drafts = Array.from({ length: 400 }, (_, nth) => draftAt(nth));

let folder: string;
let store: Store;
let reader: LedgerReader;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  const path = join(folder, 'ledger.db');
  store = new Store(path);
  store.append(
    drafts.map((draft) => ({ kind: 'decision', draft })),
    start,
  );
  reader = new LedgerReader(path);
});

afterAll(() => {
  reader.close();
  store.close();
  rmSync(folder, { recursive: true });
});

/** What a filter means, said the long way. */
function passes(draft: Draft<DecisionRecord>, filter: Filter): boolean {
  const { decision, subject, action, rule, resource, image, since, until } = filter;
  const like = (wanted: string | undefined, ...values: readonly (string | undefined)[]) => {
    if (wanted === undefined) return true;
    const parts = wanted.split('*').map((part) => part.replace(/[[\].]/g, '\\$&'));
    return values.some((value) => value !== undefined && new RegExp(`^${parts.join('.*')}$`).test(value));
  };
  const broken = (draft.violations ?? []).flatMap((one) => [one.rule, one.rule.replace(/\..*/, '')]);
  const ref = Array.isArray(draft.object?.['images']) ? String(draft.object['images'][0]?.ref) : undefined;
  const time = Date.parse(draft.time);
  return (
    (decision === undefined || draft.decision === decision) &&
    like(subject, draft.subject.name) &&
    like(action, draft.action) &&
    like(rule, ...broken) &&
    like(resource, draft.resource?.ref) &&
    (image === undefined || (ref !== undefined && matching(image).includes(ref))) &&
    (since === undefined || time >= since) &&
    (until === undefined || time < until)
  );
}

/** The images above that a pattern speaks of. */
function matching(pattern: string): readonly string[] {
  const meant: Readonly<Record<string, readonly string[]>> = {
    alpine: ['alpine', 'alpine:3'],
    'alpine:3': ['alpine:3'],
    'ghcr.io/**': ['ghcr.io/a/alpine'],
    '**/alpine': ['alpine', 'alpine:3', 'ghcr.io/a/alpine'],
    redis: [],
  };
  return meant[pattern] ?? [];
}

const some = (...values: readonly string[]) => fc.constantFrom(...values);
const at = fc.integer({ min: 0, max: 140 }).map((second) => start + second * 1000);
const filters: fc.Arbitrary<Filter> = fc.record(
  {
    decision: fc.constantFrom('allow' as const, 'deny' as const),
    subject: some('alice', 'bot[1]', 'bo*', 'nobody', '*'),
    action: some('image.pull', 'container.*', '*.start'),
    rule: some('house/memory', 'house/memory.max', 'house/binds', 'house/*', '*absent', 'none'),
    resource: some('c3', 'c1*', 'x*'),
    image: some('alpine', 'alpine:3', 'ghcr.io/**', '**/alpine', 'redis'),
    since: at,
    until: at,
  },
  { requiredKeys: [] },
);

describe('LedgerReader', () => {
  it('finds what a filter means, newest first, over all pages', () => {
    fc.assert(
      fc.property(filters, fc.integer({ min: 1, max: 50 }), (filter, limit) => {
        const found: string[] = [];
        let cursor: string | undefined;
        do {
          const page = reader.query(filter, limit, cursor);
          found.push(...page.items.map(({ id }) => id));
          cursor = page.next;
        } while (cursor !== undefined);
        const expected = drafts.filter((draft) => passes(draft, filter)).toReversed();
        expect(found).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 500 },
    );
  });

  it('follows in the order of the records', () => {
    fc.assert(
      fc.property(filters, fc.integer({ min: 0, max: 400 }), (filter, seq) => {
        const expected = drafts.slice(seq).filter((draft) => passes(draft, filter));
        expect(reader.after(seq, filter, 1000).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 200 },
    );
  });

  it('is not led astray by more values than are looked at one by one', () => {
    const many = Array.from({ length: 700 }, (_, nth) => ({
      ...(drafts[1] ?? fail()),
      id: ulid(start + 1e6),
      time: new Date(start + 1e6 + nth).toISOString(),
      subject: { name: `many${nth}`, groups: [], method: 'none' as const },
    }));
    store.append(
      many.map((draft) => ({ kind: 'decision', draft })),
      start,
    );
    expect(reader.query({ subject: 'many*' }, 1000).items).toHaveLength(700);
    expect(reader.query({ subject: 'many*9' }, 1000).items).toHaveLength(70);
  });

  it('finds an allow that was answered with a denial among the denials', () => {
    const id = ulid(start);
    const time = new Date(start).toISOString();
    const corrected = { type: 'corrected', id: ulid(start), time, host: 'h', of: id } as const;
    const subject = { name: 'late', groups: [], method: 'none' as const };
    const allowed = { ...draftAt(0), id, subject, decision: 'allow' as const };
    store.append(
      [
        { kind: 'decision', draft: allowed },
        { kind: 'note', draft: { ...corrected, reason: 'ledger-stalled' } },
      ],
      start,
    );
    const found = { id, decision: 'allow', corrected: 'ledger-stalled' };
    for (const filter of [{ decision: 'deny' }, { rule: 'ledger-stalled' }, {}] as const)
      expect(reader.query({ subject: 'late', ...filter }, 5).items).toMatchObject([found]);
    expect(reader.query({ subject: 'late', decision: 'allow' }, 5).items).toEqual([]);
    expect(reader.groups({ subject: 'late' }, 'subject', 5)).toMatchObject([{ count: 1, denied: 1 }]);
  });

  it('knows what is still being counted by the id that its callers were told', () => {
    const draft = { ...draftAt(1), id: ulid(start) };
    const repeat = { id: draft.id, minute: Math.floor(start / 60_000) };
    store.append([{ kind: 'repeats', repeat, count: 7, draft }], start);
    expect(reader.idsWith(draft.id, 5)).toEqual([draft.id]);
    expect(reader.get(draft.id)?.decision).toEqual({ ...draft, count: 7 });
    store.append([], start + 120_000);
    expect(reader.get(draft.id)?.decision).toMatchObject({ id: draft.id, count: 7, seq: reader.last() });
  });

  it('counts what was denied since a time, as records or in the minute under way', () => {
    const at = start + 60_000_000;
    const denied = (time: number) => ({ ...draftAt(1), id: ulid(time), time: new Date(time).toISOString() });
    const counted = { ...denied(at + 1), id: ulid(at) };
    store.append(
      [
        ...[at - 1, at].map((time) => ({ kind: 'decision', draft: denied(time) }) as const),
        { kind: 'repeats', repeat: { id: counted.id, minute: at / 60_000 }, count: 7, draft: counted },
      ],
      at,
    );
    expect(reader.deniedSince(at)).toBe(8);
    store.append([], at + 120_000);
    expect(reader.deniedSince(at)).toBe(8);
    expect(reader.deniedSince(at + 2)).toBe(0);
    expect(reader.ends()).toBe(at + 1);
  });

  it('says that a cursor is none of its own', () => {
    expect(() => reader.query({}, 1, 'x')).toThrow(expect.objectContaining({ code: 'ledger-cursor' }));
  });

  it.each([['there is none', 'none.db']])('says that %s', (_, name) => {
    expect(() => new LedgerReader(join(folder, name))).toThrow(
      expect.objectContaining({ code: 'ledger-unreadable' }),
    );
  });
});

function fail(): never {
  throw new Error('there are drafts');
}
