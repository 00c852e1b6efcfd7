import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, makeAdmin } from '../../test/adminOf.ts';
import { Simulations, startSimulator } from './simulations.ts';

let admin: Admin;

beforeEach(async () => {
  admin = await makeAdmin();
});

afterEach(() => admin.remove());

const post = (body: object, app = admin.app()) => request(app).post('/v1/simulate').send(body);

describe('POST /v1/simulate with a command', { timeout: 60_000 }, () => {
  it('has each request of the docker CLI, judged by the policies in force', async () => {
    const command = ['docker', 'run', '--privileged', 'alpine'];
    const { status, body } = await post({ command, as: 'user:alice' });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      verdict: 'deny',
      command,
      subject: { name: 'alice' },
      policySet: admin.policies.current.set.digest,
      ending: { kind: 'whole' },
    });
    expect(body.requests.at(-1)).toMatchObject({
      allow: false,
      action: 'container.create',
      violations: [{ rule: 'house/privileged' }],
    });
  });

  it('says how the CLI ended where it did not come so far', async () => {
    const { body } = await post({ command: ['docker', 'run', '--nonsense'] });
    expect(body).toMatchObject({ verdict: 'unknown', ending: { kind: 'stopped' } });
    expect(body.ending.said).toContain('--nonsense');
  });

  it('refuses a relative path, whose place it does not know', async () => {
    const { status, body } = await post({ command: ['docker', 'run', '-v', './x:/x', 'alpine'] });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'command-untried' });
    expect(body.detail).toMatch(/a relative path/);
  });

  it('starts no other program, whatever the words are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-words-'));
    chmodSync(folder, 0o777);
    const word = `a';touch ${folder}/made;'`;
    const { body } = await post({
      command: ['docker', 'run', '-it', '--name', word, 'alpine', `$(touch ${folder}/made)`],
    });
    expect(body.requests).toContainEqual(
      expect.objectContaining({ resource: { kind: 'container', ref: word } }),
    );
    expect(existsSync(join(folder, 'made'))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('refuses what may read files of the host', async () => {
    const { status, body } = await post({
      command: ['docker', 'run', '--env-file', '/etc/shadow', 'alpine'],
    });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'command-untried' });
  });

  // A file that only root may read stays unread, even if an option were forgotten in the list above.
  it.runIf(process.getuid?.() === 0)('runs the CLI as nobody', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-secret-'));
    try {
      chmodSync(folder, 0o755);
      const file = join(folder, 'secret.env');
      writeFileSync(file, 'SECRET=1\n', { mode: 0o600 });
      const { policies } = admin;
      const child = startSimulator();
      const answer = await new Promise((resolve) => {
        child.once('message', resolve);
        child.send({
          command: ['docker', 'run', '--env-file', file, 'alpine'],
          subject: { name: 'a', groups: [], method: 'none' },
          protect: { paths: [], sockets: [], plugin: 'bulwark' },
          host: 'host',
          policies: { digest: policies.current.set.digest, texts: policies.current.texts },
          deadline: 20_000,
        });
      });
      expect(answer).toMatchObject({ ok: true, answer: { verdict: 'unknown', ending: { kind: 'stopped' } } });
      expect(JSON.stringify(answer)).toContain('permission denied');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes so many at a time, and ends what nobody waits for', async () => {
    const { policies } = admin;
    const simulations = new Simulations({
      policies: () => policies.current,
      protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
      host: 'host',
      start: startSimulator,
      atATime: 1,
      deadline: 20_000,
    });
    const subject = { name: 'a', groups: [], method: 'none' } as const;
    const controller = new AbortController();
    const first = simulations.command(['docker', 'events'], subject, controller.signal);
    const second = simulations.command(['docker', 'ps'], subject, controller.signal);
    await expect(second).rejects.toMatchObject({ code: 'api-busy' });
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'api-slow' });
    const again = () => simulations.command(['docker', 'ps'], subject, new AbortController().signal);
    await expect
      .poll(() =>
        again().then(
          ({ verdict }) => verdict,
          () => 'busy',
        ),
      )
      .toBe('allow');
    simulations.stop();
  });
});
