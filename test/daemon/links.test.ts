/**
 * Links on the host: what a bind or a volume names is judged as written and as what it leads to, when a container is
 * created and when it starts. And how often who flips a link at the right moment wins all the same (SECURITY.md).
 */
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

/** Volumes may bind here, or their links would never be looked at. */
const policy = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  profile: baseline
  controls:
    volumes: {}
`;

/** A folder of the host that users may bind, and what is in it. */
const furniture = `mkdir -p /srv/app/real/sub
echo harmless > /srv/app/real/marker
echo secret > /etc/marker
cd /srv/app
ln -s /etc link
ln -s ../../etc up
ln -s real good
ln -s link chain
ln -s /etc/new dangling
ln -s /run/docker.sock sock
ln -s loop loop
ln -s real flip
`;

const bindTo = (source: string) => ({ Binds: [`${source}:/h`] });
const mountOf = (source: string) => ({ Mounts: [{ Type: 'bind', Source: source, Target: '/h' }] });
const volumeOf = (device: string) => ({
  Mounts: [
    {
      Type: 'volume',
      Target: '/h',
      VolumeOptions: { DriverConfig: { Name: 'local', Options: { type: 'none', o: 'bind', device } } },
    },
  ],
});

const inEtc = /house\/binds: .*: `\/srv\/app\/[^`]*` leads to `\/etc(?:\/[^`]*)?` on this host\./;

describeReleases('links of the host', (release) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-links-'));
  let d: Dockerd;
  let bulwark: Bulwark;

  beforeAll(async () => {
    writeFileSync(join(folder, 'house.yaml'), policy);
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ pluginDir }) => {
        bulwark = await startBulwark({ socket: join(pluginDir, 'bulwark.sock'), policies: [folder] });
      },
    });
    const { code, stderr } = await d.onHost(['sh', '-ec', furniture]);
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
    rmSync(folder, { recursive: true });
  });

  function create(HostConfig: object, name?: string) {
    const target = `/v1.41/containers/create${name === undefined ? '' : `?name=${name}`}`;
    const body = {
      Image: 'busybox',
      Cmd: ['cat', '/h/marker'],
      HostConfig: { NetworkMode: 'none', ...HostConfig },
    };
    return d.api('POST', target, { body });
  }

  const start = (name: string) => d.api('POST', `/v1.41/containers/${name}/start`);
  const copy = (name: string) => d.api('GET', `/v1.41/containers/${name}/archive?path=/h/marker`);

  /** Makes a link of the host's, or lets it lead elsewhere; at once, as `ln -sfn` does not. */
  function link(path: string, target: string): void {
    const at = `${d.hostRoot}${path}`;
    symlinkSync(target, `${at}.new`);
    renameSync(`${at}.new`, at);
  }

  describe('at create', () => {
    test.each([
      ['a link', '/srv/app/link'],
      ['a relative link', '/srv/app/up'],
      ['a link to a link', '/srv/app/chain'],
      ['what lies below one', '/srv/app/link/ssl'],
      ['what does not exist below one', '/srv/app/link/new/newer'],
      ['what does not exist where one leads', '/srv/app/dangling'],
    ])('%s into a protected folder is denied: %s', async (_, source) => {
      for (const host of [bindTo(source), mountOf(source), volumeOf(source)]) {
        expect(await create(host)).toMatchObject({ status: 403, text: expect.stringMatching(inEtc) });
      }
      const DriverOpts = { type: 'none', o: 'bind', device: source };
      expect(await d.api('POST', '/v1.41/volumes/create', { body: { Name: 'v', DriverOpts } })).toMatchObject(
        {
          status: 403,
          text: expect.stringMatching(inEtc),
        },
      );
    });

    test('and so is one to the socket of the daemon', async () => {
      const { text } = await create(bindTo('/srv/app/sock'));
      expect(text).toMatch(
        /house\/dockerSocket: .*: `\/srv\/app\/sock` leads to `\/run\/docker.sock` on this host/,
      );
    });

    test('and what nobody can follow', async () => {
      expect((await create(bindTo('/srv/app/loop'))).text).toContain('host-files-unreadable: ');
    });

    test('and a service with one', async () => {
      const mounts = (Source: string) => ({
        TaskTemplate: {
          ContainerSpec: { Image: 'busybox', Mounts: [{ Type: 'bind', Source, Target: '/h' }] },
        },
      });
      const ask = (source: string) => d.api('POST', '/v1.41/services/create', { body: mounts(source) });
      expect((await ask('/srv/app/link')).text).toMatch(inEtc);
      // Not in a swarm, says the daemon.
      expect((await ask('/srv/app/good')).status).toBe(503);
    });

    test.each(['/srv/app/good', '/srv/app/good/sub', '/srv/app/real', '/srv/app/fresh/new'])(
      'what leads to what may be bound passes: %s',
      async (source) => {
        expect(await create(bindTo(source))).toMatchObject({ status: 201 });
      },
    );
  });

  describe('at start', () => {
    /** A container, the link that it rests on, and its volume's options where it has one. */
    const rows: readonly { name: string; host: object; path: string; device?: string }[] = [
      { name: 'bound', host: bindTo('/srv/app/moves'), path: '/srv/app/moves' },
      { name: 'below', host: bindTo('/srv/app/middle/sub'), path: '/srv/app/middle' },
      {
        name: 'with-volume',
        host: { Binds: ['by-name:/h'] },
        path: '/srv/app/device',
        device: '/srv/app/device',
      },
    ];

    test.each(rows)('a link that leads elsewhere since the create is followed: $name', async (row) => {
      const { name, host, path, device } = row;
      link(path, 'real');
      if (device !== undefined) {
        const DriverOpts = { type: 'none', o: 'bind', device };
        const made = await d.api('POST', '/v1.41/volumes/create', { body: { Name: 'by-name', DriverOpts } });
        expect(made.status).toBe(201);
      }
      expect(await create(host, name)).toMatchObject({ status: 201 });
      link(path, '/etc');
      for (const denied of [await start(name), await copy(name)]) {
        expect(denied.text).toMatch(/house\/binds: the container `[^`]*` as it is stored: /);
        expect(denied.text).toMatch(inEtc);
      }
      link(path, 'real');
      expect((await start(name)).status).toBe(204);
    });

    test('and one that was made since in the place of what did not exist', async () => {
      expect(await create(bindTo('/srv/app/later'), 'later')).toMatchObject({ status: 201 });
      link('/srv/app/later', '/etc');
      expect((await start('later')).text).toMatch(inEtc);
    });
  });

  test('who flips a link 500 times while containers with it are used', async () => {
    const names = ['flip-0', 'flip-1', 'flip-2', 'flip-3'];
    link('/srv/app/flip', 'real');
    for (const name of names)
      expect(await create(bindTo('/srv/app/flip'), name)).toMatchObject({ status: 201 });
    let flips = 0;
    let over = false;
    const flipping = (async () => {
      for (; !over; await pause(1)) link('/srv/app/flip', flips++ % 2 === 0 ? '/etc' : 'real');
    })();
    const counts = { denied: 0, harmless: 0, won: 0 };
    const others: string[] = [];
    const count = (text: string) => {
      if (inEtc.test(text)) counts.denied += 1;
      else if (text.includes('harmless')) counts.harmless += 1;
      else if (text.includes('secret')) counts.won += 1;
      else others.push(text);
    };
    // A copy mounts the binds as a start does, at a fraction of its cost.
    const copies = async (name: string) => {
      for (let i = 0; i < 110; i++) count((await copy(name)).text);
    };
    const starts = async (name: string) => {
      for (let i = 0; i < 15; i++) {
        const { status, text } = await start(name);
        if (status !== 204) {
          count(text);
          continue;
        }
        await d.api('POST', `/v1.41/containers/${name}/wait`);
        const { text: logs } = await d.api('GET', `/v1.41/containers/${name}/logs?stdout=1&stderr=1&tail=1`);
        count(logs);
      }
    };
    await Promise.all(names.map(copies));
    const ofCopies = { ...counts };
    await Promise.all(names.map(starts));
    over = true;
    await flipping;
    const ofStarts = Object.entries(counts).map(
      ([what, all]) => `${all - ofCopies[what as keyof typeof counts]} ${what}`,
    );
    console.log(
      `links (Docker ${release}): of 440 copies ${ofCopies.denied} denied, ${ofCopies.harmless} harmless, ${ofCopies.won} won; of 60 starts ${ofStarts.join(', ')}; ${flips} flips`,
    );
    expect(others).toEqual([]);
    expect(counts.denied + counts.harmless + counts.won).toBe(500);
    // No matter what happened before: as it is now.
    link('/srv/app/flip', '/etc');
    for (const name of names) expect((await start(name)).text).toMatch(inEtc);
    link('/srv/app/flip', 'real');
    for (const name of names) expect((await copy(name)).text).toContain('harmless');
  }, 240_000);

  test('are not followed with --host-root off, and every place says so', async () => {
    const socket = join(d.pluginDir, 'bulwark.sock');
    await bulwark.stop();
    const without = await startBulwark({ socket, policies: [folder], hostRoot: 'off' });
    expect(without.ready).toContain('hostFiles=off');
    await expect.poll(() => without.logs()).toContain('host paths are judged as they are written');
    expect(await create(bindTo('/srv/app/link'))).toMatchObject({ status: 201 });
    await without.stop();
    await bulwark.restart();
  });
});
