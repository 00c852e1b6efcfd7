import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { naiveAccount } from '../../../test/model/account.ts';
import { owning } from '../../model/obligation.ts';
import type { Entry } from '../entry.ts';
import { LedgerReader } from '../reader.ts';
import type { DecisionRecord, Draft, LedgerRecord } from '../record.ts';
import { Store } from '../store.ts';
import { type Hours, hourOf, hoursOf } from './periods.ts';
import { counted } from './tally.ts';

const minute = 60_000;
const start = Date.parse('2026-10-31T22:30:00.000Z');
let folder: string;
let path: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  path = join(folder, 'ledger.db');
  store = new Store(path);
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function draft(values: Partial<Draft<DecisionRecord>>, at: number): Draft<DecisionRecord> {
  return {
    type: 'decision',
    id: ulid(at),
    time: new Date(at).toISOString(),
    host: 'h',
    decision: 'allow',
    subject: { name: 'alice', groups: ['web'], method: 'tls' },
    action: 'container.create',
    operation: 'CREATE',
    facts: 'off',
    gate: 'request',
    ...values,
  };
}

const broken = (...rules: readonly string[]) => rules.map((rule) => ({ rule, message: 'm', fix: 'f' }));

function decided(values: Partial<Draft<DecisionRecord>> = {}, at = start): Entry {
  return { kind: 'decision', draft: draft(values, at) };
}

type Outcome = { outcome: 'done' | 'failed' | 'unknown'; newId?: string };

function answered(digest: string, values: Outcome, at = start): Entry {
  const time = new Date(at).toISOString();
  return { kind: 'response', digest, draft: { type: 'settled', id: ulid(at), time, host: 'h', ...values } };
}

function corrected(of: string, reason: string, at = start): Entry {
  const time = new Date(at).toISOString();
  return { kind: 'note', draft: { type: 'corrected', of, reason, id: ulid(at), time, host: 'h' } };
}

/** Counts all that there is, so many rows at a time. */
function countAll(rows = 1): void {
  while (store.count(rows));
}

function read<T>(sql: string): T[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare(sql).all();
  db.close();
  return rows as T[];
}

const records = () =>
  read<{ json: string }>('SELECT json FROM records ORDER BY seq').map(
    ({ json }): LedgerRecord => JSON.parse(json),
  );

/** The account's lines as `naiveAccount` writes them. */
function lines(): readonly string[] {
  return read<Record<string, string | number>>('SELECT * FROM usage')
    .map((row) => {
      const length = { month: 7, day: 10, hour: 13 }[String(row['level'])];
      const period = new Date(Number(row['period']) * 3_600_000).toISOString().slice(0, length);
      const counts = counted.filter((name) => row[name] !== 0).map((name) => `${name}=${row[name]}`);
      return [row['dim'], row['level'], period, row['key'], row['sub'] || '-', ...counts.sort()].join(' ');
    })
    .sort();
}

const owners = () =>
  read<Record<string, string | null>>('SELECT * FROM owners ORDER BY kind, id').map(
    ({ kind, id, name, subject, gone }) => `${kind} ${id} ${name} ${subject}${gone === null ? '' : ' gone'}`,
  );

