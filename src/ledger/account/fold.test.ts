import { describe, expect, it } from 'vitest';
import type { DecisionRecord, LedgerRecord } from '../record.ts';
import { Fold, type Log } from './fold.ts';
import { counted } from './tally.ts';

const time = '2026-11-24T08:00:00.000Z';
const id = '01M85DHPM00000000000000001';
const common = { v: 1, prev: '0'.repeat(64), hash: '0'.repeat(64), time, host: 'h' } as const;

function decision(values: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    ...common,
    type: 'decision',
    seq: 1,
    id,
    decision: 'allow',
    subject: { name: 'alice', groups: ['web'], method: 'tls' },
    action: 'container.create',
    facts: 'off',
    gate: 'request',
    ...values,
  };
}

function settled(outcome: 'done' | 'failed' | 'unknown', newId?: string): LedgerRecord {
  return {
    ...common,
    type: 'settled',
    seq: 2,
    id: `${id.slice(0, -1)}2`,
    of: id,
    outcome,
    ...(newId && { newId }),
  };
}

function corrected(reason: string, seq = 2): LedgerRecord {
  return { ...common, type: 'corrected', seq, id: `${id.slice(0, -1)}${seq}`, of: id, reason };
}

const denial = {
  decision: 'deny',
  violations: ['house/memory.max'].map((rule) => ({ rule, message: 'm', fix: 'f' })),
} as const;

/** All of an account but its hours, as text. */
function folded(records: readonly LedgerRecord[], also: Partial<Log> = {}): readonly string[] {
  const fold = new Fold();
  const log: Log = {
    decision: (of) =>
      records.filter((record) => record.type === 'decision').find((record) => record.id === of),
    corrections: (of, before) =>
      records
        .filter((record) => record.type === 'corrected' && record.of === of && record.seq < before)
        .flatMap((record) => (record.type === 'corrected' ? [record.reason] : [])),
    ...also,
  };
  for (const record of records) fold.add(record, log);
  return Array.from(fold.usage, ({ dim, key, sub, tally }) => {
    const counts = counted.filter((name) => tally[name] > 0).map((name) => `${name} ${tally[name]}`);
    return [dim, key, sub, ...counts].filter((part) => part !== '').join(' ');
  });
}

/** What is counted of alice. */
const ofAlice = (...records: readonly LedgerRecord[]) =>
  folded(records).find((line) => line.startsWith('user alice'));

describe('a request', () => {
  it('counts for its subject, its groups each once, its action, and its subject with the action', () => {
    const subject = { name: 'alice', groups: ['web', 'ops', 'web'], method: 'tls' } as const;
    expect(folded([decision({ subject: { ...subject, groups: [...subject.groups] } })])).toEqual([
      'user alice requests 1',
      'action container.create requests 1',
      'user-action alice container.create requests 1',
      'group web requests 1',
      'group ops requests 1',
    ]);
  });

  it('that is denied counts for each rule by its full name, once', () => {
    const rules = ['house/memory.max', 'house/memory.max', 'house/binds'];
    const violations = rules.map((rule) => ({ rule, message: 'm', fix: 'f' }));
    expect(folded([decision({ decision: 'deny', violations })])).toEqual([
      'user alice requests 1 denied 1',
      'action container.create requests 1 denied 1',
      'user-action alice container.create requests 1 denied 1',
      'group web requests 1 denied 1',
      'rule house/memory.max requests 1 denied 1',
      'user-rule alice house/memory.max requests 1 denied 1',
      'rule house/binds requests 1 denied 1',
      'user-rule alice house/binds requests 1 denied 1',
    ]);
  });

  it.each(['audit', 'warn', 'shadow'] as const)(
    'that a rule of mode %s only watches is not denied',
    (mode) => {
      const violations = [{ rule: 'house/memory', message: 'm', fix: 'f', mode }];
      const lines = folded([
        decision({ violations }),
        decision({ ...denial, seq: 2, violations: [...denial.violations, ...violations] }),
      ]);
      expect(lines[0]).toBe('user alice requests 2 denied 1');
      expect(lines.filter((line) => line.startsWith('rule'))).toEqual([
        'rule house/memory.max requests 1 denied 1',
      ]);
    },
  );
});

