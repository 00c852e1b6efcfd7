/** The account of several users at once, while Bulwark is killed again and again, against what they counted themselves. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decisions, recordsIn } from '../ledger/book.ts';
import { describeReleases } from '../releases.ts';
import { type NamedHost, startNamedHost } from './namedHost.ts';
import { bulwarkSays, issueToken } from './token.ts';

const users = ['alice', 'bob', 'carol', 'dave'] as const;

/** What a user has seen come back. */
interface Tally {
  readonly made: { readonly containers: string[]; readonly volumes: string[] };
  denied: number;
  /**
   * Asked for again by the daemon with an empty message, which is denied, or not at all since Bulwark was away for too
   * long: it may have been recorded before or not.
   */
  lost: number;
}

const newTally = (): Tally => ({ made: { containers: [], volumes: [] }, denied: 0, lost: 0 });

function answered({ made, denied }: Tally): number {
  return made.containers.length + made.volumes.length + denied;
}

describeReleases('an account', (release) => {
  let host: NamedHost;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    host = await startNamedHost(release, async (data) => {
      for (const user of users) tokens.set(user, await issueToken(data, user, '--groups', 'web'));
    });
  });
  afterAll(() => host?.stop());

  /** Makes things, no two requests of which are the same, until it is over. */
  async function work(user: string, tally: Tally, isOver: () => boolean): Promise<void> {
    const headers = { 'X-Bulwark-Token': tokens.get(user) ?? '' };
    for (let turn = 0; !isOver(); turn++) {
      const name = `${user}-${turn}`;
      const create = (body: object) =>
        host.d.api('POST', `/v1.41/containers/create?name=${name}`, { headers, body, timeout: 30_000 });
      const kind = turn % 3;
      const { status, text } =
        kind === 0
          ? await create({ Image: 'busybox' })
          : kind === 1
            ? await create({ Image: 'busybox', HostConfig: { Privileged: true } })
            : await host.d.api('POST', '/v1.41/volumes/create', {
                headers,
                body: { Name: name },
                timeout: 30_000,
              });
      if (status === 500 || text.includes('message-unreadable')) tally.lost++;
      else if (kind === 1) {
        expect({ status, text }).toMatchObject({
          status: 403,
          text: expect.stringContaining(`asked by ${user}`),
        });
        tally.denied++;
      } else {
        expect({ status, text }).toEqual({ status: 201, text: expect.any(String) });
        if (kind === 0) tally.made.containers.push(JSON.parse(text).Id);
        else tally.made.volumes.push(name);
      }
    }
  }

  const kills = release === '26.1' ? 20 : 5;
  test(`is what they have counted, after ${kills} SIGKILLs`, async () => {
    const { data } = host;
    let over = false;
    const tallies = new Map(users.map((user) => [user, newTally()]));
    const working = Promise.all([...tallies].map(([user, tally]) => work(user, tally, () => over)));
    // A request that went wrong shows at the end.
    working.catch(() => undefined);
    for (let kill = 0; kill < kills; kill++) {
      const before = new Map([...tallies].map(([user, tally]) => [user, answered(tally)]));
      const moved = () =>
        [...tallies].filter(([user, tally]) => answered(tally) > (before.get(user) ?? 0) + 2);
      await Promise.race([
        working,
        expect.poll(() => moved().length, { timeout: 60_000 }).toBe(users.length),
      ]);
      // Not a wait for something to happen: the moment of the kill is what differs.
      await pause((kill * 37) % 100);
      process.kill(host.bulwark.pid, 'SIGKILL');
      await host.bulwark.restart();
    }
    over = true;
    await working;

    const usage = async (user: string) => {
      const { requests, allowed, denied } = JSON.parse(
        await bulwarkSays('usage', user, '--data', data, '--output', 'json'),
      );
      return { requests, allowed, denied };
    };
    for (const [user, { made, denied, lost }] of tallies) {
      const allowed = made.containers.length + made.volumes.length;
      expect(denied).toBeGreaterThan(0);
      // Else the bounds below would say little.
      expect(lost).toBeLessThan(allowed + denied);
      // What was answered is counted, once; what nobody heard of may be.
      const account = await usage(user);
      const more = { allowed: account.allowed - allowed, denied: account.denied - denied };
      expect(Math.min(more.allowed, more.denied)).toBeGreaterThanOrEqual(0);
      expect(more.allowed + more.denied).toBeLessThanOrEqual(lost);
      // And it is what somebody counts who has all records before him.
      const own = decisions(recordsIn(data)).filter(({ subject }) => subject.name === user);
      const recorded = (answer: 'allow' | 'deny') =>
        own.filter(({ decision }) => decision === answer).reduce((sum, { count = 1 }) => sum + count, 0);
      const [allows, denies] = [recorded('allow'), recorded('deny')];
      expect(await usage(user)).toEqual({ requests: allows + denies, allowed: allows, denied: denies });
    }

    // What they have made, as far as a response reached Bulwark: it is told after the fact, and a kill may lose it.
    const owned = async () =>
      new Map<string, string>(
        JSON.parse(
          await bulwarkSays('owner', 'ls', '--data', data, '--limit', '10000', '--output', 'json'),
        ).items.map(({ kind, id, subject }: { kind: string; id: string; subject: string }) => [
          `${kind} ${id}`,
          subject,
        ]),
      );
    const owners = await owned();
    let missing = 0;
    for (const [
      user,
      {
        made: { containers, volumes },
      },
    ] of tallies) {
      for (const thing of [
        ...containers.map((id) => `container ${id}`),
        ...volumes.map((name) => `volume ${name}`),
      ]) {
        const owner = owners.get(thing);
        if (owner === undefined) missing++;
        else expect({ thing, owner }).toEqual({ thing, owner: user });
      }
    }
    expect(missing).toBeLessThanOrEqual(kills * users.length);
  }, 300_000);
});