describe('who made it', () => {
  const digest = 'd'.repeat(64);
  const create = (action: string, values: Partial<Draft<DecisionRecord>> = {}) => {
    const kind = action.split('.')[0] ?? '';
    return decided({ action, digest, resource: { kind, ref: 'mine' }, ...values });
  };
  it.each<[string, Entry, Outcome, readonly string[]]>([
    // What has a new id belongs to whoever was allowed to make it.
    [
      'a container',
      create('container.create'),
      { outcome: 'done', newId: 'c1' },
      ['container c1 mine alice'],
    ],
    ['a network', create('network.create'), { outcome: 'done', newId: 'n1' }, ['network n1 mine alice']],
    ['an exec', create('exec.create'), { outcome: 'done', newId: 'e1' }, ['exec e1 mine alice']],
    ['a service', create('service.create'), { outcome: 'done', newId: 's1' }, ['service s1 mine alice']],
    ['a secret', create('secret.create'), { outcome: 'done', newId: 's2' }, ['secret s2 mine alice']],
    ['a config', create('config.create'), { outcome: 'done', newId: 'k1' }, ['config k1 mine alice']],
    // The daemon has chosen its name.
    [
      'one without a name',
      create('container.create', { resource: { kind: 'container' } }),
      { outcome: 'done', newId: 'c1' },
      ['container c1 null alice'],
    ],
    // What was not made belongs to nobody.
    ['one that failed', create('container.create'), { outcome: 'failed' }, []],
    ['one of which nothing is known', create('container.create'), { outcome: 'unknown' }, []],
    ['what makes nothing', create('container.start'), { outcome: 'done', newId: 'c1' }, []],
    // volume.create answers 201 for what was there before: only the obligation tells.
    ['a volume that was there', create('volume.create'), { outcome: 'done', newId: 'mine' }, []],
    [
      'a new volume',
      create('volume.create', { obligations: [owning({ kind: 'volume', name: 'mine' })] }),
      { outcome: 'done', newId: 'mine' },
      ['volume mine mine alice'],
    ],
    [
      'a volume of which the daemon chose the name',
      create('volume.create', { resource: { kind: 'volume' } }),
      { outcome: 'done', newId: '7f3a' },
      ['volume 7f3a null alice'],
    ],
    [
      'a volume without a name that failed',
      create('volume.create', { resource: { kind: 'volume' } }),
      { outcome: 'failed' },
      [],
    ],
    [
      'a container with new volumes',
      create('container.create', {
        obligations: ['a', 'b \n own'].map((name) => owning({ kind: 'volume', name })),
      }),
      { outcome: 'done', newId: 'c1' },
      ['container c1 mine alice', 'volume a a alice', 'volume b \n own b \n own alice'],
    ],
    // Of a stream's end dockerd tells nothing.
    [
      'a pull',
      create('image.pull', { object: { images: [{ role: 'pull', ref: 'alpine' }] } }),
      { outcome: 'unknown' },
      ['image docker.io/library/alpine:latest docker.io/library/alpine:latest alice'],
    ],
    [
      'a pull that failed',
      create('image.pull', { object: { images: [{ role: 'pull', ref: 'alpine' }] } }),
      { outcome: 'failed' },
      [],
    ],
    [
      'a build',
      create('build', {
        object: {
          images: [
            { role: 'build', ref: 'mine:1' },
            { role: 'push', ref: 'theirs' },
          ],
        },
      }),
      { outcome: 'unknown' },
      ['image docker.io/library/mine:1 docker.io/library/mine:1 alice'],
    ],
  ])('%s', (_, asked, outcome, expected) => {
    store.append([asked, answered(digest, outcome)], start);
    countAll();
    expect(owners()).toEqual(expected);
  });

  it('is the last one, where the thing before is gone', () => {
    const make = (name: string) => [
      create('volume.create', {
        subject: { name, groups: [], method: 'tls' },
        obligations: ['own volume data'],
      }),
      answered(digest, { outcome: 'done', newId: 'data' }),
    ];
    store.append(make('alice'), start);
    countAll();
    store.append([{ kind: 'present', of: 'volume', things: [], asked: start + 1 }], start);
    expect(owners()).toEqual(['volume data data alice gone']);
    store.append(make('bob'), start);
    countAll();
    expect(owners()).toEqual(['volume data data bob']);
  });

  it('knows what is gone of what was not counted yet when the daemon was asked', () => {
    store.append([create('container.create'), answered(digest, { outcome: 'done', newId: 'c1' })], start);
    store.append([{ kind: 'present', of: 'container', things: [], asked: start + 1 }], start);
    expect(owners()).toEqual(['container c1 mine alice gone']);
    countAll();
    expect(lines()).toEqual(naiveAccount(records(), []));
  });

  it('knows what is gone: of the kind, made before the daemon was asked, and not among what it has', () => {
    const made = (action: string, newId: string, at: number) => [
      create(action),
      answered(digest, { outcome: 'done', newId }, at),
    ];
    store.append(
      [
        ...made('container.create', 'left', start),
        ...made('container.create', 'there', start),
        ...made('container.create', 'later', start + 5),
        ...made('network.create', 'other', start),
      ],
      start,
    );
    countAll();
    const things = [{ id: 'there', name: 'renamed' }, { id: 'strange' }];
    store.append([{ kind: 'present', of: 'container', things, asked: start + 5 }], start);
    expect(owners()).toEqual([
      'container later mine alice',
      'container left mine alice gone',
      'container there renamed alice',
      'network other mine alice',
    ]);
  });
});

