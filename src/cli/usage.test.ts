import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, makeLedger, type Values } from '../../test/ledgerOf.ts';
import { Store } from '../ledger/store.ts';

// 10:30 in Kolkata, half an hour beside the hours of the account, on a Tuesday.
const now = Date.parse('2026-11-24T05:00:00.000Z');
vi.mock('./times.ts', async (original) => ({
  ...(await original()),
  localClock: () => ({ now, zone: 'Asia/Kolkata' }),
}));

const hour = 3_600_000;
const violation = (rule: string) => ({ rule, message: 'm', fix: 'f' });
const hostile = 'eve\u001b]0;x\u0007\u202e';

let ledger: ReturnType<typeof makeLedger>;

beforeAll(() => {
  ledger = makeLedger();
  const subject = (name: string, groups: string[] = []) => ({
    subject: { name, groups, method: 'tls' as const },
  });
  const allowed = { decision: 'allow' } as const;
  for (let nth = 0; nth < 6; nth++) {
    const digest = String(nth).padEnd(64, '0');
    const at = now - 30 * hour + nth * hour;
    create(
      { ...subject('alice', ['web', 'dev']), digest, resource: { kind: 'container', ref: `app-${nth}` } },
      at,
    );
  }
  ledger.add(
    {
      ...subject('alice', ['web']),
      client: 'Docker-Client/28 (linux)',
      violations: [violation('house/memory')],
    },
    now - 3 * hour,
  );
  ledger.add({ ...subject('bob', ['web']), ...allowed, action: 'container.list', count: 70 }, now - 2 * hour);
  ledger.add(
    {
      ...subject('bob', ['web']),
      action: 'exec.create',
      violations: [violation('house/binds'), violation('house/memory')],
    },
    now - 2 * hour,
  );
  ledger.add(
    {
      ...subject(hostile, [hostile]),
      ...allowed,
      client: hostile,
      resource: { kind: 'container', ref: hostile },
    },
    now - hour,
  );
  ledger.add({ ...subject('=1+1'), ...allowed }, now - hour);
});
afterAll(() => ledger.remove());

function create(values: Values, at: number): void {
  ledger.add({ decision: 'allow', ...values }, at);
  const digest = values.digest ?? '';
  const time = new Date(at).toISOString();
  const newId = digest.slice(0, 1).repeat(64);
  const draft = {
    type: 'settled',
    id: ulid(at),
    time,
    host: 'h',
    outcome: 'done',
    newId,
  } as const;
  ledger.store.append([{ kind: 'response', digest, draft }], at);
}

const ask = (...args: readonly string[]) => answer('usage', ...args, '--data', ledger.folder);

