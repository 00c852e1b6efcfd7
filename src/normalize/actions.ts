import type { GoType, Value } from '../gojson/types.ts';
import { Refusal } from '../model/error.ts';
import type { AdmissionRequest, RequestObject } from '../model/request.ts';
import { fromArchive } from './archive.ts';
import { fromBuild } from './build.ts';
import { fromCheckpoint } from './checkpoint.ts';
import { fromCreate, fromUpdate } from './container.ts';
import { checkpointCreate } from './describe/checkpoint.ts';
import { createBody, misplacedNames, updateConfig } from './describe/container.ts';
import { execCreate, execStart } from './describe/exec.ts';
import { commitBody } from './describe/image.ts';
import { networkConnect, networkCreate, networkDisconnect } from './describe/network.ts';
import { pluginPrivileges, pluginSettings } from './describe/plugin.ts';
import { queries } from './describe/queries.ts';
import { serviceSpec } from './describe/service.ts';
import {
  configSpec,
  nodeSpec,
  secretSpec,
  swarmInit,
  swarmJoin,
  swarmSpec,
  swarmUnlock,
} from './describe/swarm.ts';
import { volumeCreate, volumeUpdate } from './describe/volume.ts';
import { fromExec } from './exec.ts';
import { fromCommit, fromImport, fromPull, fromPush, fromSave, fromTag, loaded } from './images.ts';
import { fromConnect, fromDisconnect, fromNetwork } from './network.ts';
import { fromPrivileges, pluginOf } from './plugin.ts';
import type { Route } from './routes.ts';
import { fromService } from './service.ts';
import { fromJoin, fromNode, fromSecret, fromSwarmSpec } from './swarm.ts';
import type { Query } from './target.ts';
import { fromVolume } from './volume.ts';

/** All that a builder may look at to make the canonical object of its action. */
export interface Asked {
  readonly route: Route;
  /** Names from the path, decoded. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The minor version by which protections are counted. */
  readonly minor: number;
  /** Reads the body as a type; undefined where the route takes none. */
  read<T extends GoType>(type: T): Value<T> | undefined;
}

type Built = Pick<AdmissionRequest, 'object'> & {
  /** What the action acts on, where it is not the name in the path. */
  readonly ref?: string;
};

const nothing: RequestObject = {};

/** What makes the object of an action; an action without an entry has nothing but its name to judge. */
const builders: Readonly<Record<string, (asked: Asked) => Built>> = {
  'container.create': create,
  'container.update': (asked) => ({ object: fromUpdate(required(asked, updateConfig)) }),
  'container.start': ({ query }) => ({ object: restored(query.first('checkpoint')) }),
  'container.rename': ({ query }) => ({ object: renamed(query.first('name')) }),
  'container.commit': (asked) => ({
    object: fromCommit(asked.query, asked.read(commitBody) ?? {}),
    ref: asked.query.first('container'),
  }),
  'container.archive_stat': ({ query }) => ({ object: fromArchive('out', query) }),
  'container.archive_get': ({ query }) => ({ object: fromArchive('out', query) }),
  'container.archive_put': ({ query }) => ({ object: fromArchive('in', query) }),
  'checkpoint.list': ({ query }) => ({ object: fromCheckpoint('', query.first('dir')) }),
  'checkpoint.create': (asked) => {
    const body = required(asked, checkpointCreate);
    return { object: fromCheckpoint(body.CheckpointID, body.CheckpointDir) };
  },
  'checkpoint.delete': ({ names, query }) => ({
    object: fromCheckpoint(names['checkpoint'], query.first('dir')),
  }),
  'exec.create': (asked) => ({ object: fromExec(required(asked, execCreate)) }),
  'exec.start': (asked) => {
    // Read for what it may hide, though nothing in it is judged.
    asked.read(execStart);
    return { object: nothing };
  },
  'image.pull': ({ query }) => ({ object: fromPull(query) }),
  'image.import': ({ query }) => ({ object: fromImport(query) }),
  'image.load': () => ({ object: loaded }),
  'image.tag': ({ query }) => ({ object: fromTag(query) }),
  'image.push': ({ names, query }) => ({ object: fromPush(names['name'] ?? '', query) }),
  'image.save': ({ names, query }) => ({ object: fromSave(names['name'], query) }),
  build: ({ query }) => ({ object: fromBuild(query) }),
  'volume.create': (asked) => {
    const body = required(asked, volumeCreate);
    return { object: fromVolume(body), ref: body.Name ?? '' };
  },
  'volume.update': (asked) => {
    required(asked, volumeUpdate);
    return { object: nothing };
  },
  'network.create': (asked) => {
    const body = required(asked, networkCreate);
    return { object: fromNetwork(body), ref: body.Name ?? '' };
  },
  'network.connect': (asked) => ({
    object: fromConnect(asked.names['name'] ?? '', required(asked, networkConnect)),
  }),
  'network.disconnect': (asked) => ({ object: fromDisconnect(required(asked, networkDisconnect)) }),
  'plugin.pull': (asked) => {
    const names = [asked.query.first('name'), asked.query.first('remote')];
    return { object: installed(asked, names), ref: names[0] || names[1] || '' };
  },
  'plugin.upgrade': (asked) => ({
    object: installed(asked, [asked.names['name'], asked.query.first('remote')]),
  }),
  'plugin.create': ({ query }) => ({
    object: { plugin: pluginOf([query.first('name')]) },
    ref: query.first('name'),
  }),
  'plugin.set': (asked) => ({
    object: { plugin: pluginOf([asked.names['name']], required(asked, pluginSettings)) },
  }),
  'plugin.enable': touched,
  'plugin.disable': touched,
  'plugin.push': touched,
  'plugin.delete': touched,
  'swarm.init': (asked) => ({ object: fromSwarmSpec(required(asked, swarmInit).Spec ?? {}) }),
  'swarm.update': (asked) => ({ object: fromSwarmSpec(required(asked, swarmSpec)) }),
  'swarm.join': (asked) => ({ object: fromJoin(required(asked, swarmJoin)) }),
  'swarm.unlock': (asked) => {
    required(asked, swarmUnlock);
    return { object: nothing };
  },
  'node.update': (asked) => ({ object: fromNode(required(asked, nodeSpec)) }),
  'service.create': service,
  'service.update': (asked) => ({ object: service(asked).object }),
  'secret.create': secret,
  'secret.update': (asked) => ({ object: secret(asked).object }),
  'config.create': configuration,
  'config.update': (asked) => ({ object: configuration(asked).object }),
};

