import type { StructType } from '../../gojson/types.ts';
import { createRequest } from './container.ts';
import { commitBody } from './image.ts';
import { networkCreate } from './network.ts';
import { volumeCreate } from './volume.ts';

/** A query parameter. */
export interface Key {
  /** It may come more than once and every value counts; of other parameters the daemon takes the first. */
  readonly many?: true;
  /** Why no policy needs to judge it. Absent: a control judges it. */
  readonly harmless?: string;
}

export interface QueryDescription {
  /** Tells its parameters from those of other actions: `BuildQuery.networkmode`. */
  readonly name: string;
  readonly keys: Readonly<Record<string, Key>>;
}

const judged: Key = {};
const judgedMany: Key = { many: true };

function harmless(why: string): Key {
  return { harmless: why };
}

function harmlessMany(why: string): Key {
  return { many: true, harmless: why };
}

/** Parameters that are harmless for one reason. */
function all(why: string, ...names: readonly string[]): Record<string, Key> {
  return Object.fromEntries(names.map((name) => [name, harmless(why)]));
}

/** dockerode puts the options of a call into the query as well as into the body; the daemon reads the body. */
function repeated(body: StructType, ...more: readonly string[]): Record<string, Key> {
  return all(
    'belongs into the body; the daemon reads no such parameter',
    ...Object.keys(body.fields),
    ...more,
  );
}

const selects = 'chooses what the answer shows';
const filters = all(selects, 'filters');
const variant = harmless('which variant of the image');
const variants = harmlessMany('which variants of the image');
const stops = 'how a container is stopped, killed or removed, which is the action itself';
const streams = 'how the client is connected to the streams';
const serial = harmless('the version of the thing that is changed, so that no change is lost');
const remark = harmless('a remark');
const logs = all(
  selects,
  'follow',
  'stdout',
  'stderr',
  'since',
  'until',
  'timestamps',
  'tail',
  'details',
  'format',
);
const attach = {
  name: 'AttachQuery',
  keys: all(streams, 'stdin', 'stdout', 'stderr', 'stream', 'logs', 'detachKeys'),
};
const resize = { name: 'ResizeQuery', keys: all(streams, 'h', 'w') };
const stop = { name: 'StopQuery', keys: all(stops, 't', 'signal') };
const checkpoint = { name: 'CheckpointQuery', keys: { dir: judged } };
const version = { name: 'VersionQuery', keys: { version: serial } };
const list = { name: 'ListQuery', keys: filters };
const prune = {
  name: 'PruneQuery',
  keys: all('chooses what is removed, which is the action itself', 'filters'),
};
const archivePath = { path: judged };

/**
 * Parameters of both kinds of POST /images/create: which of them it is shows only when they have been read,
 * so each knows those of the other.
 */
const create = {
  fromImage: judged,
  tag: judged,
  platform: variant,
  fromSrc: judged,
  repo: judged,
  message: remark,
  changes: judgedMany,
};
const byImport = 'read by an import alone';

