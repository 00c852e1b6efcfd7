import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { owning } from '../../model/obligation.ts';
import { LedgerReader } from '../reader.ts';
import type { DecisionRecord, Draft } from '../record.ts';
import { Store } from '../store.ts';
import type { KeptOwner, OwnedKind, OwnerFilter } from './owners.ts';

const start = Date.parse('2026-11-24T09:00:00.000Z');
const second = 1000;
let folder: string;
let store: Store;
let reader: LedgerReader;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  const path = join(folder, 'ledger.db');
  store = new Store(path);
  reader = new LedgerReader(path);
});

afterEach(() => {
  reader.close();
  store.close();
  rmSync(folder, { recursive: true });
});

/** Records a request; gives its decision's id. */
function ask(user: string, action: string, at: number, values: Partial<Draft<DecisionRecord>> = {}): string {
  const id = ulid(at);
  const draft: Draft<DecisionRecord> = {
    type: 'decision',
    id,
    time: new Date(at).toISOString(),
    host: 'h',
    decision: 'allow',
    subject: { name: user, groups: ['web'], method: 'tls' },
    action,
    operation: 'CREATE',
    digest: id.padEnd(64, '0'),
    facts: 'off',
    gate: 'request',
    ...values,
  };
  store.append([{ kind: 'decision', draft }], at);
  return id;
}

type Outcome = 'done' | 'failed' | 'unknown';

/** Records a request and its answer, a second later. */
function make(
  user: string,
  action: string,
  newId: string,
  at: number,
  {
    ref,
    outcome = 'done',
    ...values
  }: Partial<Draft<DecisionRecord>> & { ref?: string; outcome?: Outcome } = {},
): string {
  const kind = action.split('.')[0] ?? '';
  const id = ask(user, action, at, { resource: { kind, ...(ref !== undefined && { ref }) }, ...values });
  const time = new Date(at + second).toISOString();
  const draft = { type: 'settled', id: ulid(at + second), time, host: 'h', outcome, newId } as const;
  store.append([{ kind: 'response', digest: id.padEnd(64, '0'), draft }], at + second);
  return id;
}

const image = (role: string, ...refs: readonly string[]) => ({
  object: { images: refs.map((ref) => ({ role, ref })) },
});

function countAll(): void {
  while (store.count(1));
}

function gone(of: string, there: readonly string[], asked: number): void {
  store.append([{ kind: 'present', of, things: there.map((id) => ({ id })), asked }], asked);
}

const list = (filter: OwnerFilter, limit = 100, cursor?: string) =>
  reader.account((account) => account.owners().list(filter, limit, cursor));
const shown = ({ kind, id, name, subject, gone }: KeptOwner) =>
  `${kind} ${id} ${name} ${subject}${gone === undefined ? '' : ' gone'}`;
const found = (kind: OwnedKind, name: string, limit = 10) =>
  reader.account((account) => account.owners().find(kind, name, limit));
function foundText(kind: OwnedKind, name: string): string {
  const it = found(kind, name);
  return it.is === 'one' ? shown(it.owner) : it.is === 'several' ? `several: ${it.ids.join(' ')}` : 'none';
}

const hex = (start: string) => start.padEnd(64, '0');