/** What may happen to a ledger, in any order. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      user: fc.constantFrom('alice', 'bob 1', 'alice 1'),
      groups: fc.subarray(['web', 'ops', 'alice', 'web']),
      action: fc.constantFrom(
        'container.create',
        'volume.create',
        'image.pull',
        'build',
        'exec.create',
        'container.list',
      ),
      rules: fc.subarray(['a/b', 'a/b.c', 'body-absent']),
      watched: fc.boolean(),
      named: fc.boolean(),
      volumes: fc.subarray(['v 1', 'v2']),
      deny: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('repeat' as const),
      slot: fc.nat(2),
      count: fc.integer({ min: 1, max: 5 }),
      deny: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      nth: fc.nat(20),
      outcome: fc.constantFrom('done' as const, 'failed' as const, 'unknown' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('correct' as const), nth: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 100 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('count' as const),
      steps: fc.integer({ min: 1, max: 3 }),
      rows: fc.nat(30),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
);

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Lets it happen, and gives every record that there ever was. */
function play(happenings: readonly Happening[]): LedgerRecord[] {
  let now = start;
  const kept = new Map<number, LedgerRecord>();
  /** Allowed ones by id and digest, and the ids of counts, with what a minute's first one was. */
  const allowed: { id: string; digest: string }[] = [];
  const repeats = new Map<string, { id: string; draft: Draft<DecisionRecord> }>();
  const append = (...entries: readonly Entry[]) => {
    store.append(entries, now);
    for (const record of records()) kept.set(record.seq, record);
  };
  for (const one of happenings) {
    now += 7000;
    switch (one.kind) {
      case 'decide': {
        const digest = ulid(now).padEnd(64, '0');
        const violations = one.rules.map((rule) => ({
          ...broken(rule)[0],
          ...(one.watched && { mode: 'audit' as const }),
        }));
        const entry = decided(
          {
            decision: one.deny ? 'deny' : 'allow',
            subject: { name: one.user, groups: one.groups, method: 'tls' },
            action: one.action,
            operation: one.action === 'container.list' ? 'READ' : 'CREATE',
            digest,
            ...(one.named && { resource: { kind: 'any', ref: 'mine' } }),
            ...(violations.length > 0 && { violations: violations as Draft<DecisionRecord>['violations'] }),
            ...(one.volumes.length > 0 && { obligations: one.volumes.map((name) => `own volume ${name}`) }),
          },
          now,
        );
        if (entry.kind === 'decision' && !one.deny) allowed.push({ id: entry.draft.id, digest });
        append(entry);
        break;
      }
      case 'repeat': {
        const key = `${Math.floor(now / minute)} ${one.slot} ${one.deny}`;
        const first = draft(
          {
            action: 'container.list',
            operation: 'READ',
            decision: one.deny ? 'deny' : 'allow',
            ...(one.deny && { violations: broken('a/b') }),
          },
          now,
        );
        const known = repeats.get(key) ?? { id: first.id, draft: first };
        repeats.set(key, known);
        if (!one.deny) allowed.push({ id: known.id, digest: '' });
        append({
          kind: 'repeats',
          repeat: { id: known.id, minute: Math.floor(now / minute) },
          count: one.count,
          draft: known.draft,
        });
        break;
      }
      case 'settle': {
        const digest = allowed[one.nth]?.digest;
        if (digest) append(answered(digest, { outcome: one.outcome, newId: `id${one.nth}` }, now));
        break;
      }
      case 'correct': {
        const id = allowed[one.nth]?.id;
        if (id !== undefined) append(corrected(id, 'ledger-stalled', now));
        break;
      }
      case 'wait':
        now += one.minutes * minute;
        append();
        break;
      case 'count':
        for (let step = 0; step < one.steps; step++) store.count(one.rows);
        break;
      case 'crash':
        store.close();
        store = new Store(path);
        break;
      case 'expire':
        store.expire({ age: 1e12, size: 0 }, 'h', now);
        append();
    }
  }
  return [...kept.values()].sort((a, b) => a.seq - b.seq);
}

/** A line of the account as text, by its hours alone. */
function totals(all: readonly string[], dim: string, { from, to }: Hours): readonly string[] {
  const sums = new Map<string, number>();
  for (const line of all) {
    const [, hour = '', key = '', counts = ''] =
      new RegExp(`^${dim} hour (\\S+) (.*) - (.*)$`).exec(line) ?? [];
    const at = hourOf(Date.parse(`${hour}:00:00Z`));
    if (!(at >= from && at < to)) continue;
    for (const part of counts.split(' ')) {
      const [name, n] = part.split('=');
      sums.set(`${key} ${name}`, (sums.get(`${key} ${name}`) ?? 0) + Number(n));
    }
  }
  return Array.from(sums, ([name, n]) => `${name}=${n}`).sort();
}

