import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Decision } from '../src/model/decision.ts';
import { anonymous } from '../src/model/subject.ts';
import { differenceOf } from '../src/tools/compare.ts';
import { answer } from './ledgerOf.ts';

const head = 'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\n';

/** Sets by the name of their file. */
const sets = {
  now: `${head}spec: { controls: { memory: { max: 2GiB }, restart: { allow: ["no"] } } }\n`,
  // Says the same in other words, and with another limit that makes no difference to what breaks neither.
  limit: `${head}spec:\n  controls:\n    memory: { max: 3GiB }\n    restart: { allow: ["no"] }\n`,
  start: `${head}spec: { controls: { memory: { max: 2GiB }, actions: { deny: [{ actions: [container.attach], message: no }] } } }\n`,
  watch: `${head}spec: { controls: { memory: { max: 2GiB, mode: audit }, restart: { allow: ["no"] } } }
---
apiVersion: bulwark/v1
kind: Exception
metadata: { name: nightly }
spec: { rules: [house/restart], match: { subjects: ["*"] }, reason: r, expires: never }
`,
  broken: `${head}spec: { contrls: {} }\n`,
} as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-diff-'));
  for (const [name, content] of Object.entries(sets)) writeFileSync(join(folder, `${name}.yaml`), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: keyof typeof sets) => join(folder, `${name}.yaml`);

async function diff(one: keyof typeof sets, other: keyof typeof sets, line: string, ...args: string[]) {
  const said = await answer(
    ...['try', '--policies', file(one), '--diff', file(other), ...args, '--', ...line.split(' ')],
  );
  const stdout = said.stdout
    .replaceAll(`${folder}/`, '')
    .replace(/policy set [0-9a-f]{12}/g, 'policy set ID');
  return { ...said, stdout };
}

// The CLI takes a tenth of a second of a free processor; a busy machine has none.
vi.setConfig({ testTimeout: 120_000 });

describe('bulwark try --diff', () => {
  test('exits 0 where both answer the same to every request', async () => {
    expect(await diff('now', 'limit', 'docker run --name web alpine')).toEqual({
      code: 0,
      stdout: `--- now.yaml (policy set ID)
+++ limit.yaml (policy set ID)
the same  allow  container.create  web of alpine
the same  allow  container.attach
the same  allow  container.start

the same: 5 requests, asked by system:anonymous
`,
      stderr: '',
    });
    // Both deny it, for the same rule and value, under other limits: that is the end of the command.
    const denied = await diff('now', 'limit', 'docker run -m 8g alpine');
    expect(denied).toMatchObject({ code: 0, stderr: '' });
    expect(denied.stdout).toContain('\nthe same  deny   container.create  alpine\n\nthe same: 2 requests');
  });

  test('goes on behind a request that one of the two denies, and exits 1', async () => {
    expect(await diff('start', 'now', 'docker run --restart always alpine', '--as', 'user:alice')).toEqual({
      code: 1,
      stdout: `--- start.yaml (policy set ID)
+++ now.yaml (policy set ID)
DIFFERS          container.create  alpine
        - allow
        + deny
        + house/restart: --restart always is not among the ways to restart that are allowed here. Fix: use one of: --restart no. (now.yaml:4)
DIFFERS          container.attach
        - deny
        + allow
        - house/actions: docker container attach: no. Fix: ask the administrator of this host to do it. (start.yaml:4)
the same  allow  container.start

they differ: 2 of 5 requests, asked by alice
`,
      stderr: '',
    });
  });

  test('shows rules that only watch and exceptions, and nothing that steers a terminal', async () => {
    const { code, stdout } = await diff(
      'now',
      'watch',
      'docker create -m 8g --restart always --name a\u202eb alpine',
    );
    expect(code).toBe(1);
    expect(stdout).toContain('container.create  a\\u202eb of alpine\n');
    expect(stdout).toContain(`
        - deny
        + allow
        - house/memory.max: --memory 8g`);
    expect(stdout).toContain('        - house/restart: --restart always');
    expect(stdout).toContain('        + audit: house/memory.max: --memory 8g');
    expect(stdout).toMatch(/\n {8}\+ let off by the exception nightly\n/);
  });

  test('answers programs in one document', async () => {
    const json = await diff('now', 'watch', 'docker create -m 8g alpine', '--output', 'json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      answer: 'differ',
      command: ['docker', 'create', '-m', '8g', 'alpine'],
      subject: { name: 'system:anonymous' },
      policySets: { policies: expect.any(String), diff: expect.any(String) },
      ending: { kind: 'whole' },
      requests: [
        { action: 'system.ping', same: true },
        {
          action: 'container.create',
          same: false,
          policies: {
            allow: false,
            violations: [{ rule: 'house/memory.max' }],
            observed: [],
            exceptions: [],
          },
          diff: { allow: true, violations: [], observed: [{ rule: 'house/memory.max', mode: 'audit' }] },
          only: { policies: { violations: [{}], observed: [] }, diff: { violations: [], observed: [{}] } },
        },
      ],
    });
  });

  test('names what is broken in the other set, and exits 2, as of any misuse', async () => {
    const broken = await diff('now', 'broken', 'docker ps');
    expect(broken).toMatchObject({ code: 2, stdout: '' });
    expect(broken.stderr).toContain('unknown key "contrls"');
    expect(broken.stderr).toContain('name one with `--diff FOLDER`');
    expect(await diff('broken', 'now', 'docker ps')).toMatchObject({ code: 2, stdout: '' });
    expect(await diff('now', 'now', 'docker run --no-such-flag alpine')).toMatchObject({ code: 2 });
  });
});

describe('differenceOf()', () => {
  const violation = { rule: 'a/b', message: 'm', fix: 'f', value: '1' };
  const decision = (more: Partial<Decision>): Decision => ({
    ...{ id: 'x', allow: true, action: 'container.create', subject: anonymous, violations: [], ...more },
  });

  test('takes words, lines and the order for the same', () => {
    const second = { ...violation, rule: 'c/d' };
    const one = decision({ violations: [violation, second], exceptions: ['x', 'y'] });
    const other = decision({
      violations: [second, { ...violation, message: 'other', source: { file: 'x', line: 1 } }],
      exceptions: ['y', 'x'],
    });
    expect(differenceOf({ one, other })).toBeUndefined();
  });

  test('tells rules, values, modes and exceptions apart', () => {
    const one = decision({ violations: [violation] });
    for (const other of [
      decision({}),
      decision({ violations: [{ ...violation, value: '2' }] }),
      decision({ observed: [{ ...violation, mode: 'audit' }] }),
      decision({ violations: [violation], exceptions: ['x'] }),
    ]) {
      expect(differenceOf({ one, other })).toBeDefined();
      expect(differenceOf({ one: other, other: one })).toBeDefined();
    }
  });
});