// Whatever is read is the same while records are in the table and while they are not yet.
describe.each([
  ['in the table', countAll],
  ['not counted yet', () => {}],
])('owners %s', (_, settle) => {
  it('are listed newest first, by kind and subject, execs only where they are asked for', () => {
    make('alice', 'container.create', hex('aa'), start, { ref: 'web' });
    make('bob', 'network.create', hex('bb'), start + 10 * second, { ref: 'net' });
    make('alice', 'exec.create', hex('ee'), start + 20 * second, { ref: 'web' });
    make('alice', 'volume.create', 'data', start + 30 * second, {
      ref: 'data',
      obligations: [owning({ kind: 'volume', name: 'data' })],
    });
    settle();
    const texts = (filter: OwnerFilter) => list(filter).items.map(shown);
    const [exec, network, container, volume] = [
      `exec ${hex('ee')} web alice`,
      `network ${hex('bb')} net bob`,
      `container ${hex('aa')} web alice`,
      'volume data data alice',
    ];
    expect(texts({})).toEqual([volume, network, container]);
    expect(texts({ kind: 'exec' })).toEqual([exec]);
    expect(texts({ subject: 'alice' })).toEqual([volume, container]);
    expect(texts({ subject: 'alice', kind: 'network' })).toEqual([]);
    expect(texts({ subject: 'a*' })).toEqual([]);
  });

  it('come each once over all pages, those of one millisecond too', () => {
    const ids = Array.from({ length: 23 }, (_, n) => hex(`a${n}x`));
    for (const [n, id] of ids.entries()) make('alice', 'container.create', id, start + Math.floor(n / 7));
    settle();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = list({}, 5, cursor);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(23);
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(seen).toEqual(list({}).items.map(({ id }) => id));
  });

  it('are found by id, by name and by the beginning of an id, and nobody by less', () => {
    make('alice', 'container.create', hex('abc1'), start, { ref: 'web' });
    make('bob', 'container.create', hex('abd2'), start, { ref: 'db' });
    make('eve', 'container.create', hex('cc'), start, { ref: 'abc' });
    make('bob', 'volume.create', 'data', start, { resource: { kind: 'volume' } });
    settle();
    expect(foundText('container', hex('abc1'))).toBe(`container ${hex('abc1')} web alice`);
    expect(foundText('container', 'db')).toBe(`container ${hex('abd2')} db bob`);
    expect(foundText('container', 'abd')).toBe(`container ${hex('abd2')} db bob`);
    // As for docker, a name goes before the beginning of an id.
    expect(foundText('container', 'abc')).toBe(`container ${hex('cc')} abc eve`);
    expect(foundText('container', 'ab')).toMatch(/^several: abc10+ abd20+$|^several: abd20+ abc10+$/);
    expect(foundText('network', 'web')).toBe('none');
    expect(foundText('container', '')).toBe('none');
    expect(foundText('container', '../web')).toBe('none');
    expect(foundText('container', "' OR 1=1 --")).toBe('none');
    // Of volumes, ids are names.
    expect(foundText('volume', 'data')).toBe('volume data undefined bob');
    expect(foundText('volume', 'da')).toBe('none');
  });
});

describe('owners of what is gone', () => {
  it('are listed with all, and found where nothing else has their name', () => {
    make('alice', 'container.create', hex('a1'), start, { ref: 'web' });
    make('bob', 'container.create', hex('b1'), start + 10 * second, { ref: 'web' });
    countAll();
    gone('container', [], start + 20 * second);
    expect(list({}).items).toEqual([]);
    expect(list({ all: true }).items.map(shown)).toEqual([
      `container ${hex('b1')} web bob gone`,
      `container ${hex('a1')} web alice gone`,
    ]);
    expect(foundText('container', 'web')).toBe(`container ${hex('b1')} web bob gone`);
    make('eve', 'container.create', hex('e1'), start + 30 * second, { ref: 'web' });
    expect(foundText('container', 'web')).toBe(`container ${hex('e1')} web eve`);
    make('eve', 'container.create', hex('e2'), start + 40 * second, { ref: 'web' });
    expect(foundText('container', 'web')).toBe(`several: ${hex('e2')} ${hex('e1')}`);
  });
});

describe('owners of what is made anew', () => {
  it('are the last ones, also while that is not counted yet', () => {
    const named = { ref: 'data', obligations: [owning({ kind: 'volume', name: 'data' })] };
    make('alice', 'volume.create', 'data', start, named);
    countAll();
    gone('volume', [], start + 10 * second);
    make('bob', 'volume.create', 'data', start + 20 * second, named);
    for (const settle of [() => {}, countAll]) {
      settle();
      expect(list({ all: true }).items.map(shown)).toEqual(['volume data data bob']);
    }
  });
});

