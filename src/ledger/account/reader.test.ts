import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLedger, type Values } from '../../../test/ledgerOf.ts';
import type { Entry } from '../entry.ts';
import { LedgerReader } from '../reader.ts';
import { hoursOf } from './periods.ts';
import type { AccountReader } from './reader.ts';

const hour = 3_600_000;
const start = Date.parse('2026-11-24T08:00:00.000Z');
const always = hoursOf({});

let ledger: ReturnType<typeof makeLedger>;

beforeEach(() => {
  ledger = makeLedger();
});
afterEach(() => ledger.remove());

function read<T>(what: (account: AccountReader) => T): T {
  const reader = new LedgerReader(ledger.path);
  try {
    return reader.account(what);
  } finally {
    reader.close();
  }
}

const countAll = () => {
  while (ledger.store.count(1));
};

/** A create that is done; gives the decision's id. */
function create(values: Values, newId: string, at: number): string {
  const digest = newId.padEnd(64, '0');
  const id = ledger.add({ decision: 'allow', digest, ...values }, at);
  const time = new Date(at).toISOString();
  const draft = {
    type: 'settled',
    id: ulid(at),
    time,
    host: 'h',
    outcome: 'done',
    newId,
  } as const;
  ledger.store.append([{ kind: 'response', digest, draft }], at);
  return id;
}

const named = (ref: string): Values => ({ resource: { kind: 'container', ref } });

describe('subject()', () => {
  // The same, whether the tables have it or the records behind them.
  it.each(['in the tables', 'behind them', 'half and half'])('says all of one: %s', (where) => {
    const web = create(named('web'), 'c1', start);
    if (where === 'half and half') countAll();
    create(named('db'), 'c2', start + hour);
    create({ action: 'exec.create' }, 'e1', start + hour);
    create({ ...named('theirs'), subject: { name: 'bob', groups: [], method: 'none' } }, 'c3', start);
    const violations = [{ rule: 'house/memory', message: 'm', fix: 'f' }];
    ledger.add({ violations }, start + 2 * hour);
    const newest = ledger.add({ violations, client: 'Docker-Client/28' }, start + 26 * hour);
    ledger.add(
      {
        subject: { name: 'alice', groups: ['ops'], method: 'token' },
        decision: 'allow',
        action: 'container.list',
      },
      start + 26 * hour,
    );
    if (where === 'in the tables') countAll();
    const day = Date.parse('2026-11-25T00:00:00.000Z');
    const found = read((account) => account.subject('alice', always, 10));
    expect(found).toMatchObject({
      subject: 'alice',
      tally: { requests: 6, denied: 2, containers: 2, execs: 1, first: start, last: start + 26 * hour },
      groups: [
        { value: 'web', first: start, lastDay: day },
        { value: 'ops', first: start + 26 * hour, lastDay: day },
      ],
      methods: [{ value: 'tls' }, { value: 'token' }],
      clients: [{ value: 'Docker-Client/28', first: start + 26 * hour, lastDay: day }],
      actions: [
        { key: 'container.create', tally: { requests: 4, denied: 2 } },
        { key: 'container.list', tally: { requests: 1, denied: 0 } },
        { key: 'exec.create', tally: { requests: 1, denied: 0 } },
      ],
      rules: [{ key: 'house/memory', tally: { denied: 2, newest } }],
      owns: [
        {
          kind: 'container',
          count: 2,
          newest: [
            { id: 'c2', name: 'db', time: start + hour },
            { id: 'c1', name: 'web', decision: web },
          ],
        },
      ],
    });
    expect(found?.hours.map(({ requests }) => requests)).toEqual([1, 2, 1, 2]);
  });

  it('shows what is still there, once, under whom it is now', () => {
    create(named('a'), 'c1', start);
    create(named('b'), 'c2', start);
    const volume = (name: string) => ({
      action: 'volume.create',
      subject: { name, groups: [], method: 'tls' as const },
      obligations: ['own volume data'],
    });
    create(volume('alice'), 'data', start);
    countAll();
    ledger.store.append(
      [{ kind: 'present', of: 'container', things: [{ id: 'c2' }], asked: start + 1 }],
      start,
    );
    const owns = (subject: string) =>
      read((account) => account.subject(subject, always, 10))?.owns.map(
        ({ kind, count, newest }) => `${count} ${kind} ${newest.map(({ id }) => id).join(' ')}`,
      );
    expect(owns('alice')).toEqual(['1 container c2', '1 volume data']);
    create(volume('bob'), 'data', start + 1);
    expect(owns('alice')).toEqual(['1 container c2']);
    expect(owns('bob')).toEqual(['1 volume data']);
  });

  it('counts what it owns in full and names the newest', () => {
    for (let nth = 0; nth < 5; nth++) create(named(`c${nth}`), `id${nth}`, start + nth);
    countAll();
    const found = read((account) => account.subject('alice', always, 2));
    expect(found?.owns).toMatchObject([
      { kind: 'container', count: 5, newest: [{ id: 'id4' }, { id: 'id3' }] },
    ]);
  });

  it.each(['in the tables', 'behind them', 'half and half'])(
    'keeps the first 20 clients and takes all others for one: %s',
    (where) => {
      for (let nth = 0; nth < 50; nth++) {
        ledger.add({ client: `client ${nth} ${'x'.repeat(500)}` }, start + nth);
        if (where === 'half and half' && nth === 10) countAll();
      }
      if (where === 'in the tables') countAll();
      const clients = read((account) => account.subject('alice', always, 1))?.clients ?? [];
      const numbers = clients.map(({ value }) => /\d+/.exec(value)?.[0] ?? value);
      expect(numbers).toEqual([...Array.from({ length: 20 }, (_, nth) => String(nth)), '']);
      expect(clients[0]?.value).toHaveLength(200);
    },
  );

  it('knows nobody who never asked', () => {
    ledger.add({}, start);
    expect(read((account) => account.subject('Alice', always, 1))).toBeUndefined();
  });

  it('of an hour in which it did nothing has nothing, and still knows who it is', () => {
    ledger.add({}, start);
    const found = read((account) => account.subject('alice', hoursOf({ since: start + hour }), 1));
    expect(found).toMatchObject({
      tally: { requests: 0 },
      actions: [],
      hours: [],
      groups: [{ value: 'web' }],
    });
  });
});

