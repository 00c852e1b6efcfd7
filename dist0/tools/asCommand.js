import { printable } from '../model/printable.js';
import { routes } from '../normalize/routes.js';
import { containerFlags, each, flag, limitFlags } from './containerFlags.js';
import { pairs, part, parts, word, words } from './recorded.js';
/** Stands for what the record does not have: the program of an exec. */
const rest = '...';
/** Content that was sent along, which nobody shows: the commands read it from their input. */
const input = '-';
/** Commands that speak of one thing, or of none, and need no more than its name. */
const plain = {
    'system.version': 'version',
    'system.info': 'info',
    'system.df': 'system df',
    'system.events': 'events',
    'system.auth': 'login',
    'container.list': 'ps',
    'container.inspect': 'inspect',
    'container.top': 'top',
    'container.logs': 'logs',
    'container.changes': 'diff',
    'container.export': 'export',
    'container.stats': 'stats',
    'container.attach': 'attach',
    'container.stop': 'stop',
    'container.restart': 'restart',
    'container.kill': 'kill',
    'container.pause': 'pause',
    'container.unpause': 'unpause',
    'container.wait': 'wait',
    'container.delete': 'rm',
    'container.prune': 'container prune',
    'image.list': 'images',
    'image.search': 'search',
    'image.inspect': 'image inspect',
    'image.history': 'history',
    'image.delete': 'rmi',
    'image.prune': 'image prune',
    'image.load': 'load',
    'distribution.inspect': 'manifest inspect',
    'build.prune': 'builder prune',
    'volume.list': 'volume ls',
    'volume.inspect': 'volume inspect',
    'volume.update': 'volume update',
    'volume.delete': 'volume rm',
    'volume.prune': 'volume prune',
    'network.list': 'network ls',
    'network.inspect': 'network inspect',
    'network.delete': 'network rm',
    'network.prune': 'network prune',
    'plugin.list': 'plugin ls',
    'plugin.inspect': 'plugin inspect',
    'plugin.enable': 'plugin enable',
    'plugin.disable': 'plugin disable',
    'plugin.push': 'plugin push',
    'plugin.delete': 'plugin rm',
    'swarm.unlockkey': 'swarm unlock-key',
    'swarm.init': 'swarm init',
    'swarm.leave': 'swarm leave',
    'swarm.update': 'swarm update',
    'swarm.unlock': 'swarm unlock',
    'service.list': 'service ls',
    'service.inspect': 'service inspect',
    'service.delete': 'service rm',
    'service.logs': 'service logs',
    'node.list': 'node ls',
    'node.inspect': 'node inspect',
    'node.update': 'node update',
    'node.delete': 'node rm',
    'secret.list': 'secret ls',
    'secret.inspect': 'secret inspect',
    'secret.delete': 'secret rm',
    'config.list': 'config ls',
    'config.inspect': 'config inspect',
    'config.delete': 'config rm',
};
/** What is behind `docker` for the other actions. `name`: the resource's, empty where there is none. */
const built = {
    'container.create': (object) => ['create', ...containerFlags(object, 'create'), imageOf(object)],
    'container.update': (object, name) => ['update', ...containerFlags(object, 'update'), name],
    'container.start': (object, name) => {
        const { id, dir } = checkpoint(object);
        return ['start', ...flag('--checkpoint', id), ...flag('--checkpoint-dir', dir), name];
    },
    'container.rename': (object, name) => ['rename', name, word(object, 'newName')],
    'container.commit': (object, name) => ['commit', ...changes(object), name, ...imagesOf(object, 'commit')],
    'container.archive_put': (object, name) => [
        'cp',
        input,
        `${name}:${word(part(object, 'archive'), 'path')}`,
    ],
    'container.archive_get': (object, name) => [
        'cp',
        `${name}:${word(part(object, 'archive'), 'path')}`,
        input,
    ],
    'exec.create': (object, name) => {
        const exec = part(object, 'exec');
        const privileged = exec['privileged'] === true ? ['--privileged'] : [];
        const user = flag('--user', word(exec, 'user'));
        return ['exec', ...privileged, ...user, ...each('--env', words(exec, 'env')), name, rest];
    },
    'checkpoint.list': (object, name) => ['checkpoint', 'ls', ...checkpointDir(object), name],
    'checkpoint.create': (object, name) => checkpointCommand('create', object, name),
    'checkpoint.delete': (object, name) => checkpointCommand('rm', object, name),
    'image.pull': (object) => ['pull', ...allTags(object), ...imagesOf(object, 'pull')],
    'image.import': (object) => [
        'import',
        ...changes(object),
        word(parts(object, 'images')[0] ?? {}, 'from') || input,
        ...imagesOf(object, 'import'),
    ],
    'image.push': (object) => ['push', ...allTags(object), ...imagesOf(object, 'push')],
    'image.tag': (object, name) => ['tag', name, ...imagesOf(object, 'tag')],
    'image.save': (object) => ['save', ...imagesOf(object, 'save')],
    build: (object) => buildCommand(part(object, 'build'), imagesOf(object, 'build')),
    'volume.create': (object) => {
        const [volume = {}] = parts(object, 'volumes');
        const driver = flag('--driver', word(volume, 'driver'));
        const options = each('--opt', pairs(volume, 'options'));
        const name = word(volume, 'name');
        const labels = each('--label', pairs(volume, 'labels'));
        return ['volume', 'create', ...driver, ...options, ...labels, ...(name === '' ? [] : [name])];
    },
    'network.create': (object) => networkCommand(part(object, 'network')),
    'network.connect': (object, name) => {
        const [endpoint = {}] = parts(object, 'endpoints');
        const options = each('--driver-opt', pairs(endpoint, 'driverOptions'));
        const links = each('--link', words(endpoint, 'links'));
        return [
            'network',
            'connect',
            ...options,
            ...links,
            word(endpoint, 'network') || name,
            containerIn(object),
        ];
    },
    'network.disconnect': (object, name) => ['network', 'disconnect', name, containerIn(object)],
    'plugin.pull': (object, name) => ['plugin', 'install', ...pluginNames(object, name)],
    'plugin.create': (_, name) => ['plugin', 'create', name, '.'],
    'plugin.upgrade': (object, name) => ['plugin', 'upgrade', ...pluginNames(object, name)],
    'plugin.set': (object, name) => {
        const settings = words(part(object, 'plugin'), 'settings').map((setting) => `${setting}=***`);
        return ['plugin', 'set', name, ...settings];
    },
    'swarm.join': (object) => [
        'swarm',
        'join',
        '--token',
        '***',
        ...words(part(object, 'swarm'), 'remotes').slice(0, 1),
    ],
    'service.create': (object, name) => {
        const labels = each('--label', pairs(object, 'labels'));
        const flags = containerFlags(object, 'service');
        return ['service', 'create', ...flag('--name', name), ...labels, ...flags, imageOf(object)];
    },
    'service.update': (object, name) => ['service', 'update', ...flag('--image', imageOf(object)), name],
    'secret.create': (object, name) => {
        const driver = flag('--driver', word(part(object, 'swarm'), 'secretDriver'));
        return ['secret', 'create', ...driver, ...each('--label', pairs(object, 'labels')), name, input];
    },
    'config.create': (object, name) => [
        ...['config', 'create', ...each('--label', pairs(object, 'labels'))],
        ...[name, input],
    ],
};
/**
 * The docker command that a recorded request amounts to, as far as the record has it: secrets are `***`, an
 * environment variable is a name without its value, the program in a container is not in it. Undefined for what no command
 * makes, or many do.
 */
