import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, makeLedger } from '../../test/ledgerOf.ts';

const now = Date.parse('2026-11-24T09:30:00.000Z');
vi.mock('./times.ts', async (original) => ({
  ...(await original()),
  localClock: () => ({ now, zone: 'Europe/Berlin' }),
}));

const minute = 60_000;
const hostile = '=1+1\u001b]0;x\u0007\u202e../';
const digest = 'd'.repeat(64);
const id = (start: string) => start.padEnd(64, '0');

let ledger: ReturnType<typeof makeLedger>;
/** What ids of decisions are called in the texts below. */
const names = new Map<string, string>();

beforeAll(() => {
  ledger = makeLedger();
  const make = (
    name: string,
    user: string,
    action: string,
    newId: string,
    ago: number,
    values: Parameters<typeof ledger.add>[0],
  ) => {
    const at = now - ago * minute;
    const kind = action.split('.')[0] ?? '';
    const decision = ledger.add(
      {
        decision: 'allow',
        subject: { name: user, groups: ['web', 'ops'], method: 'tls' },
        action,
        digest,
        resource: { kind },
        ...values,
      },
      at,
    );
    const time = new Date(at).toISOString();
    const settled = {
      type: 'settled',
      id: ulid(at),
      time,
      host: 'h',
      ...(newId !== '' && { newId }),
    } as const;
    ledger.store.append([{ kind: 'response', digest, draft: { ...settled, outcome: 'done' } }], at);
    names.set(decision, name);
  };
  const named = (kind: string, ref: string) => ({ resource: { kind, ref } });
  const pull = { object: { images: [{ role: 'pull', ref: 'alpine' }] } };
  make('OLD', 'bob', 'container.create', id('0a'), 60, named('container', 'old'));
  make('WEB', 'alice', 'container.create', id('ab'), 50, named('container', 'web'));
  make('OTHER', 'bob', 'container.create', id('ac'), 40, named('container', 'db'));
  make('PULL1', 'bob', 'image.pull', '', 35, pull);
  make('PULL2', 'alice', 'image.pull', '', 30, pull);
  make('HOSTILE', hostile, 'volume.create', hostile, 20, { obligations: [`own volume ${hostile}`] });
  while (ledger.store.count(1));
  const things = [{ id: id('ab') }, { id: id('ac') }];
  ledger.store.append([{ kind: 'present', of: 'container', things, asked: now - 10 * minute }], now);
});
afterAll(() => ledger.remove());

/** Answers with decisions by what they are called here, and a bar between columns. */
async function ask(...args: readonly string[]) {
  const answered = await answer('owner', ...args, '--data', ledger.folder);
  const stdout = [...names].reduce((text, [id, name]) => text.replaceAll(id, name), answered.stdout);
  if (args.includes('json')) return { ...answered, stdout };
  return { ...answered, stdout: stdout.replaceAll(/^ +| +$/gm, '').replaceAll(/ {2,}/g, ' | ') };
}

const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

