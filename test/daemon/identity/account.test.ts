/** The account of several users at once, while Bulwark is killed again and again, against what they counted themselves. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from '../bulwark.ts';
import { type Dockerd, startDockerd } from '../dockerd.ts';
import { describeReleases } from '../releases.ts';
import { writePolicies } from './policies.ts';
import { bulwarkSays, issueToken } from './token.ts';

const users = ['alice', 'bob', 'carol', 'dave'] as const;

/** What a user has seen come back. */
interface Tally {
  readonly made: { readonly containers: string[]; readonly volumes: string[] };
  denied: number;
  /** Answered with 500, since Bulwark was away for too long: it may have been recorded or not. */
  lost: number;
}

describeReleases('an account', (release) => {
  let d: Dockerd;
  let bulwark: Bulwark;
  let data: string;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async (place) => {
        writePolicies(join(place.dir, 'policies'));
        data = join(place.dir, 'bulwark-data');
        mkdirSync(data, { mode: 0o700 });
        for (const user of users) tokens.set(user, await issueToken(data, user, '--groups', 'web'));
        bulwark = await startBulwark({
          ...{ socket: join(place.pluginDir, 'bulwark.sock'), data },
          policies: [join(place.dir, 'policies')],
        });
      },
    });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
  });

  /** Makes things, no two requests of which are the same, until it is over. */
  async function work(user: string, isOver: () => boolean): Promise<Tally> {
    const tally: Tally = { made: { containers: [], volumes: [] }, denied: 0, lost: 0 };
    const headers = { 'X-Bulwark-Token': tokens.get(user) ?? '' };
    for (let turn = 0; !isOver(); turn++) {
      const name = `${user}-${turn}`;
      const create = (body: object) =>
        d.api('POST', `/v1.41/containers/create?name=${name}`, { headers, body, timeout: 30_000 });
      const kind = turn % 3;
      const { status, text } =
        kind === 0
          ? await create({ Image: 'busybox' })
          : kind === 1
            ? await create({ Image: 'busybox', HostConfig: { Privileged: true } })
            : await d.api('POST', '/v1.41/volumes/create', {
                headers,
                body: { Name: name },
                timeout: 30_000,
              });
      if (status === 500) tally.lost++;
      else if (kind === 1) {
        expect({ status, text }).toMatchObject({
          status: 403,
          text: expect.stringContaining(`asked by ${user}`),
        });
        tally.denied++;
      } else {
        expect({ status, text }).toMatchObject({ status: 201 });
        if (kind === 0) tally.made.containers.push(JSON.parse(text).Id);
        else tally.made.volumes.push(name);
      }
    }
    return tally;
  }

  const kills = release === '26.1' ? 20 : 5;
  test(`is what they have counted, after ${kills} SIGKILLs`, async () => {
    let over = false;
    const working = Promise.all(users.map((user) => work(user, () => over)));
    working.catch(() => undefined);
    for (let kill = 0; kill < kills; kill++) {
      // Not a wait for something to happen: the moment of the kill is what differs.
      await pause(200 + ((kill * 137) % 500));
      process.kill(bulwark.pid, 'SIGKILL');
      await bulwark.restart();
    }
    await pause(500);
    over = true;
    const tallies = await working;

    const usage = async (user: string) =>
      JSON.parse(await bulwarkSays('usage', user, '--data', data, '--output', 'json'));
    for (const [at, user] of users.entries()) {
      const { made, denied, lost } = tallies[at] ?? {
        made: { containers: [], volumes: [] },
        denied: 0,
        lost: 0,
      };
      // Retries come for up to 15 s, and Bulwark was back sooner each time.
      expect({ user, lost }).toEqual({ user, lost: 0 });
      expect(denied).toBeGreaterThan(kills);
      const allowed = made.containers.length + made.volumes.length;
      await expect
        .poll(async () => {
          const { requests, ...account } = await usage(user);
          return { requests, allowed: account.allowed, denied: account.denied };
        })
        .toEqual({ requests: allowed + denied, allowed, denied });
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
    for (const [at, user] of users.entries()) {
      const { containers = [], volumes = [] } = tallies[at]?.made ?? {};
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
