import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Message } from '../model/message.ts';
import type { Operation } from '../model/request.ts';
import { anonymous } from '../model/subject.ts';
import { hashOf } from './chain.ts';
import { digestOf, type Judged } from './draft.ts';
import type { WorkerOptions } from './entry.ts';
import type { Failure } from './failure.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';
import type { LedgerRecord } from './record.ts';
import { startWorker, type WorkerPort } from './writer.ts';

const policySet = 'a'.repeat(64);
const deadline = 5000;
const soon = (milliseconds = deadline) => performance.now() + milliseconds;

let folder: string;
let path: string;
let ledger: Ledger;
let health: (Failure | undefined)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  path = join(folder, 'ledger.db');
  health = [];
});

afterEach(async () => {
  await ledger.close(soon(200));
  rmSync(folder, { recursive: true });
});

const workerOptions = (): WorkerOptions => ({
  path,
  host: 'h',
  retention: { age: 1e12, size: 1e12 },
  reserve: { path: join(folder, 'reserve'), bytes: 0 },
});

async function open(options: Partial<LedgerOptions> = {}): Promise<void> {
  ledger = new Ledger({
    ...workerOptions(),
    coalesceAbove: 60,
    onHealth: (failure) => health.push(failure),
    ...options,
  });
  await ledger.open(policySet, [{ file: 'a.yaml', text: 'kind: Policy' }], soon());
}

let message = 0;

/** A decision on a message of its own. */
function judged(
  action: string,
  operation: Operation = 'CREATE',
  allow = true,
  uri = `/${++message}`,
): Judged {
  const id = ulid();
  const violations = allow ? [] : [{ rule: 'a/b', message: 'no.', fix: 'none.' }];
  return {
    decision: { id, allow, action, subject: anonymous, violations },
    message: { method: operation === 'READ' ? 'GET' : 'POST', uri, headers: {} },
    request: {
      action,
      operation,
      resource: { kind: 'x' },
      minor: 41,
      query: new Map(),
      object: {},
      unknown: [],
    },
    policySet,
  };
}

function messageOf({ message }: Judged): Message {
  if (message === undefined) throw new Error('these decisions are on messages');
  return message;
}

const create = () => judged('container.create');
const list = () => judged('container.list', 'READ');

function records(): readonly LedgerRecord[] {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  const rows = db.prepare('SELECT json FROM records ORDER BY seq').all();
  db.close();
  return rows.map(({ json }) => JSON.parse(String(json)));
}

const recordOf = ({ decision }: Judged) => records().find(({ id }) => id === decision.id);

describe('commit()', () => {
  it.each([
    ['an allowed write', create()],
    ['a denial', judged('container.create', 'CREATE', false)],
    ['a denied read', judged('container.list', 'READ', false)],
  ])('answers %s when its record is in the file', async (_, one) => {
    await open();
    expect(await ledger.commit(one, soon())).toEqual(one.decision);
    expect(recordOf(one)).toMatchObject({ decision: one.decision.allow ? 'allow' : 'deny', policySet });
  });

  it('answers an allowed read at once, whose record follows within 50 ms', async () => {
    await open();
    const one = list();
    await ledger.commit(one, soon());
    expect(recordOf(one)).toBeUndefined();
    await vi.waitFor(() => expect(recordOf(one)).toBeDefined(), { timeout: 1000, interval: 5 });
  });

  it('records those that come together in their order, in one unbroken chain', async () => {
    await open();
    const many = Array.from({ length: 200 }, create);
    await Promise.all(many.map((one) => ledger.commit(one, soon())));
    const all = records();
    expect(all.map(({ id }) => id).slice(1)).toEqual(many.map(({ decision }) => decision.id));
    expect(all.slice(1).map(({ prev }) => prev)).toEqual(all.slice(0, -1).map(({ hash }) => hash));
    for (const record of all) expect(hashOf(record)).toBe(record.hash);
  });
});

