import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answer, makeLedger } from '../../test/ledgerOf.ts';
import { launcher, run } from '../../test/process.ts';

const now = Date.parse('2026-11-24T09:30:00.000Z');
vi.mock('./times.ts', async (original) => ({
  ...(await original()),
  localClock: () => ({ now, zone: 'Europe/Berlin' }),
}));

const digest = 'd'.repeat(64);
const hostile = '=1+1\u001b]0;x\u0007\u202e"../,\n';
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

let ledger: ReturnType<typeof makeLedger>;

beforeEach(() => {
  ledger = makeLedger();
});
afterEach(() => ledger.remove());

const ask = (...args: readonly string[]) => answer('export', '--data', ledger.folder, ...args);

/** A record of each type, the first of them full of what is hostile; gives the id of the first. */
function addAll(): string {
  const at = now - 60_000;
  const common = (after: number) => ({
    id: ulid(at + after),
    time: new Date(at + after).toISOString(),
    host: 'h',
  });
  const id = ledger.add(
    {
      decision: 'allow',
      digest,
      subject: { name: hostile, groups: ['web', 'ou:A, B'], method: 'token' },
      resource: { kind: 'container', ref: '@SUM(1)', id: 'c'.repeat(64) },
      client: '-2+3',
      object: { images: [{ role: 'run', ref: '+alpine' }] },
      violations: [{ rule: 'house/memory.max', message: 'm', fix: 'f', mode: 'audit' }],
    },
    at,
  );
  ledger.store.append(
    [
      {
        kind: 'response',
        digest,
        draft: { type: 'settled', outcome: 'done', status: 201, newId: 'n1', ...common(1) },
      },
      { kind: 'note', draft: { type: 'corrected', of: id, reason: 'ledger-stalled', ...common(2) } },
      { kind: 'note', draft: { type: 'system', event: 'unrecorded', count: 3, ...common(3) } },
    ],
    now,
  );
  return id;
}

/** The records of the ledger, a line each. */
function stored(): string {
  const db = new DatabaseSync(ledger.path, { readOnly: true });
  const rows = db.prepare('SELECT json FROM records ORDER BY seq').all();
  db.close();
  return rows.map(({ json }) => `${json}\n`).join('');
}