function create(asked: Asked): Built {
  const body = required(asked, createBody);
  const misplaced = misplacedNames.find((name) => Object.hasOwn(body, name));
  if (misplaced !== undefined) {
    throw new Refusal(
      'hostconfig-at-top-level',
      `\`${misplaced}\` stands beside \`HostConfig\` instead of in it, where some daemons act on it.`,
    );
  }
  const ref = asked.query.first('name');
  return { object: fromCreate(body, ref, asked.minor), ref };
}

/** A start from a checkpoint; `checkpoint-dir` is refused by the daemon. */
function restored(checkpoint: string): RequestObject {
  return checkpoint === '' ? nothing : fromCheckpoint(checkpoint);
}

function renamed(newName: string): RequestObject {
  return newName === '' ? nothing : { newName };
}

function installed(asked: Asked, names: readonly (string | undefined)[]): RequestObject {
  return { plugin: pluginOf(names), container: fromPrivileges(required(asked, pluginPrivileges)) };
}

function touched({ names }: Asked): Built {
  return { object: { plugin: pluginOf([names['name']]) } };
}

function service(asked: Asked): Built {
  const body = required(asked, serviceSpec);
  return { object: fromService(body, asked.minor), ref: body.Name ?? '' };
}

function secret(asked: Asked): Built {
  const body = required(asked, secretSpec);
  return { object: fromSecret(body), ref: body.Name ?? '' };
}

function configuration(asked: Asked): Built {
  const body = required(asked, configSpec);
  return { object: fromSecret(body), ref: body.Name ?? '' };
}

/**
 * Makes the resource and the object of a request.
 *
 * @throws Refusal where the body cannot be read
 */
export function build(asked: Asked): Pick<AdmissionRequest, 'resource' | 'object'> {
  const { action, body } = asked.route;
  const builder = builders[action];
  if (builder === undefined && body === 'json') {
    throw new Refusal('internal-error', `nothing reads the body of \`${action}\`.`);
  }
  const { object, ref }: Built = builder?.(asked) ?? { object: nothing };
  const name = ref ?? asked.names['name'];
  return {
    resource: { kind: action.split('.', 1)[0] ?? action, ...named(name) },
    object,
  };
}

function named(ref: string | undefined): { ref?: string } {
  return ref === undefined || ref === '' ? {} : { ref };
}

/** The body of a route that has one: `bodyOf` has refused its absence. */
function required<T extends GoType>(asked: Asked, type: T): Value<T> {
  const value = asked.read(type);
  if (value === undefined)
    throw new Refusal('body-absent', `the body of \`${asked.route.action}\` did not reach Bulwark.`);
  return value;
}

/** Whether a query key of an action is a list, of which every value counts. */
export function isMany(action: string, key: string): boolean {
  return queries[action]?.keys[key]?.many === true;
}

/** Query keys with a value that the description does not know. */
export function unknownKeys(action: string, query: Query): string[] {
  const known = queries[action]?.keys ?? {};
  const unknown: string[] = [];
  for (const [key, given] of query.values) {
    if (!Object.hasOwn(known, key) && given.some((value) => value !== '')) unknown.push(`?${key}`);
  }
  return unknown;
}