describe('repeats', () => {
  const denials = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => ledger.commit(judged('image.pull', 'CREATE', false), soon())),
    );

  it('above the limit are counted under an id that they share, durable before their answers', async () => {
    await open({ coalesceAbove: 3 });
    const ids = (await denials(10)).map(({ id }) => id);
    expect(new Set(ids.slice(0, 3)).size).toBe(3);
    expect(new Set(ids.slice(3)).size).toBe(1);
    const db = new DatabaseSync(path, { readOnly: true });
    expect(db.prepare('SELECT id, count FROM counts').all()).toEqual([{ id: ids[3], count: 7 }]);
    db.close();
    expect(records().filter(({ type }) => type === 'decision')).toHaveLength(3);
  });

  it('of allowed writes have a record each', async () => {
    await open({ coalesceAbove: 3 });
    await Promise.all(Array.from({ length: 10 }, () => ledger.commit(create(), soon())));
    expect(records().filter(({ type }) => type === 'decision')).toHaveLength(10);
  });

  it('are told apart by action, outcome and rules', async () => {
    await open({ coalesceAbove: 1 });
    const kinds = [
      list(),
      judged('image.list', 'READ'),
      judged('image.list', 'READ', false),
      judged('image.pull', 'CREATE', false),
    ];
    for (const one of kinds) expect((await ledger.commit(one, soon())).id).toBe(one.decision.id);
  });
});

describe('a message that the daemon sends again', () => {
  it('because the answer was lost is recorded once, and has the id of that record', async () => {
    await open();
    const first = judged('container.create', 'CREATE', true, '/again');
    const again = judged('container.create', 'CREATE', true, '/again');
    ledger.lose(messageOf(first), await ledger.commit(first, soon()));
    expect(await ledger.commit(again, soon())).toMatchObject({ id: first.decision.id, allow: true });
    expect(recordOf(again)).toBeUndefined();
    const honest = judged('container.create', 'CREATE', true, '/again');
    await ledger.commit(honest, soon());
    expect(recordOf(honest)).toBeDefined();
  });

  it('and is then decided otherwise is recorded again', async () => {
    await open();
    const first = judged('container.create', 'CREATE', true, '/again');
    ledger.lose(messageOf(first), await ledger.commit(first, soon()));
    const again = judged('container.create', 'CREATE', false, '/again');
    await ledger.commit(again, soon());
    expect(recordOf(again)).toMatchObject({ decision: 'deny' });
  });

  it('because the process was killed is recorded once', async () => {
    const worker = startWorker(workerOptions());
    await open({ start: () => worker });
    const first = judged('container.create', 'CREATE', true, '/again');
    await ledger.commit(first, soon());
    worker.disconnect();
    await once(worker, 'exit');
    await open();
    expect(await ledger.commit(judged('container.create', 'CREATE', true, '/again'), soon())).toMatchObject({
      id: first.decision.id,
    });
  });

  it.each([true, false])(
    'after a stop, which answered all, is an honest repeat (allowed: %s)',
    async (allow) => {
      await open();
      await ledger.commit(judged('container.create', 'CREATE', allow, '/again'), soon());
      await ledger.close(soon());
      await open();
      const again = judged('container.create', 'CREATE', allow, '/again');
      expect(await ledger.commit(again, soon())).toMatchObject({ id: again.decision.id, allow });
      expect(recordOf(again)).toBeDefined();
    },
  );

  it('though it was answered is an honest repeat', async () => {
    await open();
    const both = [1, 2].map(() => judged('container.create', 'CREATE', true, '/again'));
    for (const one of both) await ledger.commit(one, soon());
    for (const one of both) expect(recordOf(one)).toBeDefined();
  });
});

