import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, makeLedger } from '../../test/ledgerOf.ts';

// 10:30 in Berlin on a Tuesday.
const now = Date.parse('2026-11-24T09:30:00.000Z');
vi.mock('./times.ts', async (original) => ({
  ...(await original()),
  localClock: () => ({ now, zone: 'Europe/Berlin' }),
}));

const minute = 60_000;
const violation = (rule: string) => ({ rule, message: 'm', fix: 'f' });
const image = (ref: string) => ({ object: { images: [{ role: 'run', ref }] } });
const subject = (name: string) => ({ subject: { name, groups: [], method: 'none' as const } });

let ledger: ReturnType<typeof makeLedger>;
/** What each record is called in the tables below, by its id. */
let names: Map<string, string>;

beforeAll(() => {
  ledger = makeLedger();
  const add = (name: string, values: Parameters<typeof ledger.add>[0], ago: number) =>
    names.set(ledger.add(values, now - ago), name);
  names = new Map();
  add('old', { violations: [violation('house/memory')] }, 3 * 24 * 60 * minute);
  add(
    'yesterday',
    { ...subject('bob'), violations: [violation('house/memory.max')], ...image('nginx:1.27') },
    20 * 60 * minute,
  );
  add('allowed', { decision: 'allow', ...image('alpine') }, 100 * minute);
  add(
    'several',
    {
      violations: [
        violation('house/memory.max'),
        violation('house/memory.swap'),
        violation('baseline/binds'),
      ],
      ...image('docker.io/library/alpine:3.20'),
    },
    90 * minute,
  );
  add(
    'counted',
    {
      ...subject('bob'),
      action: 'exec.create',
      violations: [violation('baseline/exec.privileged')],
      count: 12,
    },
    45 * minute,
  );
  add(
    'swarm',
    { ...subject('[c]i*'), action: 'swarm.init', violations: [violation('baseline/actions')] },
    30 * minute,
  );
  add(
    'hostile',
    {
      ...subject('eve\u001b]0;x\u0007\u202e'),
      resource: { kind: 'container', ref: '\u009b31mweb\n' },
      violations: [violation('unknown-route')],
    },
    10 * minute,
  );
});
afterAll(() => ledger.remove());

const ask = (...args: readonly string[]) => answer(...args, '--data', ledger.folder);

/** The names of the records that a command lists. */
async function listed(...args: readonly string[]): Promise<string> {
  const { stdout } = await ask(...args, '--output', 'json');
  const { items }: { items: readonly { id: string }[] } = JSON.parse(stdout);
  return items.map(({ id }) => names.get(id)).join(' ');
}

describe('bulwark denials', () => {
  it.each([
    ['', 'hostile swarm counted several yesterday old'],
    ['--subject bob', 'counted yesterday'],
    ['--subject b*', 'counted yesterday'],
    // Of the signs of a shell's patterns, only `*` is one.
    ['--subject [c]i*', 'swarm'],
    ['--subject [b]ob', ''],
    ['--action exec.create', 'counted'],
    ['--action container.*', 'hostile several yesterday old'],
    // A rule covers its parts, and the parts do not cover each other.
    ['--rule house/memory', 'several yesterday old'],
    ['--rule house/memory.max', 'several yesterday'],
    ['--rule house/*', 'several yesterday old'],
    ['--rule */memory', 'several yesterday old'],
    ['--rule house/mem', ''],
    ['--rule house/memory --subject bob', 'yesterday'],
    ['--image alpine', 'several'],
    ['--image nginx', 'yesterday'],
    ['--image nginx:1.2*', 'yesterday'],
    ['--image nginx:1.28', ''],
    ['--resource *web*', 'hostile'],
    ['--since 1h', 'hostile swarm counted'],
    ['--since today', 'hostile swarm counted several'],
    ['--since yesterday --until yesterday', 'yesterday'],
    ['--since 10:00', 'hostile swarm'],
    ['--until 2026-11-21', 'old'],
    ['--until 2026-11-24T08:45:00Z --since 2h', 'several'],
    ['--limit 2', 'hostile swarm'],
  ])('%s', async (args, expected) => {
    expect(await listed('denials', ...args.split(' ').filter((arg) => arg !== ''))).toBe(expected);
  });

  it('shows local times with their offset, ids whole, and nothing that a terminal obeys', async () => {
    const { code, stdout, stderr } = await ask('denials', '--since', '1h');
    const ids = [...names].map(([id, name]): [string, string] => [id, name.toUpperCase()]);
    const shown = ids.reduce((text, [id, name]) => text.replaceAll(id, name.padEnd(26)), stdout);
    expect({ code, stderr, shown }).toEqual({
      code: 0,
      stderr: '',
      shown: `TIME                        ID                          SUBJECT                    ACTION                  ON                  RULES
2026-11-24 10:20:00 +01:00  HOSTILE                     eve\\u001b]0;x\\u0007\\u202e  container.create        \\u009b31mweb\\u000a  unknown-route
2026-11-24 10:00:00 +01:00  SWARM                       [c]i*                      swarm.init                                  baseline/actions
2026-11-24 09:45:00 +01:00  COUNTED                     bob                        exec.create (12 times)                      baseline/exec.privileged
`,
    });
  });

  it.each([200, 120, 80, 40])('fits into a terminal of %i columns', async (columns) => {
    const [wasTty, wasColumns] = [process.stdout.isTTY, process.stdout.columns];
    try {
      Object.assign(process.stdout, { isTTY: true, columns });
      vi.stubEnv('NO_COLOR', '1');
      const { stdout } = await ask('denials');
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
      for (const [id, name] of names) if (name !== 'allowed') expect(stdout).toContain(id);
    } finally {
      Object.assign(process.stdout, { isTTY: wasTty, columns: wasColumns });
      vi.unstubAllEnvs();
    }
  });

  it('answers programs in one document, as stored, in which nothing steers a terminal', async () => {
    const { stdout } = await ask('denials', '--output', 'json', '--limit', '1');
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(stdout)).toMatchObject({
      items: [
        {
          v: 1,
          type: 'decision',
          decision: 'deny',
          subject: { name: 'eve\u001b]0;x\u0007\u202e' },
          resource: { ref: '\u009b31mweb\n' },
        },
      ],
      next: expect.stringMatching(/^\d+-\d+$/),
    });
  });

  it('says so where nothing fits, and exits 0', async () => {
    expect(await ask('denials', '--subject', 'nobody')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No denial fits.\n',
    });
  });
});

