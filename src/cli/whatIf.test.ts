import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, makeLedger } from '../../test/ledgerOf.ts';

const now = Date.parse('2026-11-24T09:30:00.000Z');
vi.mock('./times.ts', async (original) => ({
  ...(await original()),
  localClock: () => ({ now, zone: 'Europe/Berlin' }),
}));

const next = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  controls:
    memory: { required: true, max: 2GiB }
    pids: { required: true, mode: audit }
    user: { nonRoot: require }
---
apiVersion: bulwark/v1
kind: Policy
metadata: { name: web }
spec: { match: { labels: { team: web } }, controls: { privileged: { allow: false } } }
`;

let ledger: ReturnType<typeof makeLedger>;
let folder: string;
const ids: Record<string, string> = {};

beforeAll(() => {
  ledger = makeLedger();
  folder = join(ledger.folder, 'next\u001b[2J');
  mkdirSync(folder);
  writeFileSync(join(folder, 'next.yaml'), next);
  const said = { message: 'no.', fix: 'yes.' };
  ids['denied'] = ledger.add(
    {
      api: '1.49',
      facts: 'none',
      resource: { kind: 'container', ref: 'web' },
      object: {
        container: {
          ...{ origin: 'create', name: 'web', image: 'alpine', labels: { team: '***' } },
          limits: { memory: 8 * 1024 ** 3 },
        },
        images: [{ role: 'run', ref: 'alpine' }],
      },
      policySet: 'e'.repeat(64),
      violations: [
        { rule: 'house/memory.max', ...said },
        { rule: 'old/privileged', ...said },
      ],
    },
    now,
  );
  ids['unread'] = ledger.add({ action: 'unknown', violations: [{ rule: 'unknown-route', ...said }] }, now);
});
afterAll(() => ledger.remove());

const explain = (id: string | undefined, ...args: readonly string[]) =>
  answer('explain', '--policies', folder, id ?? '', '--data', ledger.folder, ...args);

describe('bulwark explain --policies', () => {
  it('says what other policies would say to it, beside the rules of then, and what is not known', async () => {
    const { code, stdout, stderr } = await explain(ids['denied']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, ...sections] = stdout.split('\n\n');
    const file = `${folder.replace('\u001b', '\\u001b')}/next.yaml`;
    expect(
      sections
        .join('\n\n')
        .replaceAll(file, 'FILE')
        .replace(/set [0-9a-f]{12}/, 'set ID'),
    ).toBe(
      `by ${folder.replace('\u001b', '\\u001b')} (policy set ID): denied, as far as the record tells

the rule it would break
  house/memory.max
    --memory 8g is more than the 2g that are allowed here.
    value:  8g
    fix:    use --memory 2g or less.
    policy: FILE:6
            memory: { required: true, max: 2GiB }

what only watches would say
  house/pids.required (audit)
    --pids-limit is missing: without a limit one container can start processes until the host can start no more.
    fix:    add --pids-limit 200.
    policy: FILE:7
            pids: { required: true, mode: audit }

what becomes of the rules that it broke then
  house/memory.max: broken again
  old/privileged: no such rule for this subject and action

what the record does not tell, and these policies ask
  values that are hidden, in container.labels
`,
    );
    expect(stdout).not.toContain('\u001b');
  });

  it('answers programs in one document', async () => {
    const { code, stdout } = await explain(ids['denied'], '--output', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      decision: { id: ids['denied'] },
      policySet: expect.stringMatching(/^[0-9a-f]{64}$/),
      answer: {
        allow: false,
        violations: [{ rule: 'house/memory.max' }],
        observed: [{ rule: 'house/pids.required', mode: 'audit' }],
        exceptions: [],
      },
      before: [
        { rule: 'house/memory.max', now: 'broken' },
        { rule: 'old/privileged', now: 'absent' },
      ],
      gaps: [{ kind: 'hidden', fields: ['container.labels'] }],
    });
  });

  it('says that no policies change what was never read', async () => {
    const { code, stdout } = await explain(ids['unread']);
    expect(code).toBe(0);
    expect(stdout).toContain('denied, since it cannot be read, whatever the policies\n');
    expect(stdout).toContain('unknown-route: of no policy\n');
  });

  it('names what is broken in these policies, and exits 1', async () => {
    writeFileSync(join(ledger.folder, 'broken.yaml'), next.replace('nonRoot: require', 'nonRot: require'));
    const broken = await explain(ids['denied'], '--policies', join(ledger.folder, 'broken.yaml'));
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toContain('unknown key "nonRot"');
  });
});
