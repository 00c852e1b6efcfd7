/**
 * A real daemon whose Bulwark has trouble with its ledger: what is denied says why and in time, what must go on does, and
 * all is well afterwards by itself.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf, noTip } from '../../../src/ledger/chain.ts';
import { type Bulwark, startBulwark } from '../bulwark.ts';
import { type Dockerd, startDockerd } from '../dockerd.ts';
import { countsIn, decisions, recordsIn, settlementsOf } from './book.ts';
import { type Disk, mountDisk, whileFrozen } from './disk.ts';

const policies = join(import.meta.dirname, '../../../policies');
const deadline = 2000;
/** Beyond the deadline, for the way there and back on a machine that has more to do. */
const slack = 1000;

let d: Dockerd;
let bulwark: Bulwark;
/** The data folder, with the ledger. */
let data: string;

beforeAll(async () => {
  // The disk is Bulwark's own, so the daemon's release makes no difference.
  d = await startDockerd({
    release: '20.10',
    plugins: ['bulwark'],
    before: async (place) => {
      bulwark = await startBulwark({ socket: join(place.pluginDir, 'bulwark.sock'), policies: [policies] });
    },
  });
});
afterAll(async () => {
  await d?.stop();
  await bulwark?.stop();
});

/** Starts Bulwark anew with its ledger in `folder`. */
async function keepIn(folder: string, spec = ''): Promise<void> {
  data = folder;
  await bulwark.stop();
  const config = join(d.dir, 'config.yaml');
  const head = 'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: test }\n';
  writeFileSync(config, `${head}spec: { deadline: ${deadline}ms, ${spec} }\n`);
  const args = ['--config', config];
  bulwark = await startBulwark({ socket: bulwark.socket, policies: [policies], data, args });
}

/** What the API answered to a create, and when. */
async function create() {
  const began = performance.now();
  const { status, text } = await d.api('POST', '/v1.41/containers/create', { body: { Image: 'busybox' } });
  const answer: { readonly Id?: string; readonly message?: string } = JSON.parse(text);
  return { status, took: performance.now() - began, ...answer };
}

type Answer = Awaited<ReturnType<typeof create>>;

/** That the ledger has all that was answered, in one chain. */
async function expectAllIn(answers: readonly Answer[]): Promise<void> {
  const made = () => {
    const all = recordsIn(data);
    const allowed = decisions(all).filter(({ decision }) => decision === 'allow');
    return new Set(allowed.flatMap((one) => settlementsOf(one, all).map(({ newId }) => newId)));
  };
  const missing = () => answers.flatMap(({ Id }) => (Id === undefined || made().has(Id) ? [] : Id));
  await expect.poll(missing).toEqual([]);

  const all = recordsIn(data);
  const ids = new Set([...decisions(all), ...countsIn(data)].map(({ id }) => id));
  const denied = answers.flatMap(({ message }) => /^decision (\w{26})/m.exec(message ?? '')?.[1] ?? []);
  expect(denied.filter((id) => !ids.has(id))).toEqual([]);

  let tip = noTip;
  for (const record of all) {
    expect(record).toMatchObject({ seq: tip.seq + 1, prev: tip.hash, hash: hashOf(record) });
    tip = record;
  }
}

