import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, makeLedger } from '../../test/ledgerOf.ts';
import { newId } from '../newId.ts';

const now = Date.parse('2026-11-24T09:30:00.000Z');
vi.mock('./times.ts', async (original) => ({
  ...(await original()),
  localClock: () => ({ now, zone: 'Europe/Berlin' }),
}));

const text = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  controls:
    memory: { required: true, max: 2GiB }
    pids: { required: true, max: 200 }
`;
const policySet = createHash('sha256').update(text).digest('hex');

/** A set of many kinds, and one that is tried beside it. */
const many = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  match: { actions: [container.*] }
  controls:
    memory: { max: 2GiB }
    user: { nonRoot: require, mode: audit }
---
apiVersion: bulwark/v1
kind: Policy
metadata: { name: pulls }
spec: { match: { actions: [image.*] }, controls: { images: { denyTags: [latest] } } }
---
apiVersion: bulwark/v1
kind: Policy
metadata: { name: databases }
spec: { match: { images: [postgres] }, controls: { pids: { max: 100 } } }
---
apiVersion: bulwark/v1
kind: Access
metadata: { name: people }
spec: { subjects: ["*"], allow: [{ actions: [container.*] }] }
---
apiVersion: bulwark/v1
kind: Exception
metadata: { name: big }
spec:
  rules: [house/memory]
  match: { subjects: ["user:alice"] }
  reason: a model is trained
  expires: never
`;
const manySet = 'a'.repeat(64);
const shadow = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: next }
spec:
  controls: { pids: { required: true } }