describe('what a record says of others', () => {
  it.each<[string, readonly LedgerRecord[], string]>([
    ['repeats count in full', [decision({ count: 7 })], 'user alice requests 7'],
    ['repeats that are denied', [decision({ ...denial, count: 7 })], 'user alice requests 7 denied 7'],
    [
      'a correction denies one request',
      [decision(), corrected('ledger-stalled')],
      'user alice requests 1 denied 1',
    ],
    [
      'and no more than there were',
      [decision(), corrected('ledger-stalled'), corrected('ledger-stalled', 3)],
      'user alice requests 1 denied 1',
    ],
    [
      'one of repeats',
      [decision({ count: 7 }), corrected('ledger-stalled')],
      'user alice requests 7 denied 1',
    ],
    [
      'one of repeats that are recorded later',
      [corrected('ledger-stalled', 2), decision({ count: 7, seq: 3 })],
      'user alice requests 7 denied 1',
    ],
    [
      'what was denied already',
      [decision(denial), corrected('ledger-stalled')],
      'user alice requests 1 denied 1',
    ],
  ])('%s', (_, records, expected) => {
    expect(ofAlice(...records)).toBe(expected);
  });

  it('a correction counts for its reason as a rule, in the hour of the request', () => {
    const late = { ...corrected('ledger-stalled'), time: '2026-11-24T09:30:00.000Z' };
    const lines = folded([decision(), late]);
    expect(lines).toContain('user alice requests 1 denied 1');
    expect(lines).toContain('user-rule alice ledger-stalled requests 1 denied 1');
  });

  it('of what is not there any longer says nothing', () => {
    expect(folded([corrected('ledger-stalled'), settled('done', 'c1')])).toEqual([]);
  });
});

describe('what is made', () => {
  it.each<[string, 'done' | 'failed' | 'unknown', string]>([
    // Action, what the daemon told, what counts beside the request.
    ['container.create', 'done', 'containers 1'],
    ['container.create', 'unknown', ''],
    ['container.create', 'failed', ''],
    ['network.create', 'done', 'networks 1'],
    ['exec.create', 'done', 'execs 1'],
    ['service.create', 'done', 'services 1'],
    ['secret.create', 'done', 'secrets 1'],
    ['config.create', 'done', 'configs 1'],
    // The daemon has chosen its name; of one with a name, which may have been there before, the obligation tells.
    ['volume.create', 'done', 'volumes 1'],
    ['container.start', 'done', ''],
    ['container.commit', 'done', 'images 1'],
    // It answers with a status where it succeeds, so that one without is none.
    ['container.commit', 'unknown', ''],
    // Of streams dockerd tells no status.
    ['image.pull', 'unknown', 'images 1'],
    ['image.pull', 'failed', ''],
    ['image.load', 'unknown', 'images 1'],
    ['image.import', 'unknown', 'images 1'],
    ['build', 'unknown', 'images 1 builds 1'],
    ['build', 'failed', ''],
  ])('%s, %s', (action, outcome, expected) => {
    const line = ofAlice(decision({ action }), settled(outcome, 'x'));
    expect(line).toBe(['user alice requests 1', expected].join(' ').trim());
  });

  it('volumes count by obligation, however they come about', () => {
    const obligations = ['own volume a', 'own volume b', 'own volume a', 'reserve memory 5'];
    expect(ofAlice(decision({ action: 'container.create', obligations }), settled('done', 'c1'))).toBe(
      'user alice requests 1 containers 1 volumes 2',
    );
    const create = { action: 'volume.create', resource: { kind: 'volume', ref: 'a' } };
    expect(ofAlice(decision({ ...create, obligations }), settled('done', 'a'))).toBe(
      'user alice requests 1 volumes 2',
    );
    expect(ofAlice(decision(create), settled('done', 'a'))).toBe('user alice requests 1');
    expect(ofAlice(decision({ action: 'volume.create', obligations }), settled('unknown'))).toBe(
      'user alice requests 1',
    );
  });

  it('counts in the hour in which it was answered', () => {
    const fold = new Fold();
    const first = decision();
    const log = { decision: () => first, corrections: () => [] };
    fold.add(first, log);
    fold.add({ ...settled('done', 'c1'), time: '2026-11-24T09:00:00.000Z' }, log);
    const user = Array.from(fold.usage).filter(({ dim }) => dim === 'user');
    expect(user.map(({ tally }) => [tally.requests, tally.containers, tally.first])).toEqual([
      [1, 0, Date.parse(time)],
      [0, 1, undefined],
    ]);
  });
});