describe('bulwark usage', () => {
  it('is a table of all subjects, those with the most requests first', async () => {
    expect(await ask()).toEqual({
      code: 0,
      stderr: 'Counted since 2026-11-23 04:30.\n',
      stdout: `\
USER                       REQUESTS                    ALLOWED  DENIED  MADE          FIRST             LAST
bob                              71  ████████████████       70       1                2026-11-24 08:30  2026-11-24 08:30
alice                             7  █▋                      6       1  6 containers  2026-11-23 04:30  2026-11-24 07:30
=1+1                              1  ▎                       1       0                2026-11-24 09:30  2026-11-24 09:30
eve\\u001b]0;x\\u0007\\u202e         1  ▎                       1       0                2026-11-24 09:30  2026-11-24 09:30
`,
    });
  });

  it('--by rule is a table of denials, each with the newest', async () => {
    const { stdout } = await ask('--by', 'rule');
    expect(stdout.replaceAll(/[0-9A-Z]{26}/g, 'ID')).toBe(`\
RULE          DENIALS                    FIRST             LAST              NEWEST
house/memory        2  ████████████████  2026-11-24 07:30  2026-11-24 08:30  ID
house/binds         1  ████████          2026-11-24 08:30  2026-11-24 08:30  ID
`);
  });

  it.each<[string, readonly string[]]>([
    ['--by user', ['bob', 'alice', '=1+1', hostile]],
    ['--by group', ['web', 'dev', hostile]],
    ['--by action', ['container.list', 'container.create', 'exec.create']],
    ['--by rule', ['house/memory', 'house/binds']],
    ['--limit 1', ['bob']],
    ['--limit 0', []],
    // Outward, to whole hours of UTC: what is asked for is in it.
    ['--since 2h', ['bob', '=1+1', hostile]],
    ['--since 1h', ['=1+1', hostile]],
    ['--since yesterday --until yesterday', ['alice']],
    ['--until 2020-01-01', []],
  ])('%s', async (args, keys) => {
    const { code, stdout } = await ask(...args.split(' '), '--output', 'json');
    const { items }: { items: { key: string }[] } = JSON.parse(stdout);
    expect([code, items.map(({ key }) => key)]).toEqual([0, keys]);
  });

  it('says which hours it has counted', async () => {
    const { stderr, stdout } = await ask('--since', '09:45', '--until', '10:15');
    expect(stderr).toBe('Counted by whole hours: from 2026-11-24 09:30 to 2026-11-24 10:30.\n');
    expect(stdout).toContain('=1+1');
    const json = JSON.parse((await ask('--since', '09:45', '--output', 'json')).stdout);
    expect(json).toMatchObject({ by: 'user', since: '2026-11-24T04:00:00.000Z', until: null, next: null });
  });

  it('says that nothing is counted, and that there are more', async () => {
    expect(await ask('--since', 'now')).toMatchObject({ code: 0, stdout: '' });
    expect((await ask('--until', '2020-01-01')).stderr).toContain('Nothing is counted in this time.\n');
    expect((await ask('--limit', '1')).stderr).toContain('There are more: raise --limit.\n');
  });

  it('is CSV, from which no spreadsheet computes', async () => {
    expect((await ask('--output', 'csv')).stdout).toBe(`\
user,requests,allowed,denied,containers,volumes,networks,images,execs,builds,services,secrets,configs,first,last,newest
bob,71,70,1,0,0,0,0,0,0,0,0,0,2026-11-24T03:00:00.000Z,2026-11-24T03:00:00.000Z,
alice,7,6,1,6,0,0,0,0,0,0,0,0,2026-11-22T23:00:00.000Z,2026-11-24T02:00:00.000Z,
'=1+1,1,1,0,0,0,0,0,0,0,0,0,0,2026-11-24T04:00:00.000Z,2026-11-24T04:00:00.000Z,
eve\\u001b]0;x\\u0007\\u202e,1,1,0,0,0,0,0,0,0,0,0,0,2026-11-24T04:00:00.000Z,2026-11-24T04:00:00.000Z,
`);
  });

  it.each<[string, RegExp]>([
    ['--by image', /choices are user, group, action, rule/],
    ['--since soon', /`--since` is no time: `soon`/],
    ['--since 10:00 --until 09:00', /not before/],
    ['alice --by rule', /`--by` is for a list/],
    ['alice --output csv', /no CSV/],
  ])('refuses %s', async (args, expected) => {
    const { code, stdout, stderr } = await ask(...args.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });
});

describe('bulwark usage alice', () => {
  it('is a page', async () => {
    const { code, stdout } = await ask('alice', '--limit', '2');
    expect(code).toBe(0);
    expect(stdout.replaceAll(/[0-9A-Z]{26}/g, 'ID')).toBe(`\
alice
  known by   client certificate
  groups     web, dev
  clients    Docker-Client/28 (linux)
  seen       first 2026-11-23 04:30, last 2026-11-24 07:30
  requests   7: 6 allowed, 1 denied
  made       6 containers

actions
  ACTION            REQUESTS                    ALLOWED  DENIED  MADE          FIRST             LAST
  container.create         7  ████████████████        6       1  6 containers  2026-11-23 04:30  2026-11-24 07:30

denials
  RULE          DENIALS                    FIRST             LAST              NEWEST
  house/memory        1  ████████████████  2026-11-24 07:30  2026-11-24 07:30  ID

still there
  6 containers
    2026-11-23 09:30  app-5  555555555555
    2026-11-23 08:30  app-4  444444444444
    and 4 more

busiest hours (Asia/Kolkata)
  04h  1  ████████████
  05h  1  ████████████
  06h  1  ████████████
  07h  2  ████████████████████████
  08h  1  ████████████
  09h  1  ████████████
  most: 1 from 2026-11-23 04:30 on
        1 from 2026-11-23 05:30 on
        1 from 2026-11-23 06:30 on
`);
  });

  it('for a program has all of it', async () => {
    const { code, stdout } = await ask('alice', '--output', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      subject: 'alice',
      requests: 7,
      allowed: 6,
      denied: 1,
      made: { containers: 6, images: 0 },
      owns: [{ kind: 'container', count: 6 }],
      rules: [{ key: 'house/memory', newest: expect.stringMatching(/^[0-9A-Z]{26}$/) }],
      account: { since: '2026-11-22T23:00:00.000Z', until: null, behind: 0 },
    });
  });

  it('of somebody hostile steers no terminal', async () => {
    for (const output of ['table', 'json']) {
      const { stdout, stderr } = await ask(hostile, '--output', output);
      expect(stdout).toContain('u001b');
      expect(`${stdout}${stderr}`).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    }
  });

  it.each<[string, RegExp]>([
    ['alicia', /nothing is counted of `alicia`\.\nDid you mean `alice`\?/],
    ['Bob', /Did you mean `bob`\?/],
    ['zebedee', /Look at the names with `bulwark usage`/],
  ])('of %s, whom nobody knows, says so', async (name, expected) => {
    const { code, stdout, stderr } = await ask(name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(expected);
  });
});

describe('a ledger without an account', () => {
  it('says who makes one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
    const path = join(folder, 'ledger.db');
    new Store(path).close();
    const db = new DatabaseSync(path);
    db.exec('DROP TABLE account');
    db.close();
    const { code, stderr } = await answer('usage', '--data', folder);
    rmSync(folder, { recursive: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*this ledger has no account\.\nStart `serve` of this version on it/);
  });
});
