import type { GoType, StructType } from '../gojson/types.ts';
import { checkpointCreate } from './describe/checkpoint.ts';
import { createBody, updateConfig } from './describe/container.ts';
import { execCreate, execStart } from './describe/exec.ts';
import {
  buildArgs,
  buildCacheFrom,
  buildLabels,
  buildOutputs,
  buildUlimits,
  commitBody,
} from './describe/image.ts';
import {
  containerInspect,
  daemonInfo,
  execInspect,
  imageInspect,
  networkInspect,
  serviceInspect,
  volumeInspect,
} from './describe/inspect.ts';
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

/** A described field of a body or a query. */
export interface Field {
  /** Docker's struct and the field, `HostConfig.Binds`; a query's name and the parameter, `BuildQuery.t`. */
  readonly name: string;
  /** Why no policy needs to judge it. */
  readonly harmless?: string;
  /** It holds structs, whose fields are judged one by one. */
  readonly holds: boolean;
}

/** What the daemon reads of each action's body. */
export const bodies: Readonly<Record<string, GoType>> = {
  'container.create': createBody,
  'container.update': updateConfig,
  'container.commit': commitBody,
  'checkpoint.create': checkpointCreate,
  'exec.create': execCreate,
  'exec.start': execStart,
  'volume.create': volumeCreate,
  'volume.update': volumeUpdate,
  'network.create': networkCreate,
  'network.connect': networkConnect,
  'network.disconnect': networkDisconnect,
  'plugin.pull': pluginPrivileges,
  'plugin.upgrade': pluginPrivileges,
  'plugin.set': pluginSettings,
  'swarm.init': swarmInit,
  'swarm.join': swarmJoin,
  'swarm.update': swarmSpec,
  'swarm.unlock': swarmUnlock,
  'service.create': serviceSpec,
  'service.update': serviceSpec,
  'node.update': nodeSpec,
  'secret.create': secretSpec,
  'secret.update': secretSpec,
  'config.create': configSpec,
  'config.update': configSpec,
};

/** What Bulwark reads of the daemon's answers to its own look-ups. */
export const answers: Readonly<Record<string, GoType>> = {
  'container.inspect': containerInspect,
  'volume.inspect': volumeInspect,
  'exec.inspect': execInspect,
  'network.inspect': networkInspect,
  'image.inspect': imageInspect,
  'service.inspect': serviceInspect,
  'system.info': daemonInfo,
};

/** Query parameters that hold JSON. */
export const parameters: Readonly<Record<string, GoType>> = {
  buildargs: buildArgs,
  labels: buildLabels,
  ulimits: buildUlimits,
  cachefrom: buildCacheFrom,
  outputs: buildOutputs,
};

/**
 * Every described field, once, by name. A field is harmless where its description says so wherever it
 * stands: what one place leaves to a control is a control's.
 */
export function describedFields(): readonly Field[] {
  const found = new Map<string, Field>();
  for (const type of [bodies, answers, parameters].flatMap((types) => Object.values(types))) {
    walk(type, undefined, found);
  }
  for (const { name, keys } of Object.values(queries)) {
    for (const [key, { harmless }] of Object.entries(keys)) add(found, `${name}.${key}`, harmless, false);
  }
  return [...found.values()];
}

function walk(type: GoType, harmless: string | undefined, into: Map<string, Field>): void {
  const struct = structIn(type);
  if (struct === undefined) return;
  for (const [name, field] of Object.entries(struct.fields)) {
    const reason = harmless ?? field.harmless;
    add(into, `${ownerOf(struct, name).name}.${name}`, reason, structIn(field) !== undefined);
    walk(field, reason, into);
  }
}

/** The struct of a type, of a list's elements, of a map's values. */
export function structIn(type: GoType): StructType | undefined {
  if (type.kind === 'struct') return type;
  return type.kind === 'list' || type.kind === 'map' ? structIn(type.of) : undefined;
}

/** Go flattens embedded structs; their fields keep that struct's name where they are the same. */
export function ownerOf(struct: StructType, name: string): StructType {
  const owner = struct.embeds.find(({ fields }) => fields[name] === struct.fields[name]);
  return owner === undefined ? struct : ownerOf(owner, name);
}

function add(into: Map<string, Field>, name: string, harmless: string | undefined, holds: boolean): void {
  const before = into.get(name);
  const reason = before === undefined ? harmless : before.harmless && harmless;
  into.set(name, { name, ...(reason !== undefined && { harmless: reason }), holds });
}