`;
const shadowSet = 'b'.repeat(64);
const file = 'policies/house.yaml';

let ledger: ReturnType<typeof makeLedger>;
const ids: Record<string, string> = {};

beforeAll(() => {
  ledger = makeLedger();
  const time = new Date(now).toISOString();
  ledger.store.append([{ kind: 'policies', digest: policySet, time, files: [{ file, text }] }], now);
  const create = {
    client: 'Docker-Client/28.2.2 (linux)',
    api: '1.49',
    resource: { kind: 'container', ref: 'web' },
    object: {
      container: {
        origin: 'create',
        name: 'web',
        image: 'alpine',
        env: ['PASSWORD'],
        limits: { memory: 8 * 1024 ** 3 },
        security: {},
      },
    },
    policySet,
  };
  ids['denied'] = ledger.add(
    {
      ...create,
      violations: [
        {
          rule: 'house/memory.max',
          message: '--memory 8g is too much.',
          value: '8g',
          fix: 'use --memory 2g.',
          source: { file, line: 6 },
        },
        {
          rule: 'house/pids.required',
          message: '--pids-limit is missing.',
          fix: 'add --pids-limit 200.',
          source: { file, line: 7 },
        },
      ],
    },
    now,
  );
  const digest = 'd'.repeat(64);
  ids['allowed'] = ledger.add({ ...create, decision: 'allow', digest }, now + 1000);
  const settled = {
    type: 'settled',
    id: newId(),
    time,
    host: 'host1',
    outcome: 'done',
    status: 201,
    newId: 'c0ffee',
  } as const;
  ledger.store.append([{ kind: 'response', digest, draft: settled }], now);
  ids['awaited'] = ledger.add(
    { action: 'container.start', operation: 'UPDATE', decision: 'allow', policySet: 'e'.repeat(64) },
    now + 2000,
  );
  ids['read'] = ledger.add(
    { action: 'container.list', operation: 'READ', decision: 'allow', policySet },
    now + 3000,
  );
  ids['corrected'] = ledger.add({ decision: 'allow', policySet }, now + 4000);
  const corrected = {
    type: 'corrected',
    of: ids['corrected'],
    id: newId(),
    time,
    host: 'host1',
    reason: 'ledger-stalled',
  } as const;
  ledger.store.append([{ kind: 'note', draft: corrected }], now);
  for (const [digest, name, content] of [
    [manySet, 'policies/many.yaml', many],
    [shadowSet, 'next/next.yaml', shadow],
  ] as const) {
    ledger.store.append([{ kind: 'policies', digest, time, files: [{ file: name, text: content }] }], now);
  }
  const said = { message: 'no.', fix: 'yes.' };
  ids['watched'] = ledger.add(
    {
      ...create,
      ...{ decision: 'allow', policySet: manySet, shadowSet, exceptions: ['big', 'gone'] },
      violations: [
        { rule: 'house/user', ...said, source: { file: 'policies/many.yaml', line: 8 }, mode: 'audit' },
        { rule: 'next/pids.required', ...said, source: { file: 'next/next.yaml', line: 5 }, mode: 'shadow' },
      ],
    },
    now + 6000,
  );
  ids['refused'] = ledger.add(
    {
      ...{ action: 'volume.create', policySet: manySet },
      violations: [{ rule: 'access/not-granted', ...said }],
    },
    now + 7000,
  );
  ids['ping'] = ledger.add(
    { action: 'system.ping', operation: 'READ', decision: 'allow', policySet: manySet },
    now + 8000,
  );
  ids['hostile'] = ledger.add(
    {
      action: 'container.rename',
      operation: 'UPDATE',
      subject: { name: 'eve\u001b[2J', groups: ['\u202e'], method: 'token' },
      client: 'curl\u009b2J',
      resource: { kind: 'container', ref: "a'\u0007" },
      object: { newName: 'b\nc\u001b[2J\u0085' },
      violations: [{ rule: 'unknown-route', message: '`\\u001b` is odd\u001b', fix: 'f\u202e' }],
      count: 3,
    },
    now + 5000,
  );
});
afterAll(() => ledger.remove());

const explain = (id: string | undefined, ...args: readonly string[]) =>
  answer('explain', id ?? '', '--data', ledger.folder, ...args);

describe('bulwark explain', () => {
  it('says of a denial what was asked, each broken rule with its line, the value and the fix', async () => {
    const { code, stdout, stderr } = await explain(ids['denied']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(ids['denied'] ?? '', 'ID')).toBe(`decision ID: denied
  time        2026-11-24 10:30:00.000 +01:00 on host1
  asked by    alice, in web (known by tls)
  client      Docker-Client/28.2.2 (linux)
  action      container.create (CREATE)
  request     POST /containers/create, API 1.49
  command     docker create --name web --memory 8g --env PASSWORD alpine
  about       container web, made by alice on 2026-11-24 10:30:00 +01:00 (decision ${ids['allowed']})

the 2 rules it broke
  house/memory.max
    --memory 8g is too much.
    value:  8g
    fix:    use --memory 2g.
    policy: policies/house.yaml:6
            memory: { required: true, max: 2GiB }
  house/pids.required
    --pids-limit is missing.
    fix:    add --pids-limit 200.
    policy: policies/house.yaml:7
            pids: { required: true, max: 200 }

as it was read, without secrets
  container:
    env:
      - PASSWORD
    image: alpine
    limits:
      memory: 8589934592
    name: web
    origin: create

what it was held against: policy set ${policySet.slice(0, 12)}
  house: 2 controls, 2 broken

what came of it
  nothing: the daemon did not do it
`);
  });

  it.each([
    ['allowed', 'done, status 201, made c0ffee (2026-11-24 10:30:00 +01:00)'],
    ['awaited', 'not known: the daemon has not told its response, or not yet'],
    ['read', 'not recorded: it changes nothing'],
    ['corrected', 'nothing: it could not be recorded in time, so the answer was a denial (ledger-stalled)'],
  ])('says what came of one that is %s', async (name, outcome) => {
    expect((await explain(ids[name])).stdout).toMatch(
      new RegExp(`what came of it\n  ${outcome.replace(/[()+]/g, '\\$&')}\n$`),
    );
  });

  it('says of an allow which controls looked at it, by the policies of then', async () => {
    expect((await explain(ids['allowed'])).stdout).toContain(`  house: 2 controls, all passed
    policies/house.yaml:6: passed memory
    policies/house.yaml:7: passed pids
