/** What the ledger holds of everyday commands on real daemons, and that Bulwark changes no exit code. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from '../bulwark.ts';
import { type Dockerd, startDockerd } from '../dockerd.ts';
import { describeReleases } from '../releases.ts';
import { type Workplace, workplace } from '../workplace.ts';
import {
  countsIn,
  decisions,
  isAllowedRead,
  isAllowedWrite,
  recordsIn,
  settlementsOf,
  tell,
} from './book.ts';
import { listenForNames } from './names.ts';
import { rows } from './rows.ts';

const policies = join(import.meta.dirname, '../../../policies');

/** For what comes within 50 ms on a machine that is idle. */
const soon = { timeout: 10_000, interval: 10 };

test('the table has at least 40 commands, each once', () => {
  expect(rows.length).toBeGreaterThanOrEqual(40);
  expect(new Set(rows.map(({ run }) => run)).size).toBe(rows.length);
});

describeReleases('the ledger of everyday commands', (release) => {
  let bulwark: Bulwark;
  let d: Dockerd;
  /** A daemon that asks nobody. */
  let bare: Dockerd;
  let place: Workplace;
  let barePlace: Workplace;
  let data: string;
  let names: ReadonlyMap<string, string>;

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ dir, pluginDir }) => {
        data = join(dir, 'bulwark');
        bulwark = await startBulwark({
          socket: join(pluginDir, 'bulwark.sock'),
          policies: [policies],
          data,
        });
      },
    });
    bare = await startDockerd({ release });
    place = await workplace(d);
    barePlace = await workplace(bare);
    names = listenForNames(d);
  });
  afterAll(async () => {
    await Promise.all([d?.stop(), bare?.stop()]);
    await bulwark?.stop();
  });

  const records = () => recordsIn(data);
  const last = () => records().at(-1)?.seq ?? 0;
  const shell = (at: Workplace, text: string) => at.shell(`set -eu; cd "$SCRATCH"; ${text}`);

  test.for(rows)('$run', async ({ run, code = 0, holds, reads = [] }) => {
    const after = last();
    const denied = holds.some((line) => line.includes('denied'));
    const [here, there] = await Promise.all([shell(place, run), denied ? undefined : shell(barePlace, run)]);
    expect(here, here.stderr).toMatchObject({ code });
    if (there !== undefined) expect(there.code, `without Bulwark: ${there.stderr}`).toBe(code);
    await expect.poll(() => tell(records(), after, names), soon).toEqual([...holds]);
    const read = () => decisions(records().slice(after)).filter(isAllowedRead);
    const missing = () => reads.filter((action) => !read().some((decision) => decision.action === action));
    await expect.poll(missing, soon).toEqual([]);
  });

  /** `count` times the same message at once. */
  const createAtOnce = (count: number, query: string) => {
    const body = { Image: 'busybox', Cmd: ['true'] };
    const create = () => d.api('POST', `/v1.41/containers/create${query}`, { body });
    return Promise.all(Array.from({ length: count }, create));
  };
  const idIn = ({ text }: { readonly text: string }): string => JSON.parse(text).Id;

  test('equal creates at once: each decision has one outcome, and each container is the outcome of one', async () => {
    const after = last();
    const ids = (await createAtOnce(8, '')).map(idIn);
    const made = () =>
      decisions(records().slice(after)).map((decision) => settlementsOf(decision, records()));
    await expect.poll(() => made().map((settled) => settled.length), soon).toEqual(ids.map(() => 1));
    const madeIds = made().map(([settled]) => settled?.newId);
    expect(madeIds.toSorted()).toEqual(ids.toSorted());
  });

  test('equal creates of one name at once: one is done, of the others dockerd tells nothing', async () => {
    const after = last();
    const answers = await createAtOnce(8, '?name=twin');
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    const expected = ['done 201, made twin', ...Array(7).fill('unknown')];
    await expect
      .poll(() => tell(records(), after, names).toSorted(), soon)
      .toEqual(expected.map((came) => `container.create twin: ${came}`));
  });

  test('a build by BuildKit: sessions and gRPC streams, whose outcome is never told', async () => {
    const after = last();
    const build = `printf 'FROM busybox\\nRUN true\\n' | DOCKER_BUILDKIT=1 docker build -t kit -`;
    expect(await shell(place, build)).toMatchObject({ code: 0 });
    await expect
      .poll(() => [...new Set(tell(records(), after, names))].sort(), soon)
      .toEqual(['grpc: unknown', 'session: unknown']);
  });

  test('reads by the hundred: some have records, the others are counted, none is lost', async () => {
    for (let count = 0; count < 150; count++) await d.api('GET', '/v1.41/secrets');
    const isOne = ({ action }: { readonly action: string }) => action === 'secret.list';
    const recorded = () => decisions(records()).filter(isOne);
    const all = () => [...countsIn(data).filter(isOne), ...recorded()];
    await expect.poll(() => all().reduce((sum, { count = 1 }) => sum + count, 0), soon).toBe(150);
    // 60 a minute, and the test may lie in two.
    expect(recorded().length).toBeLessThan(150);
  });

  test('of all that happened here, what may have changed something has exactly one outcome, all else none', async () => {
    const wrong = () => {
      const all = records();
      return decisions(all).filter(
        (decision) => settlementsOf(decision, all).length !== (isAllowedWrite(decision) ? 1 : 0),
      );
    };
    await expect.poll(wrong, soon).toEqual([]);
    expect(decisions(records()).filter(isAllowedWrite).length).toBeGreaterThan(rows.length);
  });
});
