import { any, bool, harmless, int, list, map, since, string, struct } from '../../gojson/types.js';
import { mount, ulimit } from './container.js';
import { pluginPrivilege } from './plugin.js';
/**
 * The specification of a service, API 1.24 to 1.56. Its tasks are containers that the daemon makes without
 * asking, so all of it is judged here.
 */
const inside = 'acts inside the container alone';
const windows = 'acts on Windows alone';
const often = 'says how many tasks there are, and how they are replaced';
/** A log driver, as services and the swarm name it. */
export const logDriver = struct('LogDriver', { Name: string, Options: map(string) });
const fileTarget = struct('FileTarget', { Name: string, UID: string, GID: string, Mode: int });
export const containerSpec = struct('ContainerSpec', {
    Image: string,
    Labels: map(string),
    Command: harmless(list(string), inside),
    Args: harmless(list(string), inside),
    Hostname: harmless(string, 'a name that the container has for itself'),
    Env: list(string),
    Dir: harmless(string, inside),
    User: string,
    Groups: list(string),
    Privileges: struct('Privileges', {
        CredentialSpec: harmless(struct('CredentialSpec', { Config: string, File: string, Registry: string }), windows),
        SELinuxContext: struct('SELinuxContext', {
            Disable: bool,
            User: string,
            Role: string,
            Type: string,
            Level: string,
        }),
        Seccomp: since(44, struct('SeccompOpts', { Mode: string, Profile: string })),
        AppArmor: since(44, struct('AppArmorOpts', { Mode: string })),
        NoNewPrivileges: since(44, bool, (value) => value === true),
    }),
    Init: harmless(bool, inside),
    StopSignal: harmless(string, inside),
    TTY: harmless(bool, 'says how the streams are connected'),
    OpenStdin: harmless(bool, 'says how the streams are connected'),
    ReadOnly: bool,
    Mounts: list(mount),
    StopGracePeriod: harmless(int, inside),
    Healthcheck: harmless(any, 'runs inside the container as its user'),
    Hosts: harmless(list(string), inside),
    DNSConfig: harmless(any, inside),
    Secrets: harmless(list(struct('SecretReference', { File: fileTarget, SecretID: string, SecretName: string })), 'files inside the container with secrets of the swarm, which are made for its services'),
    Configs: harmless(list(struct('ConfigFileReference', { File: fileTarget, Runtime: any, ConfigID: string, ConfigName: string })), 'files inside the container with configurations of the swarm'),
    Isolation: harmless(string, windows),
    Sysctls: since(40, map(string)),
    CapabilityAdd: since(41, list(string)),
    CapabilityDrop: since(41, list(string), () => true),
    Ulimits: since(41, list(ulimit)),
    OomScoreAdj: since(46, int),
});
/** Whether a value is a limit, which below its version the daemon drops. */
function limitFrom(least) {
    return (value) => (typeof value === 'number' || typeof value === 'bigint') && value >= least;
}
export const serviceResources = struct('ResourceRequirements', {
    Limits: struct('ResourceLimits', {
        NanoCPUs: int,
        MemoryBytes: int,
        Pids: since(41, int, limitFrom(1)),
    }),
    Reservations: harmless(any, 'chooses a node with as much to spare; gives nothing but variables'),
    SwapBytes: since(52, int, limitFrom(0)),
    MemorySwappiness: harmless(since(52, int), 'how eagerly memory is swapped out; the limits hold all the same'),
});
export const networkAttachment = struct('NetworkAttachmentConfig', {
    Target: string,
    Aliases: harmless(list(string), 'names on a network that is judged'),
    DriverOpts: map(string),
});
export const pluginSpec = struct('PluginSpec', {
    name: string,
    remote: string,
    privileges: list(pluginPrivilege),
    disabled: harmless(bool, 'installs the plugin all the same'),
    env: list(string),
});
export const taskSpec = struct('TaskSpec', {
    ContainerSpec: containerSpec,
    PluginSpec: pluginSpec,
    NetworkAttachmentSpec: harmless(any, 'refused when it comes through the API'),
    Resources: serviceResources,
    RestartPolicy: struct('ServiceRestartPolicy', {
        Condition: string,
        Delay: harmless(int, often),
        MaxAttempts: int,
        Window: harmless(int, often),
    }),
    Placement: harmless(any, 'chooses the nodes; each of them has its own rules'),
    Networks: list(networkAttachment),
    LogDriver: logDriver,
    ForceUpdate: harmless(int, often),
    Runtime: harmless(string, 'chooses one of the specifications, all of which are judged'),
});
export const serviceSpec = struct('ServiceSpec', {
    Name: harmless(string, 'a name; names that are protected are looked for in every action'),
    Labels: map(string),
    TaskTemplate: taskSpec,
    Mode: harmless(any, often),
    UpdateConfig: harmless(any, often),
    RollbackConfig: harmless(any, often),
    /** Read up to 28, and by 29 below 1.44 where the task has none: judged always. */
    Networks: list(networkAttachment),
    EndpointSpec: struct('EndpointSpec', {
        Mode: harmless(string, 'how tasks are found by name inside the network'),
        Ports: list(struct('PortConfig', {
            Name: harmless(string, 'a remark'),
            Protocol: string,
            TargetPort: int,
            PublishedPort: int,
            PublishMode: harmless(string, "both ways publish on the host's addresses"),
        })),
    }),
});
