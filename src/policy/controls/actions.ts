import { z } from 'zod';
import { printable, quote } from '../../model/printable.ts';
import type { Protect } from '../../model/protect.ts';
import type { AdmissionRequest } from '../../model/request.ts';
import { control, type Finding } from '../control.ts';
import { actionPatterns } from '../match.ts';
import { matches } from '../pattern.ts';

const askAdministrator = 'ask the administrator of this host to do it.';

const baselineDeny = [
  {
    actions: [
      'plugin.pull',
      'plugin.create',
      'plugin.enable',
      'plugin.disable',
      'plugin.upgrade',
      'plugin.set',
      'plugin.push',
      'plugin.delete',
    ],
    message: 'managed plugins run as root on the host, and one of them may be what guards it.',
    fix: 'ask the administrator of this host to install or change the plugin.',
  },
  {
    actions: ['swarm.init', 'swarm.join', 'swarm.update', 'swarm.unlock'],
    message:
      "a swarm hands this host's containers to whoever manages the swarm, past everything that is decided here.",
    fix: 'work with docker run or docker compose; for a cluster ask the administrator of this host.',
  },
  {
    actions: ['swarm.inspect', 'swarm.unlockkey'],
    message: 'the answer holds the secrets with which any machine can join the swarm as a manager.',
    fix: 'use docker info for the state of the swarm, or ask the administrator of this host for a token.',
  },
  {
    actions: ['node.update', 'node.delete'],
    message: 'whoever changes nodes rules the swarm: its managers decide what runs on every host.',
    fix: 'ask the administrator of this host to change the node.',
  },
  {
    actions: ['checkpoint.*'],
    message:
      'checkpoints read, write and remove folders anywhere on the host, as root, and hold the memory of a container.',
    fix: 'use docker commit to keep a state, or docker pause to halt a container.',
  },
];

/** The command of an action where it is not its name with a blank: what the user typed. */
const commands: ReadonlyMap<string, string> = new Map([
  ['plugin.pull', 'docker plugin install'],
  ['plugin.delete', 'docker plugin rm'],
  ['swarm.inspect', 'docker swarm'],
  ['swarm.unlockkey', 'docker swarm unlock-key'],
  ['node.delete', 'docker node rm'],
  ['checkpoint.list', 'docker checkpoint ls'],
  ['checkpoint.delete', 'docker checkpoint rm'],
  ['container.start', 'docker start --checkpoint'],
]);

const parameters = z.strictObject({
  deny: z
    .array(
      z.strictObject({
        actions: actionPatterns.describe('Names of actions, as patterns: `plugin.*`.'),
        message: z.string().describe('Why, for those who are denied.'),
        fix: z.string().optional().describe('What to do instead.'),
      }),
    )
    .default([])
    .describe('What nobody may call here. Bulwark protects its own container and plugin name in any case.'),
});

/**
 * The action, and what it does beside: a start from a checkpoint reaches the same folders as the checkpoint
 * routes do, and a service with a plugin specification installs it.
 */
function actionsOf({ action, object, query }: AdmissionRequest): string[] {
  const checkpoint = [...(query.get('checkpoint') ?? []), ...(query.get('checkpoint-dir') ?? [])];
  return [
    action,
    ...(action === 'container.start' && checkpoint.some((value) => value !== '')
      ? ['checkpoint.restore']
      : []),
    ...(object.plugin !== undefined && !action.startsWith('plugin.') ? ['plugin.pull'] : []),
  ];
}

type DenyList = z.infer<typeof parameters>['deny'];

/** What `entriesOf` has found. Lists are of policies and actions are ours, so both are few. */
const found = new WeakMap<DenyList, Map<string, DenyList>>();

/** The entries of a list that speak of any of these actions. Remembered, since every request asks. */
function entriesOf(deny: DenyList, actions: readonly string[]): DenyList {
  const known = found.get(deny) ?? new Map<string, DenyList>();
  found.set(deny, known);
  const key = actions.join(' ');
  const entries =
    known.get(key) ??
    deny.filter((entry) => entry.actions.some((pattern) => actions.some((done) => matches(pattern, done))));
  known.set(key, entries);
  return entries;
}

function commandOf(action: string): string {
  return commands.get(action) ?? `docker ${action.replace('.', ' ')}`;
}

/** What would stop, change, enter or read Bulwark's own container. */
const intoContainer = new Set([
  'container.stop',
  'container.kill',
  'container.restart',
  'container.pause',
  'container.delete',
  'container.rename',
  'container.update',
  'container.attach',
  'container.attach_ws',
  'container.archive_put',
  'container.archive_get',
  'container.export',
  'container.commit',
  'exec.create',
]);