describe('bulwark owner ls', () => {
  it('lists what is there, newest first, and nothing that a terminal obeys', async () => {
    const { code, stdout, stderr } = await ask('ls');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'MADE | KIND | NAME | ID | BY | DECISION',
      '2026-11-24 10:10:00 +01:00 | volume | =1+1\\u001b]0;x\\u0007\\u202e../ | =1+1\\u001b]0;x\\u0007\\u202e../ | HOSTILE',
      '2026-11-24 10:00:00 +01:00 | image | docker.io/library/alpine:latest | alice | PULL2',
      '2026-11-24 09:50:00 +01:00 | container | db | ac0000000000 | bob | OTHER',
      '2026-11-24 09:40:00 +01:00 | container | web | ab0000000000 | alice | WEB',
      '',
    ]);
  });

  it('has a column for what is gone with --all', async () => {
    const { stdout } = await ask('ls', '--all', '--kind', 'container', '--subject', 'bob');
    expect(stdout.split('\n')).toEqual([
      'MADE | KIND | NAME | ID | BY | DECISION | GONE',
      '2026-11-24 09:50:00 +01:00 | container | db | ac0000000000 | bob | OTHER',
      '2026-11-24 09:30:00 +01:00 | container | old | 0a0000000000 | bob | OLD | 2026-11-24 10:20:00 +01:00',
      '',
    ]);
  });

  it('gives programs a document, a page at a time', async () => {
    const first = await ask('ls', '--limit', '1', '--output', 'json');
    expect(first.stdout).not.toMatch(steering);
    const page = JSON.parse(first.stdout);
    expect(page).toMatchObject({
      items: [
        { kind: 'volume', id: hostile, name: hostile, subject: hostile, groups: ['web', 'ops'], gone: null },
      ],
      account: { until: null, behind: 0 },
    });
    const { stdout, stderr } = await ask('ls', '--limit', '1', '--cursor', page.next);
    expect(stdout).toContain('docker.io/library/alpine:latest');
    expect(stderr).toMatch(/^There are older ones: add --cursor \S+\n$/);
  });

  it('says so where nothing fits', async () => {
    expect(await ask('ls', '--subject', 'nobody')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Nothing that fits has an owner.\n',
    });
  });

  it.each([
    ['--cursor x', 'error: `x` is no place in a list of owners.'],
    ['--kind box', "error: option '--kind <kind>' argument 'box' is invalid."],
  ])('%s is misuse', async (args, message) => {
    const { code, stdout, stderr } = await ask('ls', ...args.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('bulwark owner show', () => {
  it('tells who made a thing, when, by which decision, and whether it is there', async () => {
    const { code, stdout } = await ask('show', 'container', 'web');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `container web (${id('ab')})`,
      'made by | alice, in web, ops',
      'on | 2026-11-24 09:40:00 +01:00',
      'decision | WEB: `bulwark explain WEB`',
      'now | there, as of the last look',
      '',
    ]);
    expect((await ask('show', 'container', '0a')).stdout).toContain(
      'now | gone, as was seen on 2026-11-24 10:20:00 +01:00',
    );
  });

  it('tells of an image everybody who made it', async () => {
    const { stdout } = await ask('show', 'image', 'library/alpine');
    expect(stdout.slice(stdout.indexOf('everybody')).split('\n')).toEqual([
      'everybody who pulled, built or made it otherwise, newest first',
      'TIME | BY | GROUPS | ACTION | DECISION',
      '2026-11-24 10:00:00 +01:00 | alice | web, ops | image.pull | PULL2',
      '2026-11-24 09:55:00 +01:00 | bob | web, ops | image.pull | PULL1',
      '',
    ]);
    expect((await ask('show', 'image', 'alpine', '--limit', '1')).stdout).toContain(
      'and more: raise --limit',
    );
    const { makers, more } = JSON.parse((await ask('show', 'image', 'alpine', '--output', 'json')).stdout);
    expect(makers.map(({ subject }: { subject: string }) => subject)).toEqual(['alice', 'bob']);
    expect(more).toBe(false);
  });

  it('shows a hostile name so that nothing obeys it', async () => {
    const { code, stdout } = await ask('show', 'volume', hostile);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(steering);
    expect(stdout).toContain('made by | =1+1\\u001b]0;x\\u0007\\u202e../, in web, ops');
  });

  it.each([
    [['container', 'none'], 1, 'error: owner-unknown: nobody is known to have made the container `none`.'],
    [['container', '\u001b[31m'], 1, 'made the container `\\u001b[31m`.'],
    [
      ['container', 'a'],
      2,
      `error: owner-ambiguous: several things of the kind container are meant by \`a\`: ${id('ac')}, ${id('ab')}`,
    ],
    [
      ['containr', 'web'],
      2,
      'error: nothing of the kind `containr` has an owner.\nDid you mean `container`?',
    ],
    [['plugin', 'x'], 2, 'Take one of container, volume,'],
  ])('%j ends with %i', async (args, expected, message) => {
    const { code, stdout, stderr } = await ask('show', ...args);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(steering);
  });
});

describe('whose the thing is that a request was about', () => {
  it('stands in explain, in lists on a wide screen, and beside the record for programs', async () => {
    const resource = { kind: 'container', ref: 'web' };
    const denied = ledger.add(
      { subject: { name: 'bob', groups: [], method: 'tls' }, action: 'container.start', resource },
      now - minute,
    );
    const at = ['--data', ledger.folder];
    const explained = await answer('explain', denied, ...at);
    const [web = ''] = [...names].find(([, name]) => name.startsWith('WEB')) ?? [];
    expect(explained.stdout).toContain(
      `  about       container web, made by alice on 2026-11-24 09:40:00 +01:00 (decision ${web})\n`,
    );
    expect((await answer('explain', web, ...at)).stdout).toContain(
      '  about       container web, made by this request\n',
    );
    const list = await answer('denials', '--limit', '1', ...at);
    expect(list.stdout).toMatch(/ON +OWNER +RULES\n.* bob +container\.start +web +alice\n$/);
    const { items } = JSON.parse((await answer('denials', '--limit', '1', ...at, '--output', 'json')).stdout);
    expect(items[0]).toMatchObject({
      id: denied,
      subject: { name: 'bob' },
      owner: { subject: 'alice', decision: web, gone: null },
    });
    const { owner, decision } = JSON.parse(
      (await answer('explain', denied, ...at, '--output', 'json')).stdout,
    );
    expect(owner).toMatchObject({ kind: 'container', id: id('ab'), name: 'web', subject: 'alice' });
    expect(decision).not.toHaveProperty('owner');
  });

  it.each([
    [139, false],
    [140, true],
  ])('in a terminal of %i columns: %s', async (columns, expected) => {
    const [wasTty, wasColumns] = [process.stdout.isTTY, process.stdout.columns];
    try {
      Object.assign(process.stdout, { isTTY: true, columns });
      const { stdout } = await answer('log', '--data', ledger.folder);
      expect(stdout.includes('OWNER')).toBe(expected);
      expect(stdout).toContain('container.create');
    } finally {
      Object.assign(process.stdout, { isTTY: wasTty, columns: wasColumns });
    }
  });
});