/** The query parameters of every action that has some. */
export const queries: Readonly<Record<string, QueryDescription>> = {
  'system.df': { name: 'DfQuery', keys: { type: harmlessMany(selects), verbose: harmless(selects) } },
  'system.events': { name: 'EventsQuery', keys: all(selects, 'since', 'until', 'filters') },
  'checkpoint.list': checkpoint,
  'checkpoint.delete': checkpoint,
  'container.list': { name: 'ListQuery', keys: all(selects, 'all', 'limit', 'size', 'filters') },
  'container.create': {
    name: 'CreateQuery',
    keys: {
      ...repeated(createRequest),
      name: harmless('a name; names that are protected are looked for in every action'),
      platform: variant,
    },
  },
  'container.inspect': { name: 'InspectQuery', keys: all(selects, 'size') },
  'container.top': {
    name: 'TopQuery',
    keys: { ps_args: harmless("chooses the columns that ps shows of the container's processes") },
  },
  'container.logs': { name: 'LogsQuery', keys: logs },
  'container.stats': { name: 'StatsQuery', keys: all(selects, 'stream', 'one-shot') },
  'container.attach': attach,
  'container.attach_ws': attach,
  'container.archive_stat': { name: 'ArchiveQuery', keys: archivePath },
  'container.archive_get': { name: 'ArchiveQuery', keys: archivePath },
  'container.archive_put': {
    name: 'ArchiveQuery',
    keys: {
      ...archivePath,
      ...all('how files are laid over those that are there', 'noOverwriteDirNonDir', 'copyUIDGID'),
    },
  },
  'container.start': {
    name: 'StartQuery',
    keys: {
      detachKeys: harmless(streams),
      checkpoint: judged,
      'checkpoint-dir': harmless('refused by every release from 20.10 on'),
    },
  },
  'container.stop': stop,
  'container.restart': stop,
  'container.kill': stop,
  'container.wait': { name: 'WaitQuery', keys: all('what is waited for', 'condition') },
  'container.resize': resize,
  'container.rename': {
    name: 'RenameQuery',
    keys: { name: harmless('a name; names that are protected are looked for in every action') },
  },
  'container.delete': { name: 'DeleteQuery', keys: all(stops, 'v', 'link', 'force') },
  'container.prune': prune,
  'container.commit': {
    name: 'CommitQuery',
    keys: {
      ...repeated(commitBody),
      container: harmless('names the container: it is the resource'),
      repo: judged,
      tag: judged,
      comment: remark,
      author: remark,
      pause: harmless('whether the container stands still meanwhile'),
      changes: judgedMany,
    },
  },
  'exec.resize': resize,
  'image.list': {
    name: 'ListQuery',
    keys: all(selects, 'all', 'filters', 'filter', 'digests', 'shared-size', 'manifests', 'identity'),
  },
  'image.search': { name: 'SearchQuery', keys: all(selects, 'term', 'limit', 'filters') },
  'image.inspect': {
    name: 'ImageInspectQuery',
    keys: { manifests: harmless(selects), platform: variant },
  },
  'image.history': { name: 'HistoryQuery', keys: { platform: variant } },
  'image.attestations': {
    name: 'AttestationsQuery',
    keys: { platform: variant, type: harmlessMany(selects), statement: harmless(selects) },
  },
  'image.save': {
    name: 'SaveQuery',
    keys: {
      names: harmlessMany('reads images that are here; nothing gets in by it'),
      platform: variants,
    },
  },
  'image.pull': {
    name: 'PullQuery',
    keys: {
      ...create,
      fromSrc: harmless(byImport),
      repo: harmless(byImport),
      changes: harmlessMany(byImport),
    },
  },
  'image.import': {
    name: 'ImportQuery',
    keys: { ...create, fromImage: harmless('empty: with a value it is a pull') },
  },
  'image.load': {
    name: 'LoadQuery',
    keys: { quiet: harmless(selects), platform: variants },
  },
  'image.push': {
    name: 'PushQuery',
    keys: {
      tag: harmless('which tag of the repository is sent; the path names the repository'),
      platform: variant,
    },
  },
  'image.tag': { name: 'TagQuery', keys: { repo: judged, tag: judged } },
  'image.delete': {
    name: 'ImageDeleteQuery',
    keys: {
      ...all('how an image is removed, which is the action itself', 'force', 'noprune'),
      platforms: variants,
    },
  },
  'image.prune': prune,
  build: {
    name: 'BuildQuery',
    keys: {
      t: judgedMany,
      remote: judged,
      networkmode: judged,
      extrahosts: { many: true, harmless: 'entries of /etc/hosts inside the build' },
      securityopt: judgedMany,
      buildargs: judged,
      labels: judged,
      outputs: judged,
      version: judged,
      cgroupparent: judged,
      memory: judged,
      memswap: judged,
      cpuquota: judged,
      cpuperiod: judged,
      shmsize: judged,
      ulimits: judged,
      ...all('a share of what is free, or which of the CPUs', 'cpushares', 'cpusetcpus', 'cpusetmems'),
      ...all('which part of the context is built', 'dockerfile', 'target'),
      ...all('what is shown, or kept of steps and caches', 'q', 'nocache', 'rm', 'forcerm', 'squash'),
      pull: harmless('asks the registry again for the images of FROM lines, which nobody sees'),
      platform: variant,
      isolation: harmless('acts on Windows alone'),
      session: harmless('joins a BuildKit session, which is an action of its own'),
      cachefrom: harmless('images whose layers stand in for steps that are the same'),
      buildid: harmless('names the build, or the waiting build for which the body is'),
    },
  },
  'build.cancel': { name: 'BuildCancelQuery', keys: all('names the build', 'id') },
  'build.prune': {
    name: 'BuildPruneQuery',
    keys: all(
      'chooses what of the cache is removed, which is the action itself',
      'all',
      'filters',
      'keep-storage',
      'reserved-space',
      'max-used-space',
      'min-free-space',
    ),
  },
  'volume.list': list,
  'volume.create': { name: 'VolumeCreateQuery', keys: repeated(volumeCreate) },
  'volume.update': version,
  'volume.delete': { name: 'VolumeDeleteQuery', keys: all(stops, 'force') },
  'volume.prune': prune,
  'network.list': list,
  'network.inspect': { name: 'NetworkInspectQuery', keys: all(selects, 'verbose', 'scope') },
  'network.create': { name: 'NetworkCreateQuery', keys: repeated(networkCreate) },
  'network.prune': prune,
  'plugin.list': list,
  'plugin.privileges': { name: 'PluginPrivilegesQuery', keys: all(selects, 'remote') },
  'plugin.pull': { name: 'PluginPullQuery', keys: { remote: judged, name: judged } },
  'plugin.create': { name: 'PluginCreateQuery', keys: { name: judged } },
  'plugin.enable': {
    name: 'PluginEnableQuery',
    keys: { timeout: harmless('how long the daemon waits for an answer of that plugin') },
  },
  'plugin.disable': {
    name: 'PluginDisableQuery',
    keys: all('whether a plugin in use is switched off', 'force'),
  },
  'plugin.upgrade': { name: 'PluginUpgradeQuery', keys: { remote: judged } },
  'plugin.delete': { name: 'PluginDeleteQuery', keys: all('whether a plugin in use is removed', 'force') },
  'swarm.leave': { name: 'SwarmLeaveQuery', keys: all('whether a manager leaves too', 'force') },
  'swarm.update': {
    name: 'SwarmUpdateQuery',
    keys: {
      version: serial,
      ...all(
        'makes a new token or key, which takes effect for nodes to come',
        'rotateWorkerToken',
        'rotateManagerToken',
        'rotateManagerUnlockKey',
      ),
    },
  },
  'service.list': { name: 'ListQuery', keys: all(selects, 'filters', 'status') },
  'service.inspect': { name: 'ServiceInspectQuery', keys: all(selects, 'insertDefaults') },
  'service.update': {
    name: 'ServiceUpdateQuery',
    keys: {
      version: serial,
      registryAuthFrom: harmless("uses the login that the service's own image was pulled with"),
      rollback: harmless('goes back to a specification that is looked up and judged'),
    },
  },
  'service.logs': { name: 'LogsQuery', keys: logs },
  'task.list': list,
  'task.logs': { name: 'LogsQuery', keys: logs },
  'node.list': list,
  'node.update': version,
  'node.delete': { name: 'NodeDeleteQuery', keys: all('whether a node that is up is removed', 'force') },
  'secret.list': list,
  'secret.update': version,
  'config.list': list,
  'config.update': version,
};