describe('settle()', () => {
  const answer = (text: string) => ({ responseBody: Buffer.from(text) });

  it.each([
    [
      'a new container',
      { status: 201, ...answer('{"Id":"abc","Warnings":[]}') },
      { outcome: 'done', status: 201, newId: 'abc' },
    ],
    ['a new secret', { status: 201, ...answer('{"ID":"abc"}\n') }, { outcome: 'done', newId: 'abc' }],
    [
      'a new volume',
      { status: 201, ...answer('{"Driver":"local","Name":"v1"}') },
      { outcome: 'done', newId: 'v1' },
    ],
    ['a new swarm', { status: 200, ...answer('"rxkk37"\n') }, { outcome: 'done', newId: 'rxkk37' }],
    ['a start', { status: 204 }, { outcome: 'done', status: 204 }],
    [
      'a name in use',
      { status: 409, ...answer('{"message":"Conflict"}') },
      { outcome: 'failed', status: 409 },
    ],
    ['a response without a status', {}, { outcome: 'unknown' }],
    ['a body that is no JSON', { status: 201, ...answer('{"Id":') }, { outcome: 'done' }],
  ])('records %s', async (_, response, expected) => {
    await open();
    const one = create();
    await ledger.commit(one, soon());
    ledger.settle({ ...messageOf(one), ...response });
    const settled = () => records().find(({ type }) => type === 'settled');
    await vi.waitFor(() => expect(settled()).toMatchObject({ of: one.decision.id, ...expected }), {
      timeout: 1000,
    });
  });
});

it('digestOf() does not depend on the order of the headers', () => {
  const message = { method: 'POST', uri: '/x', body: Buffer.from('b') };
  const one = digestOf({ ...message, headers: { A: '1', B: '2' } });
  expect(digestOf({ ...message, headers: { B: '2', A: '1' } })).toBe(one);
  for (const other of [{ method: 'PUT' }, { uri: '/y' }, { headers: {} }, { body: Buffer.from('c') }]) {
    expect(digestOf({ ...message, headers: { A: '1', B: '2' }, ...other })).not.toBe(one);
  }
});

/** A worker that can be stopped, as by a disk that hangs. */
function stoppable() {
  const workers: ChildProcess[] = [];
  const signal = (name: NodeJS.Signals) => workers.at(-1)?.kill(name);
  return {
    start(): WorkerPort {
      const worker = startWorker(workerOptions());
      workers.push(worker);
      return worker;
    },
    stop: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    end: () => signal('SIGKILL'),
    started: () => workers.length,
  };
}

// The worker has a batch and says nothing. Every answer comes within the deadline all the same.
describe('a disk that does not answer', () => {
  let worker: ReturnType<typeof stoppable>;

  beforeEach(async () => {
    worker = stoppable();
    await open({ start: worker.start });
  });

  it('denies with the path, in time, and is well again by itself', async () => {
    worker.stop();
    const began = performance.now();
    const [first, second, read] = [create(), create(), list()];
    const answers = Promise.all([first, second].map((one) => ledger.commit(one, soon(600))));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const late = ledger.commit(read, soon(400));
    for (const answer of [...(await answers), await late]) {
      expect(answer).toMatchObject({
        allow: false,
        violations: [{ rule: 'ledger-stalled', message: expect.stringContaining(path) }],
      });
    }
    expect(performance.now() - began).toBeLessThan(600);
    worker.goOn();
    const after = create();
    expect(await ledger.commit(after, soon())).toMatchObject({ allow: true });
    await vi.waitFor(() => expect(records().find(({ type }) => type === 'corrected')).toBeDefined());
    // The first was in the worker's hands and is taken back; the second and the read were not, and are denials.
    expect(records().filter(({ type }) => type === 'corrected')).toMatchObject([
      { of: first.decision.id, reason: 'ledger-stalled' },
    ]);
    expect(recordOf(first)).toMatchObject({ decision: 'allow' });
    for (const one of [second, read]) expect(recordOf(one)).toMatchObject({ decision: 'deny' });
  });

  it.each(['system.ping', 'system.options', 'system.version', 'system.info'])(
    'lets %s pass',
    async (action) => {
      worker.stop();
      void ledger.commit(create(), soon(200));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const began = performance.now();
      expect(await ledger.commit(judged(action, 'READ'), soon())).toMatchObject({ allow: true });
      expect(performance.now() - began).toBeLessThan(50);
      worker.goOn();
    },
  );
});