`);
    expect((await explain(ids['awaited'])).stdout).toContain('the ledger does not have that set any longer');
    expect((await explain(ids['hostile'])).stdout).toContain('it was refused before any policy was asked');
  });

  it('keeps what only watches apart from what denied, names exceptions, and has lines of the set that is tried', async () => {
    const { stdout } = await explain(ids['watched']);
    expect(stdout).not.toContain('it broke');
    expect(stdout).toContain(`what only watches would have said
  house/user (audit)
    no.
    fix:    yes.
    policy: policies/many.yaml:8
            user: { nonRoot: require, mode: audit }
  next/pids.required (shadow)
    no.
    fix:    yes.
    policy: next/next.yaml:5
            controls: { pids: { required: true } }

the exceptions that let it off
  big: house/memory
  gone
`);
  });

  it('lists the policies that speak of its subject and action, and no others', async () => {
    const { stdout } = await explain(ids['watched']);
    expect(stdout).toContain(`what it was held against: policy set aaaaaaaaaaaa
  house: 2 controls, 1 broken
    policies/many.yaml:7: passed or let off memory
  databases (for some images only): 1 control, none broken
    policies/many.yaml:18: passed pids
  tried beside it: policy set bbbbbbbbbbbb
`);
    expect((await explain(ids['ping'])).stdout).toContain(
      'no policy of it speaks of this subject and action',
    );
  });

  it('says where Access alone denied it', async () => {
    const { stdout } = await explain(ids['refused']);
    expect(stdout).toContain(`what it was held against: policy set aaaaaaaaaaaa
  Access alone: it ended there, and no policy was asked

`);
    const json = JSON.parse((await explain(ids['refused'], '--output', 'json')).stdout);
    expect(json).toMatchObject({ byAccess: true, policies: [] });
  });

  it('shows nothing that a terminal obeys', async () => {
    for (const format of ['table', 'json']) {
      const { stdout } = await explain(ids['hostile'], '--output', format);
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    const { stdout } = await explain(ids['hostile']);
    expect(stdout).toContain("  command     docker rename 'a'\\''\\u0007' 'b\\u000ac\\u001b[2J\\u0085'\n");
    expect(stdout).toContain('`\\u001b` is odd\\u001b\n');
    expect(stdout).toContain('  stands for  3 requests within a minute');
  });

  it('answers programs in one document', async () => {
    const { stdout } = await explain(ids['denied'], '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      decision: { v: 1, type: 'decision', id: ids['denied'] },
      command: ['docker', 'create', '--name', 'web', '--memory', '8g', '--env', 'PASSWORD', 'alpine'],
      route: 'POST /containers/create',
      response: { kind: 'denied' },
      policies: [
        {
          policy: 'house',
          controls: [{ control: 'memory', source: { file, line: 6 }, broken: true }, { control: 'pids' }],
        },
      ],
      lines: { 'policies/house.yaml:6': '    memory: { required: true, max: 2GiB }' },
    });
  });

  it('takes the beginning of an id, in small letters too, if there is but one', async () => {
    const id = ids['denied'] ?? '';
    expect((await explain(id.slice(0, 20).toLowerCase())).stdout).toContain(`decision ${id}: denied`);
    const several = await explain(id.slice(0, 5));
    expect(several).toMatchObject({ code: 2, stdout: '' });
    expect(several.stderr).toContain(`several decisions begin with \`${id.slice(0, 5)}\`: ${id}, `);
  });

  it.each(['01ZZZ', 'none such', "x' OR 1=1", ''])('exits 1 where there is no decision %j', async (id) => {
    expect(await explain(id)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('error: the ledger has no decision'),
    });
  });
});