describe('a full disk', () => {
  const reserve = 4 * 1024 * 1024;
  let disk: Disk;

  beforeAll(async () => {
    disk = await mountDisk('tmpfs');
    await keepIn(join(disk.path, 'data'), 'ledger: { reserve: 4MiB }');
  });
  afterAll(async () => {
    await bulwark.stop();
    await disk.remove();
  });

  const reserved = () => statSync(join(data, 'reserve'), { throwIfNoEntry: false })?.size ?? 0;
  /** To the last byte: `dd` ends for want of space. */
  const fill = () => execFileSync('sh', ['-c', `dd if=/dev/zero of="${disk.path}/filler" bs=64k 2>&1 || :`]);
  const docker = async (...args: string[]) => {
    const result = await d.docker(...args);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    return result.stdout;
  };
  const answers: Answer[] = [];

  test('is reached: a create is denied, with the way out', async () => {
    await expect.poll(reserved).toBe(reserve);
    await docker(
      'run',
      '-d',
      '--name',
      'runs',
      'busybox',
      'sh',
      '-c',
      'trap exit TERM; while :; do sleep 0.1; done',
    );
    await docker('create', '--name', 'old', 'busybox');
    fill();
    do answers.push(await create());
    while (answers.at(-1)?.status === 201);
    expect(answers.at(-1)).toMatchObject({ status: 403 });

    const { code, stderr } = await d.docker('create', 'busybox');
    expect(code).toBe(1);
    expect(stderr).toContain('ledger-full: the disk of the ledger is full');
    expect(stderr).toContain('Fix: Free space: `docker system prune`, or remove files on that disk.');
    expect(reserved()).toBeLessThan(reserve);
  });

  test('lets be looked around and cleaned up, and records that', async () => {
    const after = recordsIn(data).length;
    expect(await docker('ps')).toContain('runs');
    await docker('version');
    await docker('info');
    await docker('logs', 'runs');
    await docker('stop', '-t', '5', 'runs');
    expect((await d.docker('start', 'runs')).stderr).toContain('ledger-full');
    await docker('rm', '-f', 'old');
    await docker('system', 'prune', '-f');
    const recorded = () => {
      const all = recordsIn(data);
      return decisions(all.slice(after))
        .filter(({ operation }) => operation !== 'READ')
        .map((one) =>
          [one.decision, one.action, ...settlementsOf(one, all).map(({ outcome }) => outcome)].join(' '),
        );
    };
    await expect
      .poll(recorded)
      .toEqual([
        'allow container.stop done',
        'deny container.start',
        'allow container.delete done',
        'allow container.prune done',
        'allow network.prune done',
        'allow image.prune done',
        'allow build.prune done',
      ]);
  });

  test('that is emptied: creates go on without a restart, the reserve is whole, and no answer is missing', async () => {
    rmSync(join(disk.path, 'filler'));
    const status = async () => {
      answers.push(await create());
      return answers.at(-1)?.status;
    };
    await expect.poll(status, { interval: 200 }).toBe(201);
    expect(reserved()).toBe(reserve);
    await expectAllIn(answers);
  });
});

describe('a frozen disk', () => {
  let disk: Disk;

  beforeAll(async () => {
    disk = await mountDisk('ext4');
    await keepIn(join(disk.path, 'data'), 'ledger: { reserve: 0 }');
  });
  afterAll(async () => {
    await disk.remove();
    await bulwark.stop();
  });

  test('denies in time and says so, but for `version` and `info`, and is well when it thaws', async () => {
    const docker = async (...args: string[]) => ({ command: args.join(' '), ...(await d.docker(...args)) });
    const answers = [await create()];
    await whileFrozen(disk, async () => {
      const results = Promise.all([docker('ps'), docker('create', 'busybox'), docker('rm', 'none')]);
      answers.push(await create());
      expect(answers.at(-1)?.took).toBeLessThan(deadline + slack);
      for (const { command, code, stderr } of await results) {
        expect(code, `${command}: ${stderr}`).toBe(1);
        expect(stderr).toContain(`ledger-stalled: \`${data}/ledger.db\` was not written in time`);
      }
      for (const { command, code, stderr } of [await docker('version'), await docker('info')])
        expect(code, `${command}: ${stderr}`).toBe(0);
    });
    expect(answers.map(({ status }) => status)).toEqual([201, 403]);
    const status = async () => {
      answers.push(await create());
      return answers.at(-1)?.status;
    };
    await expect.poll(status).toBe(201);
    expect(await d.docker('ps')).toMatchObject({ code: 0 });
    await expectAllIn(answers);
  });
});

describe('a writer that is killed under load', () => {
  beforeAll(() => keepIn(join(d.dir, 'killed')));

  const writer = () =>
    Number(readFileSync(`/proc/${bulwark.pid}/task/${bulwark.pid}/children`, 'utf8').split(' ')[0]);

  test('is started again, and every answer comes in time and is in the ledger', async () => {
    const answers: Answer[] = [];
    let goesOn = true;
    const client = async () => {
      while (goesOn) answers.push(await create());
    };
    const load = Promise.all(Array.from({ length: 8 }, client));
    for (let kill = 0; kill < 5; kill++) {
      const before = { pid: writer(), allowed: allowed(answers) };
      process.kill(before.pid, 'SIGKILL');
      await expect.poll(writer).not.toBeOneOf([0, before.pid]);
      await expect.poll(() => allowed(answers)).toBeGreaterThan(before.allowed + 8);
    }
    goesOn = false;
    await load;

    for (const { status, message = '', took } of answers) {
      if (status !== 201) expect(message).toMatch(/bulwark: ledger-(gone|stalled): /);
      expect(took).toBeLessThan(deadline + slack);
    }
    expect(answers.filter(({ status }) => status === 403)).not.toEqual([]);
    await expectAllIn(answers);
  });
});

function allowed(answers: readonly Answer[]): number {
  return answers.filter(({ status }) => status === 201).length;
}