it('the record of a decision that came too late for its answer is corrected', async () => {
  await open();
  const one = create();
  ledger.correct(await ledger.commit(one, soon()), 'deadline-exceeded');
  await vi.waitFor(() =>
    expect(records().at(-1)).toMatchObject({
      type: 'corrected',
      of: one.decision.id,
      reason: 'deadline-exceeded',
    }),
  );
});

/** What is denied while it lasts, and that all is well afterwards. */
async function denied(code: string): Promise<void> {
  for (const one of [create(), list(), judged('container.delete', 'DELETE')]) {
    // Reads wait once the first failure is known.
    expect(await ledger.commit(one, soon(1500))).toMatchObject({
      allow: false,
      violations: [{ rule: code, message: expect.stringContaining(path), fix: expect.any(String) }],
    });
  }
  expect(await ledger.commit(judged('system.ping', 'READ'), soon(1500))).toMatchObject({ allow: true });
  expect(health.at(-1)).toMatchObject({ code });
}

async function well(): Promise<void> {
  const one = create();
  expect(await ledger.commit(one, soon())).toMatchObject({ allow: true });
  expect(recordOf(one)).toBeDefined();
  expect(health.at(-1)).toBeUndefined();
}

describe('a ledger that cannot be written', () => {
  it('is locked by another process', async () => {
    await open();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await denied('ledger-locked');
    other.exec('COMMIT');
    other.close();
    await well();
  });

  it('was damaged while it was open, and is moved away', async () => {
    await open();
    await ledger.close(soon());
    await open();
    const size = statSync(path).size;
    rmSync(path);
    writeFileSync(path, Buffer.alloc(size, 'x'));
    await denied('ledger-corrupt');
    rmSync(path);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    await well();
  });

  it('was moved away: a new one is begun', async () => {
    await open();
    renameSync(path, join(folder, 'old.db'));
    await well();
  });

  it('lost its folder', async () => {
    await open();
    renameSync(folder, `${folder}.away`);
    await denied('ledger-unwritable');
    renameSync(`${folder}.away`, folder);
    await well();
  });
});

it('a writer that ends denies, and is started again', async () => {
  const worker = stoppable();
  await open({ start: worker.start });
  worker.stop();
  const pending = ledger.commit(create(), soon());
  worker.end();
  expect(await pending).toMatchObject({ allow: false, violations: [{ rule: 'ledger-gone' }] });
  await vi.waitFor(well, { timeout: 3000, interval: 100 });
  expect(worker.started()).toBe(2);
});

it('an honest repeat is recorded, though the writer was started again in between', async () => {
  const worker = stoppable();
  await open({ start: worker.start });
  const [first, second] = [
    judged('container.create', 'CREATE', true, '/again'),
    judged('container.create', 'CREATE', true, '/again'),
  ];
  await ledger.commit(first, soon());
  worker.end();
  await vi.waitFor(well, { timeout: 3000, interval: 100 });
  expect(await ledger.commit(second, soon())).toEqual(second.decision);
  for (const one of [first, second]) expect(recordOf(one)).toBeDefined();
});

