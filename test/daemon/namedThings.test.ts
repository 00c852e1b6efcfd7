/**
 * What a request names counts as the daemon has it: an image by where it came from and whom it runs as, a volume by what
 * it is made of, a network by its name. All of it is prepared while the daemon has no plugin.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { describeReleases } from './releases.ts';

const house = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  profile: baseline
  controls:
    images: { allowRegistries: ["127.0.0.1:5000"] }
    user: { nonRoot: require }
    networks: { names: [mine] }
`;

const registry = '127.0.0.1:5000';
const named = (name: string) => `${registry}/team/${name}:1`;
const [app, root, late, loaded] = [named('app'), named('root'), named('late'), named('loaded')];

describeReleases('what a request names', (release) => {
  let d: Dockerd;
  let bulwark: Bulwark;
  let folder: string;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bulwark-named-'));
    await writeFile(join(folder, 'house.yaml'), house);
    d = await startDockerd({ release, daemonJson: { 'insecure-registries': [registry] } });
    expect((await d.startRegistry()).address).toBe(registry);
    await must('create', '--name', 'model', 'busybox', 'sleep', '1000');
    for (const [name, user] of [
      [app, '1000'],
      [root, 'root'],
      [late, '1000'],
    ] as const) {
      await must('commit', '--change', `USER ${user}`, 'model', name);
      await must('push', name);
    }
    await must('rmi', late);
    // What somebody else made, under a name of the registry.
    await must('commit', '--change', 'LABEL made=elsewhere', 'model', loaded);
    await must('save', '--output', join(folder, 'loaded.tar'), loaded);
    await must('rmi', loaded);
    await must('load', '--input', join(folder, 'loaded.tar'));
    for (const name of ['mine', 'yours']) ids.set(name, await must('network', 'create', name));
    await must('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/etc', 'etc');
    await must('volume', 'create', 'data');
    await must('create', '--name', 'kept', '--network', 'mine', app, 'true');
    await must('create', '--name', 'foreign', '--user', '1000', '--network', 'mine', 'busybox', 'true');
    await must('create', '--name', 'elsewhere', '--network', 'yours', app, 'true');
    await must('swarm', 'init', '--listen-addr', '192.0.2.2', '--advertise-addr', '192.0.2.2');
    ids.set('swarm-host', await must('network', 'inspect', '--format', '{{.Id}}', 'host'));
    await d.restart({
      daemonJson: { 'insecure-registries': [registry], 'authorization-plugins': ['bulwark'] },
      before: async () => {
        const socket = join(d.pluginDir, 'bulwark.sock');
        bulwark = await startBulwark({ socket, policies: [folder] });
      },
    });
    await d.startRegistry();
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await d.docker(...args);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** The rules that a command breaks; none where it is done. */
  async function broken(...args: string[]): Promise<string[]> {
    const { code, stderr } = await d.docker(...args);
    const rules = [...stderr.matchAll(/\b(house\/[\w.]+): /g)].map(([, rule = '']) => rule);
    if (code !== 0 && rules.length === 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return rules;
  }

  const run = (image: string, ...flags: string[]) =>
    broken('run', '--rm', '--network', 'mine', ...flags, image, 'true');

  describe('images', () => {
    test('pass as they came from the registry, and with the USER that they have', async () => {
      expect(await run(app)).toEqual([]);
      expect(await run(root)).toEqual(['house/user']);
      expect(await run(root, '--user', '1000')).toEqual([]);
    });

    test('are pulled first where they are not here, and judged then', async () => {
      expect(await run(late)).toEqual([]);
    });

    test.each([
      ['tag', () => ['tag', 'busybox', named('other')]],
      ['commit', () => ['commit', '--change', 'USER 1000', 'kept', named('other')]],
      ['import', () => ['import', join(folder, 'root.tar'), named('other')]],
    ])('do not pass for others by a %s', async (_, command) => {
      await must('export', '--output', join(folder, 'root.tar'), 'kept');
      await must(...command());
      expect(await run(named('other'), '--user', '1000')).toEqual(['house/images.local']);
      await must('rmi', named('other'));
    });

    test('do not pass for others by a load', async () => {
      expect(await broken('load', '--input', join(folder, 'loaded.tar'))).toEqual(['house/images.load']);
      expect(await run(loaded, '--user', '1000')).toEqual(['house/images.local']);
    });

    test('pass again when the name is pulled anew', async () => {
      await must('tag', 'busybox', app);
      expect(await run(app, '--user', '1000')).toEqual(['house/images.local']);
      // A container keeps the image that it was made of.
      expect(await broken('start', 'kept')).toEqual([]);
      await must('pull', app);
      expect(await run(app)).toEqual([]);
    });

    test('do not pass by their ids', async () => {
      const id = await must('inspect', '--format', '{{.Id}}', 'busybox');
      expect(await run(id, '--user', '1000')).toEqual(['house/images.id']);
      expect(await run(id.slice('sha256:'.length, 20), '--user', '1000')).toEqual(['house/images.id']);
    });

    test('of containers that are there already count too', async () => {
      expect(await broken('start', 'foreign')).toEqual(['house/images.registry']);
    });
  });

  describe('volumes', () => {
    test.each([
      ['a container', ['create', '--network', 'mine', '-v', 'etc:/h', app]],
      [
        'a service',
        ['service', 'create', '--detach', '--user', '1000', '--mount', 'type=volume,src=etc,dst=/h', app],
      ],
    ])('are known for what they are made of: %s', async (_, command) => {
      expect(await broken(...command)).toEqual(['house/binds', 'house/volumes']);
    });

    test('of no options pass', async () => {
      expect(await run(app, '-v', 'data:/d')).toEqual([]);
    });
  });

  describe('networks', () => {
    test('go by their names, also where an id stands for them', async () => {
      const [mine = '', yours = ''] = [ids.get('mine'), ids.get('yours')];
      for (const id of [mine, mine.slice(0, 12)])
        expect(await broken('run', '--rm', '--network', id, app, 'true')).toEqual([]);
      for (const name of ['yours', yours, yours.slice(0, 12)])
        expect(await broken('run', '--rm', '--network', name, app, 'true')).toEqual(['house/networks.name']);
      expect(await broken('start', 'elsewhere')).toEqual(['house/networks.name']);
      expect(await broken('network', 'connect', yours, 'kept')).toEqual(['house/networks.name']);
    });

    test("of a service may not be the host's, which the CLI names by its id", async () => {
      const service = ['service', 'create', '--detach', '--user', '1000', '--network', 'host', app];
      expect(await broken(...service)).toContain('house/hostNamespaces.network');
    });
  });
});