/** The same as a reader finds it: in the tables, the records behind them, and what is counted in a minute under way. */
function readTotals(dim: 'user' | 'group' | 'action' | 'rule', hours: Hours): readonly string[] {
  const reader = new LedgerReader(path);
  const { lines } = reader.account((account) => account.lines(dim, hours, 1000));
  reader.close();
  return lines
    .flatMap(({ key, tally }) =>
      counted.filter((name) => tally[name] !== 0).map((name) => `${key} ${name}=${tally[name]}`),
    )
    .sort();
}

const pending = () =>
  read<{ draft: string; count: number }>('SELECT draft, count FROM counts').map(
    ({ draft, count }): Draft<DecisionRecord> => ({ ...JSON.parse(draft), count }),
  );

describe('the account', () => {
  it('is what somebody counts who has all records before him, whatever happened meanwhile', () => {
    const anHour = fc.integer({ min: -3, max: 100 }).map((hours) => hourOf(start) + hours);
    fc.assert(
      fc.property(
        fc.array(happening, { minLength: 1, maxLength: 60 }),
        fc.tuple(anHour, anHour),
        (happenings, [one, other]) => {
          const all = play(happenings);
          const some = { from: Math.min(one, other), to: Math.max(one, other) };
          const expected = naiveAccount(all, pending());
          for (const dim of ['user', 'group', 'action', 'rule'] as const) {
            for (const hours of [hoursOf({}), some]) {
              expect(readTotals(dim, hours)).toEqual(totals(expected, dim, hours));
            }
          }
          countAll();
          expect(lines()).toEqual(naiveAccount(all, []));
          store.close();
          rmSync(folder, { recursive: true });
          folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
          path = join(folder, 'ledger.db');
          store = new Store(path);
        },
      ),
      { numRuns: 120 },
    );
  }, 120_000);

  it('of a ledger that has none is made from its beginning', () => {
    const digest = 'd'.repeat(64);
    store.append([decided({ digest }), answered(digest, { outcome: 'done', newId: 'c1' })], start);
    store.close();
    forgetAccount();
    expect(() => readTotals('user', hoursOf({}))).toThrow(/has no account/);
    store = new Store(path);
    // Nothing is counted yet, and who reads counts it.
    expect(readTotals('user', hoursOf({}))).toEqual(['alice containers=1', 'alice requests=1']);
    countAll();
    expect(lines()).toEqual(naiveAccount(records(), []));
    expect(owners()).toEqual(['container c1 null alice']);
  });

  it('is taken up by the other of two writers where the one left off', () => {
    store.append([decided(), decided()], start);
    const other = new Store(path);
    countAll();
    store.append([decided()], start);
    other.count(1);
    other.count(1);
    countAll();
    other.close();
    expect(lines()).toEqual(naiveAccount(records(), []));
  });

  it('forgets what is older than is to be kept, by whole months', () => {
    const days = 86_400_000;
    // The 31st of October, the 2nd and the 30th of November.
    for (const ago of [0, 2, 30]) store.append([decided({}, start + ago * days)], start);
    const digest = 'd'.repeat(64);
    store.append(
      [
        decided({ digest, action: 'exec.create' }, start + 2 * days),
        answered(digest, { outcome: 'done', newId: 'e1' }, start + 2 * days),
      ],
      start,
    );
    countAll();
    const months = () => [...new Set(lines().map((line) => /\d{4}-\d\d/.exec(line)?.[0]))];
    const forget = (age: number) => {
      while (store.expire({ age: age * days, size: 1e12 }, 'h', start + 30 * days));
    };
    forget(31);
    expect(months()).toEqual(['2026-10', '2026-11']);
    forget(28);
    expect(months()).toEqual(['2026-11']);
    // Nobody asks for an exec after a day.
    expect(owners()).toEqual([]);
  });
});

/** As an older version leaves the file. */
function forgetAccount(): void {
  const db = new DatabaseSync(path);
  db.exec('DROP TABLE account; DROP TABLE usage; DROP TABLE seen; DROP TABLE owners');
  db.close();
}
