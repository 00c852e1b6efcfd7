import { checkpointCreate } from './describe/checkpoint.js';
import { createBody, updateConfig } from './describe/container.js';
import { execCreate, execStart } from './describe/exec.js';
import { buildArgs, buildCacheFrom, buildLabels, buildOutputs, buildUlimits, commitBody, } from './describe/image.js';
import { networkConnect, networkCreate, networkDisconnect } from './describe/network.js';
import { pluginPrivileges, pluginSettings } from './describe/plugin.js';
import { queries } from './describe/queries.js';
import { serviceSpec } from './describe/service.js';
import { configSpec, nodeSpec, secretSpec, swarmInit, swarmJoin, swarmSpec, swarmUnlock, } from './describe/swarm.js';
import { volumeCreate, volumeUpdate } from './describe/volume.js';
/** What the daemon reads of each action's body. */
export const bodies = {
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
/** Query parameters that hold JSON. */
export const parameters = {
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
export function describedFields() {
    const found = new Map();
    for (const type of [...Object.values(bodies), ...Object.values(parameters)])
        walk(type, undefined, found);
    for (const { name, keys } of Object.values(queries)) {
        for (const [key, { harmless }] of Object.entries(keys))
            add(found, `${name}.${key}`, harmless, false);
    }
    return [...found.values()];
}
function walk(type, harmless, into) {
    const struct = structIn(type);
    if (struct === undefined)
        return;
    for (const [name, field] of Object.entries(struct.fields)) {
        const reason = harmless ?? field.harmless;
        add(into, `${ownerOf(struct, name).name}.${name}`, reason, structIn(field) !== undefined);
        walk(field, reason, into);
    }
}
/** The struct of a type, of a list's elements, of a map's values. */
export function structIn(type) {
    if (type.kind === 'struct')
        return type;
    return type.kind === 'list' || type.kind === 'map' ? structIn(type.of) : undefined;
}
/** Go flattens embedded structs; their fields keep that struct's name where they are the same. */
export function ownerOf(struct, name) {
    const owner = struct.embeds.find(({ fields }) => fields[name] === struct.fields[name]);
    return owner === undefined ? struct : ownerOf(owner, name);
}
function add(into, name, harmless, holds) {
    const before = into.get(name);
    const reason = before === undefined ? harmless : before.harmless && harmless;
    into.set(name, { name, ...(reason !== undefined && { harmless: reason }), holds });
}
