/**
 * The policy language on real daemons: who is granted what, what a match reaches, what an exception lets off, what only
 * watches, and a policy that is edited while all of it runs.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DecisionRecord } from '../../src/ledger/record.ts';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

const registry = '127.0.0.1:5000';
const monitor = `${registry}/team/monitor:1`;
/** Somebody's own image under a name of that repository. */
const posing = `${registry}/team/monitor:2`;

const head = (kind: string, name: string) =>
  `apiVersion: bulwark/v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

const house = `${head('Policy', 'house')}spec:
  profile: baseline
  controls:
    user: { nonRoot: require, mode: audit }
---
${head('Policy', 'prod')}spec:
  match: { labels: { tier: prod } }
  controls:
    exec: { users: [app] }
    actions: { deny: [{ actions: [container.stop, container.kill], message: it serves customers. }] }
---
${head('Exception', 'monitoring')}spec:
  rules: [house/hostNamespaces.network]
  match: { images: ["${registry}/team/monitor:*"] }
  reason: it reads the interfaces of the host
  expires: never
---
${head('Access', 'everybody')}spec:
  subjects: ["*"]
  allow: [{ actions: ["*"] }]
  deny: [{ actions: [container.commit], reason: images are built in CI. }]
`;

describeReleases('the policy language', (release) => {
  let d: Dockerd;
  let bulwark: Bulwark;
  let folder: string;
  const policies = () => join(folder, 'policies');
  const data = () => join(folder, 'data');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bulwark-language-'));
    mkdirSync(policies());
    mkdirSync(join(folder, 'shadow'));
    writeFileSync(join(policies(), 'house.yaml'), house);
    writeFileSync(
      join(folder, 'shadow', 'tried.yaml'),
      `${head('Policy', 'tried')}spec: { controls: { memory: { required: true } } }\n`,
    );
    const insecure = { 'insecure-registries': [registry] };
    d = await startDockerd({ release, daemonJson: insecure });
    expect((await d.startRegistry()).address).toBe(registry);
    await must('tag', 'busybox', monitor);
    await must('push', monitor);
    await must('create', '--name', 'model', 'busybox', 'true');
    await must('commit', '--change', 'LABEL made=here', 'model', posing);
    await d.restart({
      daemonJson: { ...insecure, 'authorization-plugins': ['bulwark'] },
      before: async () => {
        const socket = join(d.pluginDir, 'bulwark.sock');
        const args = ['--shadow', join(folder, 'shadow')];
        bulwark = await startBulwark({ socket, policies: [policies()], data: data(), args });
      },
    });
    await must('run', '-d', '--name', 'web', 'busybox', 'sleep', '100000');
    await must('run', '-d', '--name', 'shop', '--label', 'tier=prod', 'busybox', 'sleep', '100000');
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await d.docker(...args);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** What docker says of a command that is denied. */
  async function denied(...args: string[]): Promise<string> {
    const { code, stderr } = await d.docker(...args);
    expect(code).not.toBe(0);
    return stderr;
  }

  function last(action: string): DecisionRecord {
    const db = new DatabaseSync(join(data(), 'ledger.db'), { readOnly: true });
    const query = "SELECT json FROM records WHERE type = 'decision' AND action = ? ORDER BY seq DESC LIMIT 1";
    const row = db.prepare(query).get(action);
    db.close();
    return JSON.parse(String(row?.['json']));
  }

  describe('an exception by image', () => {
    test('lets off at both gates what its registry vouches for', async () => {
      await must('run', '--rm', '--network', 'host', monitor, 'true');
      expect(last('container.create')).toMatchObject({ decision: 'allow', exceptions: ['monitoring'] });
      expect(last('container.start')).toMatchObject({ decision: 'allow', exceptions: ['monitoring'] });
    });

    test('is of no use to who puts that name on an image of their own', async () => {
      expect(await denied('run', '--rm', '--network', 'host', posing, 'true')).toContain(
        'house/hostNamespaces.network',
      );
    });

    test('is for its rule alone', async () => {
      expect(await denied('run', '--rm', '--pid', 'host', monitor, 'true')).toContain(
        'house/hostNamespaces.pid',
      );
    });
  });

  test('a policy for labels reaches the containers that have them', async () => {
    await must('exec', '--user', 'root', 'web', 'true');
    expect(await denied('exec', '--user', 'root', 'shop', 'true')).toContain('prod/exec.user');
    await must('exec', 'shop', 'true');
    expect(await denied('stop', 'shop')).toContain('it serves customers.');
    expect(await denied('kill', 'shop')).toContain('prod/actions');
    await must('stop', '--time', '0', 'web');
    await must('start', 'web');
    expect((await d.docker('stop', 'nobody')).stderr).toContain('No such container');
  });

  test('what Access takes away stays away, with its reason', async () => {
    expect(await denied('commit', 'web', 'mine')).toMatch(/access\/everybody: .*images are built in CI\./);
  });

  test('what only watches denies nothing, and is recorded', async () => {
    await must('run', '--rm', 'busybox', 'true');
    const rules = last('container.create').violations?.map(({ rule, mode }) => `${mode}:${rule}`);
    expect(rules).toEqual(['audit:house/user', 'shadow:tried/memory.required']);
    const started = last('container.start').violations?.map(({ rule, mode }) => `${mode}:${rule}`);
    expect(started).toEqual(['audit:house/user', 'shadow:tried/memory.required']);
  });

  // The last one: it changes the policies.
  test('an edited policy comes into force by itself, for what is there too', async () => {
    const next = house.replace('    user: {', '    memory: { required: true }\n    user: {');
    writeFileSync(join(folder, 'next'), next);
    renameSync(join(folder, 'next'), join(policies(), 'house.yaml'));
    await expect.poll(() => bulwark.logs()).toContain('reloaded the policies');
    expect(await denied('run', '--rm', 'busybox', 'true')).toContain('house/memory.required');
    await must('run', '--rm', '--memory', '64m', 'busybox', 'true');
    expect(await denied('exec', 'web', 'true')).toContain('the container `web` as it is stored');
  });
});