describe('bulwark export', () => {
  it('writes every record as it is stored, and tells where to go on', async () => {
    addAll();
    const { code, stdout, stderr } = await ask();
    expect({ code, stdout }).toEqual({ code: 0, stdout: stored() });
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ seq: 4, type: 'system' });
    expect(stderr).toBe(`next: 4-${last.hash.slice(0, 16)}\n`);
  });

  it('writes a line of columns for each type, in which nothing is a formula or steers', async () => {
    const id = addAll();
    const { code, stdout } = await ask('--format', 'csv');
    expect(code).toBe(0);
    const lines = stdout
      .split('\n')
      .map((line) => line.replaceAll(/0[0-9A-Z]{25}/g, (found) => (found === id ? 'FIRST' : 'ID')));
    expect(lines).toEqual([
      'seq,time,type,id,decision,subject,groups,method,action,operation,kind,ref,resourceId,image,rules,client,count,outcome,status,newId,of,event,reason,host',
      `1,2026-11-24T09:29:00.000Z,decision,FIRST,allow,"'=1+1\\u001b]0;x\\u0007\\u202e""../,\\u000a","[""web"",""ou:A, B""]",token,container.create,CREATE,container,'@SUM(1),${'c'.repeat(64)},'+alpine,"[""audit:house/memory.max""]",'-2+3,,,,,,,,host1`,
      '2,2026-11-24T09:29:00.001Z,settled,ID,,,,,,,,,,,,,,done,201,n1,FIRST,,,h',
      '3,2026-11-24T09:29:00.002Z,corrected,ID,,,,,,,,,,,,,,,,,FIRST,,ledger-stalled,h',
      '4,2026-11-24T09:29:00.003Z,system,ID,,,,,,,,,,,,,3,,,,,unrecorded,,h',
      '',
    ]);
  });

  it.each(['jsonl', 'csv'])('writes nothing to a terminal that it would obey: %s', async (format) => {
    addAll();
    const wasTty = process.stdout.isTTY;
    try {
      Object.assign(process.stdout, { isTTY: true });
      const { stdout } = await ask('--format', format);
      expect(stdout).not.toMatch(steering);
      expect(stdout).toContain('\\u202e');
    } finally {
      Object.assign(process.stdout, { isTTY: wasTty });
    }
    // JSON has words of its own for control characters, but not for others.
    if (format === 'jsonl') expect((await ask()).stdout).toContain('\u202e');
  });

  it('writes the same in pieces as at once, wherever it is resumed', async () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(hostile, '=1', '../', '"', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('jsonl', 'csv'),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        async (refs, format, sizes) => {
          const own = makeLedger();
          try {
            for (const [at, ref] of refs.entries())
              own.add({ resource: { kind: 'container', ref } }, now + at);
            const all = await answer('export', '--data', own.folder, '--format', format);
            let pieces = '';
            let cursor: string | undefined;
            for (let n = 0; ; n++) {
              const limit = String(sizes[n % sizes.length]);
              const from = cursor === undefined ? [] : ['--cursor', cursor];
              const args = ['--data', own.folder, '--format', format, '--limit', limit, ...from];
              const piece = await answer('export', ...args);
              pieces += piece.stdout;
              const next = piece.stderr.trim().replace('next: ', '');
              if (piece.stdout === '') break;
              cursor = next;
            }
            expect(pieces).toBe(all.stdout);
            expect(all.stderr).toBe(`next: ${cursor}\n`);
          } finally {
            own.remove();
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it('repeats its cursor where nothing has come, and has none of an empty ledger', async () => {
    expect(await ask()).toEqual({ code: 0, stdout: '', stderr: '' });
    addAll();
    const { stderr } = await ask();
    const cursor = stderr.trim().replace('next: ', '');
    expect(await ask('--cursor', cursor)).toEqual({ code: 0, stdout: '', stderr });
    expect(await ask('--cursor', cursor, '--format', 'csv')).toEqual({ code: 0, stdout: '', stderr });
  });

  it('warns of what has expired behind its cursor', async () => {
    for (let at = 0; at < 503; at++) ledger.add({}, now + at);
    const { stderr } = await ask('--limit', '2');
    while (ledger.store.count(1));
    ledger.store.expire({ age: 1e12, size: 0 }, 'h', now);
    const resumed = await ask('--cursor', stderr.trim().replace('next: ', ''), '--limit', '1');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout).seq).toBe(501);
    expect(resumed.stderr).toMatch(/^warning: 498 records are not in the ledger any longer .*\nnext: 501-/);
  });

  it('keeps to times', async () => {
    for (let hour = 3; hour > 0; hour--) ledger.add({}, now - hour * 3_600_000);
    const seqs = async (...args: readonly string[]) =>
      (await ask(...args)).stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).seq);
    expect(await seqs('--since', '150m')).toEqual([2, 3]);
    expect(await seqs('--until', '150m')).toEqual([1]);
  });

  it.each([
    [
      '--cursor 1-0000000000000000',
      'error: ledger-cursor: `1-0000000000000000` is a place in another ledger',
    ],
    ['--cursor \u001b[31m', 'error: ledger-cursor: `\\u001b[31m` is no place in a ledger.'],
    ['--since soon', 'error: `--since` is no time: `soon`.'],
    ['--format xml', "error: option '--format <format>' argument 'xml' is invalid."],
  ])('%j is misuse', async (args, message) => {
    addAll();
    const { code, stdout, stderr } = await ask(...args.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('names the way out where there is no ledger', async () => {
    const { code, stderr } = await answer('export', '--data', join(ledger.folder, 'none'));
    expect(code).toBe(2);
    expect(stderr).toContain('there is no ledger at');
  });

  it('waits for a slow reader', async () => {
    for (let at = 0; at < 1300; at++) ledger.add({}, now + at);
    const happened: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => {
      happened.push('write');
      // At once, and after some turns of the event loop.
      const drain = () => {
        happened.push('drain');
        process.stdout.emit('drain');
      };
      if (happened.length === 1) process.nextTick(drain);
      else setTimeout(drain, 5);
      return false;
    });
    try {
      const { run } = await import('./program.ts');
      expect(await run(['export', '--data', ledger.folder])).toBe(0);
    } finally {
      write.mockRestore();
    }
    // The titles, of which jsonl has none, and three portions.
    expect(happened).toEqual(Array.from({ length: 4 }, () => ['write', 'drain']).flat());
  });

  it('ends quietly where nobody reads on', async () => {
    for (let at = 0; at < 700; at++) ledger.add({}, now + at);
    const script = `{ "$0" export --data "$1"; echo "code $?" >&2; } | head -n 1`;
    const { stdout, stderr } = await run('sh', ['-c', script, launcher, ledger.folder]);
    expect(JSON.parse(stdout)).toMatchObject({ seq: 1 });
    expect(stderr).toBe('code 0\n');
  }, 30_000);
});
