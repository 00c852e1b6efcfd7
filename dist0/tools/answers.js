import { isRecord, readRecord, textOf } from './json.js';
import { Things } from './things.js';
/** What a client finds in `/version`; also the release whose other answers these are. */
export const release = { version: '28.5.2', api: '1.51', minApi: '1.24' };
/** Swarm's ids are 25 letters and digits. */
const swarmId = 'bulwark0try000000000000id';
const version = { Index: 1 };
const someId = 'c0ffee'.padEnd(64, '0');
/** Go's os.ModeDir, as `docker cp` reads it from a path's stat. */
const modeDir = 2 ** 31;
const created = '2026-01-01T00:00:00Z';
const ok = (value, status = 200) => ({ kind: 'reply', status, value });
const nothing = { kind: 'reply', status: 204 };
const stream = (...lines) => ok(lines.map((line) => JSON.stringify(line)).join('\r\n'));
const held = { kind: 'held' };
const streams = { kind: 'streams' };
/** The first row that matches answers. What is not here: 404 for a read, and for the rest a plain success. */
const rows = [
    ['GET HEAD', /^\/_ping$/, () => ok('OK')],
    ['GET', /^\/version$/, () => ok(versionAnswer)],
    ['GET', /^\/info$/, () => ok(info)],
    ['GET', /^\/events$/, () => held],
    ['GET', /^\/system\/df$/, () => ok({ Images: [], Containers: [], Volumes: [], BuildCache: [] })],
    ['POST', /^\/auth$/, () => ok({ Status: 'Login Succeeded', IdentityToken: '' })],
    ['POST', /^\/containers\/create$/, createContainer],
    ['GET', /^\/containers\/json$/, listContainers],
    ['GET', /^\/containers\/(.+)\/json$/, (_call, name, things) => ok(inspected(name, things))],
    ['GET', /^\/containers\/.+\/top$/, () => ok({ Titles: ['PID', 'CMD'], Processes: [] })],
    ['GET', /^\/containers\/.+\/changes$/, () => ok([])],
    ['GET', /^\/containers\/.+\/(?:archive|export)$/, () => held],
    ['GET', /^\/containers\/.+\/logs$/, ({ query }) => (isTrue(query, 'follow') ? held : ok(''))],
    ['GET', /^\/containers\/.+\/stats$/, ({ query }) => (query.get('stream') === '0' ? ok(stats) : held)],
    ['GET', /^\/containers\/.+\/checkpoints$/, () => ok([])],
    ['HEAD', /^\/containers\/.+\/archive$/, ({ query }) => pathStat(query.get('path') ?? '')],
    ['PUT', /^\/containers\/.+\/archive$/, () => ok('')],
    ['POST', /^\/containers\/.+\/attach$/, () => streams],
    ['POST', /^\/containers\/.+\/wait$/, () => ok({ StatusCode: 0 })],
    ['POST', /^\/containers\/(.+)\/start$/, startContainer],
    ['POST', /^\/containers\/.+\/update$/, () => ok({ Warnings: [] })],
    ['POST', /^\/containers\/.+\/exec$/, (_call, _name, things) => ok({ Id: things.newId() }, 201)],
    ['POST', /^\/containers\/.+\/checkpoints$/, () => ({ kind: 'reply', status: 201 })],
    ['POST', /^\/commit$/, (_call, _name, things) => ok({ Id: `sha256:${things.newId()}` }, 201)],
    ['POST', /^\/exec\/.+\/start$/, ({ upgrade }) => (upgrade ? streams : ok(''))],
    [
        'GET',
        /^\/exec\/.+\/json$/,
        () => ok({ ID: someId, ContainerID: someId, Running: false, ExitCode: 0, Pid: 1 }),
    ],
    ['GET', /^\/images\/(?:json|search)$/, () => ok([])],
    ['GET', /^\/images\/(?:.+\/)?get$/, () => held],
    ['GET', /^\/images\/.+\/history$/, () => ok([])],
    ['GET', /^\/images\/(.+)\/json$/, (_call, name) => ok(image(name))],
    ['POST', /^\/images\/create$/, ({ query }) => stream({ status: `Pulled ${query.get('fromImage') ?? ''}` })],
    ['POST', /^\/images\/load$/, () => stream({ stream: 'Loaded image: bulwark-try\n' })],
    ['POST', /^\/images\/.+\/push$/, () => stream({ status: 'Pushed' })],
    ['POST', /^\/images\/.+\/tag$/, () => ({ kind: 'reply', status: 201 })],
    ['DELETE', /^\/images\/(.+)$/, (_call, name) => ok([{ Untagged: name }])],
    ['GET', /^\/distribution\/(.+)\/json$/, () => ok(distribution)],
    ['POST', /^\/build$/, (_call, _name, things) => stream({ aux: { ID: `sha256:${things.newId()}` } })],
    ['POST', /^\/build\/prune$/, () => ok({ CachesDeleted: [], SpaceReclaimed: 0 })],
    ['POST', /^\/session$/, ({ upgrade }) => (upgrade ? { kind: 'session' } : ok(''))],
    ['POST', /^\/grpc$/, ({ upgrade }) => (upgrade ? { kind: 'grpc' } : ok(''))],
    ['POST', /^\/(?:containers|images|volumes|networks)\/prune$/, () => ok({ SpaceReclaimed: 0 })],
    ['POST', /^\/volumes\/create$/, ({ body }, _name, { volumes }) => ok(volume(made(volumes, body, '')), 201)],
    [
        'GET',
        /^\/volumes$/,
        ({ query }, _name, { volumes }) => ok({ Volumes: listedThings(volumes, query).map(volume) }),
    ],
    ['GET', /^\/volumes\/(.+)$/, inspectVolume],
    ['POST', /^\/networks\/create$/, createNetwork],
    ['GET', /^\/networks\/?$/, listNetworks],
    ['GET', /^\/networks\/(.+)$/, inspectNetwork],
    ['GET', /^\/plugins\/privileges$/, () => ok([])],
    ['GET', /^\/plugins\/(.+)\/json$/, (_call, name) => ok(plugin(name))],
    ['GET', /^\/plugins$/, () => ok([])],
    ['POST', /^\/plugins\/pull$/, () => ok('')],
    ['POST', /^\/plugins\/.+\/(?:upgrade|push)$/, () => ok('')],
    [
        'GET',
        /^\/swarm$/,
        () => ok({ ID: swarmId, Version: version, Spec: { Name: 'default' }, JoinTokens: joinTokens }),
    ],
    ['GET', /^\/swarm\/unlockkey$/, () => ok({ UnlockKey: '' })],
    ['POST', /^\/swarm\/init$/, () => ok(swarmId)],
    ['POST', /^\/swarm\/(?:join|leave|update|unlock)$/, () => ok('')],
    ['POST', /^\/(?:services|secrets|configs)\/create$/, () => ok({ ID: swarmId }, 201)],
    ['POST', /^\/services\/.+\/update$/, () => ok({ Warnings: [] })],
    ['POST', /^\/(?:nodes|secrets|configs)\/.+\/update$/, () => ok('')],
    ['DELETE', /^\/(?:services|nodes)\/.+$/, () => ok('')],
    [
        'GET',
        /^\/services\/.+\/logs$|^\/tasks\/.+\/logs$/,
        ({ query }) => (isTrue(query, 'follow') ? held : ok('')),
    ],
    ['GET', /^\/services\/([^/]+)$/, (_call, name) => ok(service(name))],
    ['GET', /^\/services$/, listServices],
    ['GET', /^\/tasks$/, () => ok([task])],
    ['GET', /^\/nodes$/, () => ok([])],
    ['GET', /^\/nodes\/[^/]+$/, () => ok(node)],
    ['GET', /^\/(?:secrets|configs)$/, ({ query }) => ok(filterValues(query, 'name').map(swarmObject))],
    ['GET', /^\/(?:secrets|configs)\/([^/]+)$/, inspectSwarmObject],
];
/**
 * Answers as a daemon would that has what is asked for and does what it is told, so that a client goes on to its
 * last request. Remembers what was made over the calls of one command.
 */
