import { parseCapabilities } from './capabilities.js';
import { envNames, silent } from './container.js';
import { parseImage } from './image.js';
import { parseUlimits } from './limits.js';
import { fromMount } from './mounts.js';
import { parseNamespace } from './namespaces.js';
import { fromPrivileges, pluginOf } from './plugin.js';
import { loggingBy } from './swarm.js';
import { parseUser } from './user.js';
const nothing = new Map();
/**
 * The canonical object of service.create and update: what its tasks will be, which the daemon makes without
 * asking. The specification of a plugin adds to the container what the plugin is granted: the daemon takes
 * one of the two, by a word that then need not be trusted.
 *
 * Networks are often given by id, also the host's: the daemon finds the swarm's `host` by the id of either
 * (S 29.7). Only a look-up can tell that from another network.
 */
export function fromService(body, minor) {
    const task = body.TaskTemplate ?? {};
    const spec = task.ContainerSpec ?? {};
    const plugin = task.PluginSpec;
    const endpoints = [...(task.Networks ?? []), ...(body.Networks ?? [])].map(toServiceEndpoint);
    const { mounts, volumes } = mountsOf(spec, minor);
    const image = spec.Image ? parseImage(spec.Image) : undefined;
    const container = {
        ...fromContainerSpec(spec),
        origin: 'service',
        ...(body.Name && { name: body.Name }),
        ...(image && { image }),
        namespaces: { ...silent.namespaces, network: networkOf(endpoints) },
        mounts,
        limits: limitsOf(task),
        restart: restartOf(task),
        ports: portsOf(body),
        ...loggingBy(task.LogDriver),
    };
    return {
        container: plugin === undefined ? container : withPlugin(container, fromPrivileges(plugin.privileges ?? [])),
        volumes,
        endpoints,
        ...(image && { images: [{ role: 'run', ref: image }] }),
        ...(plugin && { plugin: pluginOf([plugin.name, plugin.remote], plugin.env) }),
        labels: body.Labels ?? nothing,
    };
}
function fromContainerSpec(spec) {
    const user = parseUser(spec.User ?? '');
    return {
        ...silent,
        ...(user && { user }),
        capAdd: parseCapabilities(spec.CapabilityAdd),
        capDrop: parseCapabilities(spec.CapabilityDrop),
        security: securityOf(spec.Privileges ?? {}),
        readOnlyRoot: spec.ReadOnly === true,
        groupAdd: spec.Groups ?? [],
        sysctls: spec.Sysctls ?? nothing,
        env: envNames(spec.Env),
        labels: spec.Labels ?? nothing,
    };
}
/** The container of a plugin laid over that of a service: whatever either of them asks for. */
function withPlugin(container, plugin) {
    const namespaces = { ...container.namespaces };
    for (const kind of ['network', 'pid', 'ipc']) {
        if (plugin.namespaces[kind].mode !== 'default')
            namespaces[kind] = plugin.namespaces[kind];
    }
    return {
        ...container,
        namespaces,
        privileged: plugin.privileged,
        capAdd: [...container.capAdd, ...plugin.capAdd],
        mounts: [...container.mounts, ...plugin.mounts],
        devices: plugin.devices,
        deviceRules: plugin.deviceRules,
    };
}
/** The security options that the daemon makes of a task's privileges (S 25 to 29.7). */
function securityOf({ SELinuxContext: context = {}, Seccomp: seccomp = {}, AppArmor: appArmor = {}, NoNewPrivileges: noNewPrivileges, }) {
    const labels = Object.entries({
        user: context.User,
        role: context.Role,
        type: context.Type,
        level: context.Level,
    }).flatMap(([key, value]) => (value ? [`${key}:${value}`] : []));
    return {
        ...seccompOf(seccomp),
        ...appArmorOf(appArmor),
        labelDisable: context.Disable === true,
        labels,
        ...(noNewPrivileges === true && { noNewPrivileges }),
        writableCgroups: false,
        other: [],
    };
}
/** `default` says nothing; any other word than `unconfined` counts as a profile of one's own. */
function seccompOf({ Mode: mode, Profile: profile, }) {
    if (mode === 'unconfined')
        return { seccomp: mode };
    if ((!mode || mode === 'default') && !profile)
        return {};
    return { seccomp: 'custom', seccompProfile: fromBase64(profile ?? '') };
}
/** The text of a profile, as a container states it; what is no base64, and so refused by the daemon, as it is. */
function fromBase64(text) {
    try {
        return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
    }
    catch {
        return text;
    }
}
/** `disabled` switches AppArmor off; the daemon refuses words that it does not know. */
function appArmorOf({ Mode: mode }) {
    if (!mode || mode === 'default')
        return {};
    return { appArmor: mode === 'disabled' ? 'unconfined' : mode };
}
function mountsOf(spec, minor) {
    const all = (spec.Mounts ?? []).map((mount) => fromMount(mount, minor));
    return { mounts: all.flatMap(({ mounts }) => mounts), volumes: all.flatMap(({ volumes }) => volumes) };
}
function limitsOf({ Resources: resources = {}, ContainerSpec: spec = {} }) {
    const { MemoryBytes: memory, NanoCPUs: nanoCpus, Pids: pids } = resources.Limits ?? {};
    return {
        ...(memory && { memory }),
        ...memorySwapOf(memory, resources.SwapBytes),
        ...(nanoCpus && { nanoCpus }),
        ...(pids && { pids }),
        ...(resources.MemorySwappiness !== undefined && { swappiness: resources.MemorySwappiness }),
        ...(spec.OomScoreAdj && { oomScoreAdj: spec.OomScoreAdj }),
        ulimits: parseUlimits(spec.Ulimits),
        blkio: [],
    };
}
/** A service states its swap alone, a container swap and memory together; below 0 there is no limit. */
function memorySwapOf(memory = 0, swap) {
    if (swap === undefined)
        return {};
    return { memorySwap: swap < 0 ? -1 : BigInt(memory) + BigInt(swap) };
}
const restarts = new Map([
    ['none', 'no'],
    ['on-failure', 'on-failure'],
]);
/** A service restarts its tasks for ever where it does not say otherwise. */
function restartOf({ RestartPolicy: policy = {} }) {
    return {
        name: restarts.get(policy.Condition ?? '') ?? 'always',
        maxRetries: policy.MaxAttempts ?? 0,
    };
}
/** A port that is not published by number gets one of the swarm's, on all addresses. */
function portsOf({ EndpointSpec: spec = {} }) {
    return (spec.Ports ?? []).map((port) => ({
        port: `${port.TargetPort ?? 0}/${port.Protocol || 'tcp'}`,
        hostIp: '',
        hostPort: port.PublishedPort ? String(port.PublishedPort) : '',
    }));
}
function toServiceEndpoint({ Target: network = '', DriverOpts: options }) {
    return { network, driverOptions: options ?? nothing, links: [], flag: `--network ${network}` };
}
/** The network namespace of the tasks: the host's where any of the networks is `host`. */
function networkOf(endpoints) {
    const names = endpoints.map(({ network }) => network);
    return parseNamespace('network', names.includes('host') ? 'host' : (names[0] ?? ''));
}