describe('the makers of an image', () => {
  const makers = (ref: string, limit = 10) => {
    const it = found('image', ref, limit);
    if (it.is !== 'one') return it.is;
    const { items, more } = it.makers ?? { items: [], more: false };
    return [...items.map(({ subject, action }) => `${subject} ${action}`), ...(more ? ['more'] : [])];
  };

  it('are all who pulled, built or committed it, newest first, by any spelling', () => {
    make('alice', 'image.pull', '', start, { outcome: 'unknown', ...image('pull', 'alpine') });
    make('bob', 'image.pull', '', start + 10, {
      outcome: 'done',
      ...image('pull', 'docker.io/library/alpine:latest'),
    });
    make('eve', 'image.pull', '', start + 20, { outcome: 'failed', ...image('pull', 'alpine') });
    make('eve', 'image.pull', '', start + 30, { outcome: 'unknown', ...image('pull', 'alpine:3.20') });
    make('eve', 'container.create', hex('c'), start + 40, image('run', 'alpine'));
    ask('eve', 'image.pull', start + 50, image('pull', 'alpine'));
    ask('eve', 'image.pull', start + 60, { decision: 'deny', ...image('pull', 'alpine') });
    make('carol', 'build', '', start + 70, { outcome: 'unknown', ...image('build', 'alpine') });
    make('dan', 'container.commit', hex('d'), start + 80, image('commit', 'alpine'));
    for (const ref of [
      'alpine',
      'alpine:latest',
      'library/alpine',
      'docker.io/alpine',
      'index.docker.io/library/alpine',
    ])
      expect(makers(ref), ref).toEqual([
        'dan container.commit',
        'carol build',
        'bob image.pull',
        'alice image.pull',
      ]);
    expect(makers('alpine', 2)).toEqual(['dan container.commit', 'carol build', 'more']);
    expect(makers('alpine:3.20')).toEqual(['eve image.pull']);
    expect(makers('alpine:3.2')).toBe('none');
  });

  it('are known of a second name of a build too, as far as it is its last', () => {
    make('alice', 'build', '', start, { outcome: 'unknown', ...image('build', 'one', 'two') });
    countAll();
    expect(makers('two')).toEqual(['alice build']);
  });
});

describe('whose it was that a request was about', () => {
  const owner = (id: string) => reader.get(id)?.owner?.subject;

  it('is what its name stood for when it was asked', () => {
    const before = ask('x', 'container.start', start, { resource: { kind: 'container', ref: 'web' } });
    const making = make('alice', 'container.create', hex('a1'), start + 10 * second, { ref: 'web' });
    const first = ask('x', 'container.start', start + 20 * second, {
      resource: { kind: 'container', ref: 'web' },
    });
    countAll();
    gone('container', [], start + 30 * second);
    const between = ask('x', 'container.start', start + 40 * second, {
      resource: { kind: 'container', ref: 'web' },
    });
    make('bob', 'container.create', hex('b1'), start + 50 * second, { ref: 'web' });
    const second_ = ask('x', 'container.start', start + 60 * second, {
      resource: { kind: 'container', ref: 'web' },
    });
    expect([before, making, first, between, second_].map(owner)).toEqual([
      undefined,
      'alice',
      'alice',
      undefined,
      'bob',
    ]);
  });

  it.each<[string, string, Draft<DecisionRecord>['resource'], string | undefined]>([
    [
      'by the id that was looked up',
      'container.start',
      { kind: 'container', ref: 'other', id: hex('a1') },
      'alice',
    ],
    ['by that alone', 'container.start', { kind: 'container', ref: 'web', id: hex('f') }, undefined],
    ['by its id', 'container.stop', { kind: 'container', ref: hex('a1') }, 'alice'],
    ['by its short id', 'container.stop', { kind: 'container', ref: hex('a1').slice(0, 12) }, 'alice'],
    ['not by less of it', 'container.stop', { kind: 'container', ref: 'a1' }, undefined],
    ['the container of an exec', 'exec.create', { kind: 'exec', ref: 'web' }, 'alice'],
    ['the exec', 'exec.start', { kind: 'exec', ref: hex('e1') }, 'bob'],
    ['an image by another spelling', 'image.delete', { kind: 'image', ref: 'alpine' }, 'carol'],
    ['of its kind', 'volume.delete', { kind: 'volume', ref: 'web' }, undefined],
    ['of nothing', 'container.list', { kind: 'container' }, undefined],
    ['of a hostile name', 'volume.delete', { kind: 'volume', ref: '=1+1\u001b[31m\n' }, 'eve'],
  ])('%s', (_, action, resource, expected) => {
    make('alice', 'container.create', hex('a1'), start, { ref: 'web' });
    make('bob', 'exec.create', hex('e1'), start, { ref: 'web' });
    make('carol', 'image.pull', '', start, {
      outcome: 'unknown',
      ...image('pull', 'docker.io/library/alpine'),
    });
    make('eve', 'volume.create', 'x', start, {
      ref: 'x',
      obligations: [owning({ kind: 'volume', name: '=1+1\u001b[31m\n' })],
    });
    const id = ask('x', action, start + 10 * second, resource && { resource });
    expect(owner(id)).toBe(expected);
    expect(reader.query({}, 1).items[0]?.owner?.subject).toBe(expected);
    countAll();
    expect(owner(id)).toBe(expected);
  });
});