export function createAnswers() {
    const things = new Things();
    return {
        things,
        answer(call) {
            for (const [methods, path, answer] of rows) {
                const match = methods.split(' ').includes(call.method) ? path.exec(call.path) : null;
                if (match !== null)
                    return answer(call, match[1] ?? '', things);
            }
            return call.method === 'GET' || call.method === 'HEAD' ? missing(call.path) : nothing;
        },
    };
}
function missing(what) {
    return ok({ message: `no such object: ${what}` }, 404);
}
const versionAnswer = {
    Platform: { Name: '' },
    Version: release.version,
    ApiVersion: release.api,
    MinAPIVersion: release.minApi,
    Os: 'linux',
    Arch: 'amd64',
    Components: [],
};
const info = {
    ID: 'bulwark-try',
    Name: 'bulwark-try',
    ServerVersion: release.version,
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: 1,
    MemTotal: 2 ** 31,
    Driver: 'overlay2',
    DriverStatus: [],
    SecurityOptions: ['name=seccomp,profile=builtin'],
    Runtimes: { runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Plugins: {
        Volume: ['local'],
        Network: ['bridge', 'host', 'macvlan', 'null', 'overlay'],
        Authorization: [],
        Log: [],
    },
    RegistryConfig: { IndexConfigs: {}, InsecureRegistryCIDRs: [], Mirrors: [] },
    IndexServerAddress: 'https://index.docker.io/v1/',
    Swarm: {
        NodeID: swarmId,
        LocalNodeState: 'active',
        ControlAvailable: true,
        Managers: 1,
        Nodes: 1,
        RemoteManagers: [{ NodeID: swarmId, Addr: '127.0.0.1:2377' }],
    },
};
const joinTokens = { Worker: 'SWMTKN-1-bulwark-try', Manager: 'SWMTKN-1-bulwark-try' };
const distribution = {
    Descriptor: {
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        digest: `sha256:${someId}`,
        size: 1,
    },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
};
const node = {
    ID: swarmId,
    Version: version,
    Spec: { Role: 'worker', Availability: 'active' },
    Description: { Hostname: 'n1', Platform: { Architecture: 'x86_64', OS: 'linux' } },
    Status: { State: 'ready' },
};
/** `completed` lets the CLI go without waiting for tasks. */
function service(name) {
    const spec = {
        Name: name,
        TaskTemplate: { ContainerSpec: { Image: 'alpine' } },
        Mode: { Replicated: { Replicas: 1 } },
    };
    return {
        ID: swarmId,
        Version: version,
        Spec: spec,
        PreviousSpec: spec,
        UpdateStatus: { State: 'completed' },
    };
}
const task = {
    ID: swarmId,
    Version: version,
    ServiceID: swarmId,
    NodeID: swarmId,
    Slot: 1,
    CreatedAt: created,
    Spec: { ContainerSpec: { Image: 'alpine' } },
    Status: { State: 'running', Timestamp: created },
    DesiredState: 'running',
};
/** Those asked for by name or id; of a stack that is asked for, one that it has. */
function listServices({ query }, _name, things) {
    const stacks = filterValues(query, 'label').flatMap((label) => /^com\.docker\.stack\.namespace=(.+)/s.exec(label)?.[1] ?? []);
    if (stacks.length > 0)
        things.deploysStack = true;
    return ok([...namedIn(query), ...stacks.map((stack) => `${stack}_service`)].map(service));
}
/** What a stack that is deployed brings is not there yet. */
function inspectSwarmObject(_call, name, { deploysStack }) {
    return deploysStack ? missing(name) : ok(swarmObject(name));
}
function swarmObject(name) {
    return {
        ID: swarmId,
        Version: version,
        CreatedAt: created,
        UpdatedAt: created,
        Spec: { Name: name, Labels: {} },
    };
}
function plugin(name) {
    return { Id: someId, Name: name, PluginReference: name, Enabled: false, Settings: {}, Config: {} };
}
function image(name) {
    const id = `sha256:${someId}`;
    return {
        Id: id,
        RepoTags: [name],
        RepoDigests: [],
        Config: {},
        Architecture: 'amd64',
        Os: 'linux',
        Created: created,
    };
}
const stats = { read: created, preread: created, cpu_stats: {}, precpu_stats: {}, memory_stats: {} };
function createContainer({ query, body }, _name, things) {
    const id = things.newId();
    things.containers.push({ id, name: query.get('name') || `try_${id.slice(0, 6)}`, body, running: false });
    return ok({ Id: id, Warnings: [] }, 201);
}
function startContainer(_call, name, things) {
    const container = things.container(name);
    if (container)
        container.running = true;
    return nothing;
}
/** One that was made here, or else one that runs and has the name. */
function inspected(ref, things) {
    const own = things.container(ref);
    const { HostConfig, NetworkingConfig, ...config } = own?.body ?? {};
    const running = own?.running ?? true;
    return {
        Id: own?.id ?? someId,
        Name: `/${own?.name ?? ref}`,
        Created: created,
        Image: `sha256:${someId}`,
        State: {
            Status: running ? 'running' : 'created',
            Running: running,
            Pid: 1,
            ExitCode: 0,
            StartedAt: created,
        },
        Config: { Image: 'alpine', Tty: false, Labels: {}, ...config },
        HostConfig: {
            NetworkMode: 'bridge',
            LogConfig: { Type: 'json-file' },
            ...(isRecord(HostConfig) ? HostConfig : {}),
        },
        NetworkSettings: { Networks: {}, Ports: {} },
        Mounts: [],
    };
}
/** Those that were made; of a service of compose that is asked for, one that runs. */
function listContainers({ query }, _name, { containers }) {
    const found = matching(containers, query);
    const labels = filterValues(query, 'label').map((label) => label.split('='));
    const service = labels.find(([key]) => key === 'com.docker.compose.service')?.[1];
    if (found.length > 0 || service === undefined)
        return ok(found.map(listed));
    const Labels = { ...Object.fromEntries(labels), 'com.docker.compose.container-number': '1' };
    return ok([listed({ id: someId, name: service, body: { Image: 'alpine', Labels }, running: true })]);
}
function listed({ id, name, body, running }) {
    return {
        Id: id,
        Names: [`/${name}`],
        Image: textOf(body['Image']),
        ImageID: `sha256:${someId}`,
        Created: 0,
        State: running ? 'running' : 'created',
        Status: running ? 'Up' : 'Created',
        Labels: readRecord(body['Labels']),
        Ports: [],
        Mounts: [],
        NetworkSettings: { Networks: {} },
    };
}
/** A thing with the name that its body asks for, or else `fallback`. */
function made(list, body, fallback, id = someId) {
    const thing = { id, name: textOf(body['Name']) || fallback, body };
    list.push(thing);
    return thing;
}
function volume({ name, body }) {
    const { Driver, Labels, DriverOpts } = body;
    return {
        Name: name,
        Driver: textOf(Driver) || 'local',
        Mountpoint: `/var/lib/docker/volumes/${name}/_data`,
        Labels: readRecord(Labels),
        Options: readRecord(DriverOpts),
        Scope: 'local',
        CreatedAt: created,
    };
}
function inspectVolume({ client }, name, { volumes }) {
    const own = volumes.findLast((made) => made.name === name);
    if (own === undefined && isCompose(client))
        return missing(name);
    return ok(volume(own ?? { id: name, name, body: {} }));
}
function createNetwork({ body }, _name, things) {
    const { id } = made(things.networks, body, 'network', things.newId());
    return ok({ Id: id, Warning: '' }, 201);
}
function network({ id, name, body }) {
    // A swarm's service joins none but overlays.
    const { Driver = 'overlay', Labels, Options, Internal = false, Attachable = true } = body;
    const scope = Driver === 'overlay' ? 'swarm' : 'local';
    return {
        Id: id,
        Name: name,
        Created: created,
        Scope: scope,
        Driver,
        Internal,
        Attachable,
        IPAM: { Driver: 'default', Config: [] },
        Labels: readRecord(Labels),
        Options: readRecord(Options),
        Containers: {},
    };
}
function listNetworks({ query }, _name, things) {
    for (const name of filterValues(query, 'name'))
        things.lookedFor.add(name);
    if (filterValues(query, 'label').some((label) => label.startsWith('com.docker.stack.namespace=')))
        things.deploysStack = true;
    return ok(listedThings(things.networks, query).map(network));
}
/** compose asks for its own networks by name at once, and for external ones after a look into the list. */
function inspectNetwork({ client }, name, things) {
    const own = things.network(name);
    if (own === undefined && isCompose(client) && !things.lookedFor.has(name))
        return missing(name);
    return ok(network(own ?? { id: name, name, body: {} }));
}
function isCompose(client) {
    return /\bcompose\//i.test(client);
}
function listedThings(things, query) {
    return matching(things, query);
}
/** Those that have all labels and one of the names that the filters ask for. */
function matching(things, query) {
    const labels = filterValues(query, 'label');
    const names = filterValues(query, 'name');
    return things.filter(({ name, body }) => {
        const own = readRecord(body['Labels']);
        const has = labels.every((label) => {
            const [key = '', ...value] = label.split('=');
            return value.length === 0 ? key in own : own[key] === value.join('=');
        });
        return (has && (names.length === 0 || names.some((wanted) => name.includes(wanted.replace(/[\^$/]/g, '')))));
    });
}
/** Docker's filters: `{"name":{"x":true}}`, from old clients `{"name":["x"]}`. */
function filterValues(query, key) {
    let filters;
    try {
        filters = JSON.parse(query.get('filters') ?? '{}');
    }
    catch {
        return [];
    }
    const values = isRecord(filters) ? filters[key] : undefined;
    if (Array.isArray(values))
        return values.map(textOf);
    return isRecord(values) ? Object.keys(values) : [];
}
/** What a list is asked for by name or id, each once. */
function namedIn(query) {
    return [...new Set([...filterValues(query, 'name'), ...filterValues(query, 'id')])];
}
function isTrue(query, key) {
    return ['1', 'true'].includes(query.get(key) ?? '');
}
/** For `docker cp`: a path with a dot in its last name is taken for a file, every other for a folder. */
function pathStat(path) {
    const name = path.split('/').findLast((part) => part !== '') ?? '/';
    const folder = path.endsWith('/') || !/[^.]\./.test(name);
    const stat = { name, size: 0, mode: folder ? modeDir + 0o755 : 0o644, mtime: created };
    const header = Buffer.from(JSON.stringify(stat)).toString('base64');
    return { kind: 'reply', status: 200, headers: { 'X-Docker-Container-Path-Stat': header } };
}