const hex = /^[0-9a-f]+$/;

/** Whether a reference may name the container: by name, id or prefix of its id. A leading slash is the daemon's own. */
function names(ref: string, container: string): boolean {
  const bare = ref.replace(/^\//, '');
  if (bare === '') return false;
  if (bare === container) return true;
  // Either may be the shorter one: a container knows itself by the first 12 digits of its id.
  const isId = container.length >= 12 && hex.test(container) && hex.test(bare);
  return isId && (container.startsWith(bare) || bare.startsWith(container));
}

/** The containers that a request acts on, or whose volumes or namespaces it takes. */
function reached({ action, resource, object, query }: AdmissionRequest): string[] {
  const refs = intoContainer.has(action) ? [resource.ref ?? '', ...(query.get('container') ?? [])] : [];
  const { container, build } = object;
  // SOURCE[:MODE] and container:REF, as the daemon splits them.
  for (const source of container?.volumesFrom ?? []) refs.push(source.split(':', 1)[0] ?? '');
  for (const { mode, ref = '' } of Object.values(container?.namespaces ?? {})) {
    if (mode === 'container') refs.push(ref);
  }
  for (const joined of [container?.joinCgroup, build?.networkMode]) {
    if (joined?.startsWith('container:')) refs.push(joined.slice('container:'.length));
  }
  return refs;
}

function ownContainer(request: AdmissionRequest, { container, containerId }: Protect): Finding[] {
  const own = [container, containerId].filter((name) => name !== undefined);
  if (own.length === 0) return [];
  const ref = reached(request).find((given) => own.some((name) => names(given, name)));
  if (ref === undefined) return [];
  return [
    {
      part: 'self',
      message: `${quote(ref)} is, or may be by its id, the container in which Bulwark runs and decides what this host may be asked.`,
      fix: 'if you mean another container, give its whole name or id; for this one ask the administrator of this host.',
      value: printable(ref),
    },
  ];
}

/** `NAME`, `NAME:tag`, `library/NAME`, `registry/NAME@digest`: what the daemon could take for the plugin. */
function namesPlugin(ref: string, plugin: string): boolean {
  const last = ref.split('@', 1)[0]?.split('/').at(-1)?.split(':', 1)[0] ?? '';
  return last !== '' && last.toLowerCase() === plugin.toLowerCase();
}

function ownPlugin(
  { action, operation, resource, object }: AdmissionRequest,
  { plugin }: Protect,
): Finding[] {
  if (operation === 'READ') return [];
  const made = object.plugin?.names.find((name) => namesPlugin(name, plugin));
  if (made !== undefined) {
    return [
      {
        part: 'self',
        message: `${quote(made)} has the name of Bulwark's own plugin: the daemon would take a managed plugin of that name in its place.`,
        fix: 'give the plugin another name with --alias, or ask the administrator of this host.',
        value: printable(made),
      },
    ];
  }
  const { ref = '' } = resource;
  // The daemon finds a plugin by the beginning of its id as well (20.10 to 29).
  if (!action.startsWith('plugin.') || !(namesPlugin(ref, plugin) || hex.test(ref))) return [];
  return [
    {
      part: 'self',
      message: `${quote(ref)} is, or may be by its id, the plugin that decides what this host may be asked.`,
      fix: 'if you mean another plugin, give its name and tag; for this one ask the administrator of this host.',
      value: printable(ref),
    },
  ];
}

export const actions = control({
  name: 'actions',
  flags: ['docker plugin', 'docker swarm', 'docker node update', 'docker checkpoint'],
  about:
    'What nobody may call here: plugins and a swarm hand the host to others, checkpoints reach its folders. Bulwark also keeps its own container and plugin out of reach, whatever the list says.',
  // Those of actions that are denied whole, and the names by which Bulwark's own plugin could be taken.
  reads: 'every request',
  fields: [
    'PluginPullQuery.remote',
    'PluginPullQuery.name',
    'PluginCreateQuery.name',
    'PluginUpgradeQuery.remote',
    'PluginSpec.*',
    'SwarmInit.Spec',
    'SwarmSpec.CAConfig',
    'CAConfig.*',
    'ExternalCA.*',
    'SwarmJoin.RemoteAddrs',
    'NodeSpec.Role',
    'StartQuery.checkpoint',
    'CheckpointQuery.dir',
    'CheckpointCreate.*',
  ],
  parameters,
  profiles: { baseline: { deny: baselineDeny }, restricted: { deny: baselineDeny } },
  check(request, { deny }, { protect }) {
    const denied = entriesOf(deny, actionsOf(request)).map(({ message, fix }) => ({
      message: `${commandOf(request.action)}: ${message}`,
      fix: fix ?? askAdministrator,
      value: request.action,
    }));
    return [...denied, ...ownContainer(request, protect), ...ownPlugin(request, protect)];
  },
  examples: [
    { docker: 'docker swarm leave --force' },
    { docker: 'docker plugin ls' },
    { docker: 'docker node ls' },
    { docker: 'docker stop web' },
    { docker: 'docker plugin install --grant-all-permissions vieux/sshfs', breaks: [''] },
    { docker: 'docker plugin disable vieux/sshfs', breaks: [''] },
    { docker: 'docker plugin set vieux/sshfs DEBUG=1', breaks: [''] },
    { docker: 'docker plugin create mine plugin', breaks: [''] },
    { docker: 'docker plugin disable bulwark', breaks: ['', 'self'] },
    { docker: 'docker plugin set bulwark BULWARK_DEADLINE=1s', with: { deny: [] }, breaks: ['self'] },
    { docker: 'docker plugin rm --force 3995c545', with: { deny: [] }, breaks: ['self'] },
    { docker: 'docker plugin disable cafe:latest', with: { deny: [] } },
    { docker: 'docker swarm init', breaks: [''] },
    { docker: 'docker swarm join --token SWMTKN-1-x 192.0.2.1:2377', breaks: [''] },
    { docker: 'docker swarm update --autolock', breaks: [''] },
    { docker: 'docker swarm join-token manager', breaks: [''] },
    { docker: 'docker node update --role manager n1', breaks: [''] },
    { docker: 'docker node rm n1', breaks: [''] },
    { docker: 'docker checkpoint create web before', breaks: [''] },
    { docker: 'docker checkpoint ls --checkpoint-dir /etc web', breaks: [''] },
    { docker: 'docker checkpoint rm web before', breaks: [''] },
    { request: { method: 'POST', uri: '/v1.41/containers/web/start?checkpoint=before' }, breaks: [''] },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/services/create',
        body: { TaskTemplate: { Runtime: 'plugin', PluginSpec: { name: 'mine', remote: 'vieux/sshfs' } } },
      },
      breaks: [''],
    },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/services/create',
        body: { TaskTemplate: { Runtime: 'plugin', PluginSpec: { name: 'bulwark', remote: 'vieux/sshfs' } } },
      },
      with: { deny: [] },
      breaks: ['self'],
    },
    { docker: 'docker plugin create bulwark plugin', with: { deny: [] }, breaks: ['self'] },
    {
      docker: 'docker plugin install --grant-all-permissions --alias bulwark:next vieux/sshfs',
      with: { deny: [] },
      breaks: ['self'],
    },
    {
      docker: 'docker plugin install --grant-all-permissions registry.example.com/library/bulwark:1',
      with: { deny: [] },
      breaks: ['self'],
    },
    { docker: 'docker plugin install --grant-all-permissions vieux/sshfs', with: { deny: [] } },
    { docker: 'docker stop bulwark', breaks: ['self'] },
    { docker: 'docker kill bulwark', breaks: ['self'] },
    { docker: 'docker rm --force bulwark', breaks: ['self'] },
    { docker: 'docker rename bulwark old', breaks: ['self'] },
    { docker: 'docker update --memory 6m bulwark', breaks: ['self'] },
    { docker: 'docker pause bulwark', breaks: ['self'] },
    { docker: 'docker exec bulwark sh', breaks: ['self'] },
    { docker: 'docker attach bulwark', breaks: ['self'] },
    { docker: 'docker cp file.txt bulwark:/etc/', breaks: ['self'] },
    { docker: 'docker cp bulwark:/var/lib/bulwark -', breaks: ['self'] },
    { docker: 'docker run --volumes-from bulwark:ro alpine', breaks: ['self'] },
    { docker: 'docker run --pid container:bulwark alpine', breaks: ['self'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --network container:bulwark .', breaks: ['self'] },
    { docker: 'docker commit bulwark copy', breaks: ['self'] },
    { docker: 'docker export bulwark', breaks: ['self'] },
    { docker: 'docker logs bulwark' },
    {
      docker: 'docker commit web mine',
      with: { deny: [{ actions: ['container.commit'], message: 'Images are built in CI.' }] },
      breaks: [''],
    },
  ],
});