describe('bulwark log', () => {
  it('lists every decision', async () => {
    expect(await listed('log', '--since', '2h')).toBe('hostile swarm counted several allowed');
    expect((await ask('log', '--since', '2h')).stdout).toMatch(/DECISION .* allow +alice /s);
  });
});

describe('--group-by', () => {
  // What was counted together counts in full; a decision that broke several rules counts with each.
  it.each([
    ['subject', 'bob 13, alice 2, [c]i* 1, eve\u001b]0;x\u0007\u202e 1'],
    ['action', 'exec.create 12, container.create 4, swarm.init 1'],
    [
      'rule',
      'baseline/exec.privileged 12, house/memory.max 2, baseline/actions 1, baseline/binds 1, house/memory 1, house/memory.swap 1, unknown-route 1',
    ],
    ['image', 'null 15, docker.io/library/alpine:3.20 1, docker.io/library/nginx:1.27 1'],
  ])('%s', async (by, expected) => {
    const { stdout } = await ask('denials', '--group-by', by, '--output', 'json');
    const { items }: { items: readonly Record<string, unknown>[] } = JSON.parse(stdout);
    expect(items.map((item) => `${item[by]} ${item['count']}`).join(', ')).toBe(expected);
  });

  it('says when the first and the last were, of those that fit', async () => {
    const { stdout } = await ask('log', '--group-by', 'subject', '--since', '2h', '--subject', 'a*');
    expect(stdout).toBe(`SUBJECT  DECISIONS  DENIED  FIRST                       LAST
alice    2          1       2026-11-24 08:50:00 +01:00  2026-11-24 09:00:00 +01:00
`);
  });

  it('says when there are more', async () => {
    const { stdout, stderr } = await ask('denials', '--group-by', 'rule', '--limit', '1');
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toBe('There are more: raise --limit, or narrow the search.\n');
  });
});

describe('paging', () => {
  it('gives every record once while new ones arrive', async () => {
    const own = makeLedger();
    try {
      // Several in a millisecond.
      const ids = Array.from({ length: 60 }, (_, at) => own.add({}, now + Math.floor(at / 7)));
      const seen: string[] = [];
      let cursor: readonly string[] = [];
      do {
        const { stdout } = await answer(
          'denials',
          '--data',
          own.folder,
          '--output',
          'json',
          '--limit',
          '7',
          ...cursor,
        );
        const page: { items: readonly { id: string }[]; next: string | null } = JSON.parse(stdout);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next === null ? [] : ['--cursor', page.next];
        own.add({}, now + 1000);
      } while (cursor.length > 0);
      expect(seen).toEqual(ids.reverse());
    } finally {
      own.remove();
    }
  });
});

describe('what goes wrong', () => {
  it.each([
    ['--since soon', '`--since` is no time: `soon`.'],
    ['--since 1h --until 2h', '`--since` is not before `--until`.'],
    ['--cursor x', '`x` is no place in the ledger.'],
    ['--limit many', "option '--limit <count>' argument 'many' is invalid."],
    ['--group-by day', "option '--group-by <what>' argument 'day' is invalid."],
    ['--follow --until 1h', "option '--follow' cannot be used with option '--until <time>'"],
    [
      '--group-by rule --cursor 1-1',
      "option '--group-by <what>' cannot be used with option '--cursor <cursor>'",
    ],
  ])('%s is misuse', async (args, message) => {
    const { code, stdout, stderr } = await ask('denials', ...args.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
  });

  it('names the way out where there is no ledger, or another file', async () => {
    const missing = await answer('denials', '--data', join(ledger.folder, 'none'));
    expect(missing).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: there is no ledger at \`${ledger.folder}/none/ledger.db\`.\nName the folder of the running Bulwark with \`--data\`, and run the command as its user.\n`,
    });
    const config = join(ledger.folder, 'config.yaml');
    writeFileSync(config, 'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: c }\nspec: { data: . }\n');
    expect(await answer('denials', '--config', config, '--limit', '1')).toMatchObject({ code: 0 });
    writeFileSync(config, 'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: c }\nspec: { dat: . }\n');
    expect(await answer('denials', '--config', config)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: the configuration cannot be used'),
    });
  });
});