describe('lines()', () => {
  it('has the most frequent first, equal ones by name, and says whether there are more', () => {
    for (const name of ['b', 'a', 'c', 'c']) {
      ledger.add({ subject: { name, groups: [], method: 'none' } }, start);
    }
    const keys = (limit: number) => {
      const { lines, more } = read((account) => account.lines('user', always, limit));
      return [...lines.map(({ key }) => key), more];
    };
    expect(keys(2)).toEqual(['c', 'a', true]);
    expect(keys(3)).toEqual(['c', 'a', 'b', false]);
    countAll();
    expect(keys(2)).toEqual(['c', 'a', true]);
    expect(keys(3)).toEqual(['c', 'a', 'b', false]);
  });
});

describe('reach', () => {
  it('is of this moment, though not all is in the tables', () => {
    ledger.add({}, start);
    expect(read(({ reach }) => reach)).toEqual({ since: start, behind: 0 });
  });

  it('ends where the tables do while very much is not in them', () => {
    ledger.add({}, start);
    countAll();
    ledger.store.append(
      Array.from({ length: 10_001 }, (_, nth) => entry(nth)),
      start,
    );
    const account = read((account) => [
      account.reach,
      account.lines('user', always, 1).lines[0]?.tally.requests,
    ]);
    expect(account).toEqual([{ since: start, until: start, behind: 10_001 }, 1]);
  });
});

function entry(nth: number): Entry {
  const time = new Date(start + hour).toISOString();
  return {
    kind: 'decision',
    draft: {
      type: 'decision',
      id: `01KAT${String(nth).padStart(21, '0')}`,
      time,
      host: 'h',
      decision: 'allow',
      subject: { name: 'alice', groups: [], method: 'tls' },
      action: 'container.list',
      facts: 'off',
      gate: 'request',
    },
  };
}