// As root: file systems of the test's own.
describe.runIf(process.getuid?.() === 0)('a small disk', () => {
  let disk: string;
  const reserve = 4 * 1024 * 1024;

  beforeEach(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
    path = join(disk, 'ledger.db');
  });

  afterEach(async () => {
    await ledger.close(soon(500));
    execFileSync('umount', ['-l', disk]);
  });

  const withReserve = () => open({ reserve: { path: join(disk, 'reserve'), bytes: reserve } });
  const hasReserve = () =>
    existsSync(join(disk, 'reserve')) && statSync(join(disk, 'reserve')).size >= reserve;
  /** Fills the disk to the last byte. */
  const fill = () => {
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=64k'], { stdio: 'ignore' });
    } catch {
      // dd ends for want of space.
    }
  };

  it('that is full: the reserve carries what frees space and what reads, all else is denied, and then all is well', async () => {
    await withReserve();
    await vi.waitFor(() => expect(hasReserve()).toBe(true), { timeout: 5000 });
    fill();
    let denial: Awaited<ReturnType<Ledger['commit']>>;
    do denial = await ledger.commit(create(), soon());
    while (denial.allow);
    expect(denial.violations).toMatchObject([
      { rule: 'ledger-full', fix: expect.stringContaining('docker system prune') },
    ]);
    expect(hasReserve()).toBe(false);
    const frees = ['container.delete', 'image.prune', 'build.prune', 'container.stop', 'container.kill'];
    for (const action of frees) {
      const one = judged(action, 'DELETE');
      expect(await ledger.commit(one, soon())).toMatchObject({ allow: true });
      expect(recordOf(one)).toBeDefined();
    }
    expect(await ledger.commit(list(), soon())).toMatchObject({ allow: true });
    expect(await ledger.commit(judged('container.start', 'UPDATE'), soon())).toMatchObject({ allow: false });
    rmSync(join(disk, 'filler'));
    await vi.waitFor(() => expect(hasReserve()).toBe(true), { timeout: 8000 });
    await vi.waitFor(async () =>
      expect(await ledger.commit(create(), soon())).toMatchObject({ allow: true }),
    );
    const all = records();
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
  }, 30_000);

  it('that is full without a reserve denies everything, and is well again when there is room', async () => {
    await open();
    fill();
    let denial: Awaited<ReturnType<Ledger['commit']>>;
    do denial = await ledger.commit(create(), soon());
    while (denial.allow);
    expect(denial.violations).toMatchObject([{ rule: 'ledger-full' }]);
    expect(await ledger.commit(judged('system.ping', 'READ'), soon())).toMatchObject({ allow: true });
    rmSync(join(disk, 'filler'));
    await vi.waitFor(
      async () => expect(await ledger.commit(create(), soon())).toMatchObject({ allow: true }),
      { timeout: 5000 },
    );
  }, 20_000);

  it('that is read-only', async () => {
    await open();
    await ledger.close(soon());
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(open()).rejects.toMatchObject({
      code: 'ledger-read-only',
      message: expect.stringContaining(path),
    });
    await denied('ledger-read-only');
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await well();
  });
});

// A real file system that stops answering; the main thread goes on.
const canFreeze =
  process.getuid?.() === 0 &&
  ['fsfreeze', 'mkfs.ext4', 'losetup'].every((tool) => existsSync(`/usr/sbin/${tool}`));

describe.runIf(canFreeze)('a frozen file system', () => {
  let disk: string;

  beforeEach(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    const image = join(folder, 'image');
    writeFileSync(image, '');
    truncateSync(image, 64 * 1024 * 1024);
    execFileSync('mkfs.ext4', ['-q', image]);
    execFileSync('mount', ['-o', 'loop', image, disk]);
    path = join(disk, 'ledger.db');
  });

  afterEach(async () => {
    await ledger.close(soon(500));
    execFileSync('umount', ['-l', disk]);
  });

  it('denies within the deadline, lets the few pass, and is well again once it thaws', async () => {
    await open();
    await ledger.commit(create(), soon());
    execFileSync('fsfreeze', ['-f', disk]);
    try {
      const began = performance.now();
      const answers = await Promise.all(
        [create(), create(), list()].map((one) => ledger.commit(one, soon(1000))),
      );
      expect(performance.now() - began).toBeLessThan(1000);
      expect(answers.slice(0, 2)).toMatchObject(
        [1, 2].map(() => ({ allow: false, violations: [{ rule: 'ledger-stalled' }] })),
      );
      expect(await ledger.commit(list(), soon(500))).toMatchObject({ allow: false });
      expect(await ledger.commit(judged('system.ping', 'READ'), soon(500))).toMatchObject({ allow: true });
    } finally {
      execFileSync('fsfreeze', ['-u', disk]);
    }
    const after = create();
    await vi.waitFor(async () => expect(await ledger.commit(after, soon())).toMatchObject({ allow: true }));
    expect(recordOf(after)).toBeDefined();
  }, 20_000);
});