export function asCommand({ action, resource, object = {} }) {
    const name = resource?.ref ?? '';
    const whole = Object.hasOwn(built, action) ? built[action]?.(object, name) : undefined;
    if (whole !== undefined)
        return ['docker', ...whole];
    const short = Object.hasOwn(plain, action) ? plain[action] : undefined;
    return short === undefined ? undefined : ['docker', ...short.split(' '), ...(name === '' ? [] : [name])];
}
/** A command line as a shell would take it, printable. */
export function shellLine(command) {
    return command
        .map((one) => {
        const shown = printable(one, 4096);
        return /^[\w@%+=:,./-]+$/.test(one) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
    })
        .join(' ');
}
/** Method and path of a recorded request, without version and query, which are not recorded. Undefined: no known route. */
export function asRoute({ action, resource, object = {} }) {
    const name = resource?.ref;
    const wanted = action === 'image.import' ? 'image.pull' : action;
    const known = routes.filter((route) => route.action === wanted);
    const route = known.find(({ path }) => path.includes('{name') === (name !== undefined)) ?? known[0];
    if (route === undefined)
        return undefined;
    const path = route.path
        .replace(/\{name(?:\.\.\.)?\}/, () => name ?? '{name}')
        .replace('{checkpoint}', () => checkpoint(object).id || '{checkpoint}');
    return printable(`${route.method} ${path}`, 400);
}
function imageOf(object) {
    return word(part(object, 'container'), 'image');
}
/** The references that play a part. */
function imagesOf(object, role) {
    return parts(object, 'images')
        .filter((image) => word(image, 'role') === role && word(image, 'ref') !== '')
        .map((image) => word(image, 'ref'));
}
/** Lines of `--change`, of which a record keeps these. */
function changes(object) {
    const image = part(object, 'container');
    const user = word(image, 'user');
    return each('--change', [
        ...(user === '' ? [] : [`USER ${user}`]),
        ...words(image, 'env').map((name) => `ENV ${name}=***`),
        ...pairs(image, 'labels').map((label) => `LABEL ${label}`),
        ...parts(image, 'mounts').map((mount) => `VOLUME ${word(mount, 'target')}`),
    ]);
}
function allTags(object) {
    return parts(object, 'images').some((image) => image['allTags'] === true) ? ['--all-tags'] : [];
}
function containerIn(object) {
    return word(object, 'containerRef');
}
function checkpoint(object) {
    const value = part(object, 'checkpoint');
    return { id: word(value, 'id'), dir: word(value, 'dir') };
}
function checkpointDir(object) {
    return flag('--checkpoint-dir', checkpoint(object).dir);
}
function checkpointCommand(verb, object, name) {
    return ['checkpoint', verb, ...checkpointDir(object), name, checkpoint(object).id];
}
/** The name of a plugin's registry, behind the local one where that is another. */
function pluginNames(object, name) {
    const [local = name, remote] = words(part(object, 'plugin'), 'names');
    return remote === undefined || remote === local ? [local] : ['--alias', local, remote];
}
function networkCommand(network) {
    const on = (name, key) => (network[key] === true ? [name] : []);
    return [
        ...['network', 'create', ...flag('--driver', word(network, 'driver'))],
        ...flag('--ipam-driver', word(network, 'ipamDriver')),
        ...each('--opt', pairs(network, 'options')),
        ...each('--ipam-opt', pairs(network, 'ipamOptions')),
        ...each('--label', pairs(network, 'labels')),
        ...[...on('--internal', 'internal'), ...on('--attachable', 'attachable'), ...on('--ingress', 'ingress')],
        ...[...on('--config-only', 'configOnly'), ...flag('--config-from', word(network, 'configFrom'))],
        word(network, 'name'),
    ];
}
function buildCommand(build, tags) {
    const network = word(build, 'networkMode');
    return [
        ...['build', ...each('--tag', tags)],
        ...flag('--network', network === 'default' ? '' : network),
        ...each('--build-arg', words(build, 'argNames')),
        ...each('--label', pairs(build, 'labels')),
        ...each('--security-opt', words(build, 'securityOpts')),
        ...each('--add-host', words(build, 'extraHosts')),
        ...flag('--cgroup-parent', word(build, 'cgroupParent')),
        ...each('--output', words(build, 'outputs').map((type) => `type=${type}`)),
        ...each('--cache-from', words(build, 'cacheFrom')),
        ...limitFlags(build, 'build'),
        word(build, 'remote') || '.',
    ];
}
