import { Refusal } from '../model/error.js';
import { fromArchive } from './archive.js';
import { fromBuild } from './build.js';
import { fromCheckpoint } from './checkpoint.js';
import { fromCreate, fromUpdate } from './container.js';
import { checkpointCreate } from './describe/checkpoint.js';
import { createBody, misplacedNames, updateConfig } from './describe/container.js';
import { execCreate, execStart } from './describe/exec.js';
import { commitBody } from './describe/image.js';
import { networkConnect, networkCreate, networkDisconnect } from './describe/network.js';
import { pluginPrivileges, pluginSettings } from './describe/plugin.js';
import { queries } from './describe/queries.js';
import { serviceSpec } from './describe/service.js';
import { configSpec, nodeSpec, secretSpec, swarmInit, swarmJoin, swarmSpec, swarmUnlock, } from './describe/swarm.js';
import { volumeCreate, volumeUpdate } from './describe/volume.js';
import { fromExec } from './exec.js';
import { fromCommit, fromImport, fromPull, fromPush, fromSave, fromTag, loaded } from './images.js';
import { fromConnect, fromDisconnect, fromNetwork } from './network.js';
import { fromPrivileges, pluginOf } from './plugin.js';
import { fromService } from './service.js';
import { fromJoin, fromNode, fromSecret, fromSwarmSpec } from './swarm.js';
import { fromVolume } from './volume.js';
const nothing = {};
/** What makes the object of an action; an action without an entry has nothing but its name to judge. */
const builders = {
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
function create(asked) {
    const body = required(asked, createBody);
    const misplaced = misplacedNames.find((name) => Object.hasOwn(body, name));
    if (misplaced !== undefined) {
        throw new Refusal('hostconfig-at-top-level', `\`${misplaced}\` stands beside \`HostConfig\` instead of in it, where some daemons act on it.`);
    }
    const ref = asked.query.first('name');
    return { object: fromCreate(body, ref, asked.minor), ref };
}
/** A start from a checkpoint; `checkpoint-dir` is refused by the daemon. */
function restored(checkpoint) {
    return checkpoint === '' ? nothing : fromCheckpoint(checkpoint);
}
function renamed(newName) {
    return newName === '' ? nothing : { newName };
}
function installed(asked, names) {
    return { plugin: pluginOf(names), container: fromPrivileges(required(asked, pluginPrivileges)) };
}
function touched({ names }) {
    return { object: { plugin: pluginOf([names['name']]) } };
}
function service(asked) {
    const body = required(asked, serviceSpec);
    return { object: fromService(body, asked.minor), ref: body.Name ?? '' };
}
function secret(asked) {
    const body = required(asked, secretSpec);
    return { object: fromSecret(body), ref: body.Name ?? '' };
}
function configuration(asked) {
    const body = required(asked, configSpec);
    return { object: fromSecret(body), ref: body.Name ?? '' };
}
/**
 * Makes the resource and the object of a request.
 *
 * @throws Refusal where the body cannot be read
 */
export function build(asked) {
    const { action, body } = asked.route;
    const builder = builders[action];
    if (builder === undefined && body === 'json') {
        throw new Refusal('internal-error', `nothing reads the body of \`${action}\`.`);
    }
    const { object, ref } = builder?.(asked) ?? { object: nothing };
    const name = ref ?? asked.names['name'];
    return {
        resource: { kind: action.split('.', 1)[0] ?? action, ...named(name) },
        object,
    };
}
function named(ref) {
    return ref === undefined || ref === '' ? {} : { ref };
}
/** The body of a route that has one: `bodyOf` has refused its absence. */
function required(asked, type) {
    const value = asked.read(type);
    if (value === undefined)
        throw new Refusal('body-absent', `the body of \`${asked.route.action}\` did not reach Bulwark.`);
    return value;
}
/** Whether a query key of an action is a list, of which every value counts. */
export function isMany(action, key) {
    return queries[action]?.keys[key]?.many === true;
}
/** Query keys with a value that the description does not know. */
export function unknownKeys(action, query) {
    const known = queries[action]?.keys ?? {};
    return [...query.values]
        .filter(([key, given]) => !Object.hasOwn(known, key) && given.some((value) => value !== ''))
        .map(([key]) => `?${key}`);
}
