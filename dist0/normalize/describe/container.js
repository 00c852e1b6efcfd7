import { any, bool, harmless, int, list, map, since, string, strSlice, struct } from '../../gojson/types.js';
/** Go's structs of a container's creation and update, API 1.24 to 1.56. What is not `harmless` a control judges. */
const inside = 'acts inside the container alone';
const windows = 'acts on Windows alone';
const stream = 'says how the client is connected to the streams';
const onlyName = 'a name that the container has for itself';
export const config = struct('Config', {
    Hostname: harmless(string, onlyName),
    Domainname: harmless(string, onlyName),
    User: string,
    AttachStdin: harmless(bool, stream),
    AttachStdout: harmless(bool, stream),
    AttachStderr: harmless(bool, stream),
    ExposedPorts: harmless(map(any), 'a remark; what publishes is PortBindings and PublishAllPorts'),
    Tty: harmless(bool, stream),
    OpenStdin: harmless(bool, stream),
    StdinOnce: harmless(bool, stream),
    Env: list(string),
    Cmd: harmless(strSlice, inside),
    Healthcheck: harmless(any, 'runs inside the container as its user'),
    ArgsEscaped: harmless(bool, windows),
    Image: string,
    Volumes: map(any),
    WorkingDir: harmless(string, inside),
    Entrypoint: harmless(strSlice, inside),
    NetworkDisabled: harmless(bool, 'takes the network away'),
    MacAddress: harmless(string, 'an address on its own network; not the network itself'),
    OnBuild: harmless(list(string), 'runs in later builds, which are judged as builds'),
    Labels: map(string),
    StopSignal: harmless(string, inside),
    StopTimeout: harmless(int, inside),
    Shell: harmless(strSlice, inside),
});
export const deviceMapping = struct('DeviceMapping', {
    PathOnHost: string,
    PathInContainer: harmless(string, inside),
    CgroupPermissions: string,
});
export const deviceRequest = struct('DeviceRequest', {
    Driver: string,
    Count: int,
    DeviceIDs: list(string),
    Capabilities: list(list(string)),
    Options: map(string),
});
const throttleDevice = struct('ThrottleDevice', {
    Path: harmless(string, 'names a device whose use is limited; gives no access to it'),
    Rate: int,
});
const weightDevice = struct('WeightDevice', {
    Path: harmless(string, 'names a device whose use is weighted; gives no access to it'),
    Weight: int,
});
export const ulimit = struct('Ulimit', { Name: string, Soft: int, Hard: int });
/** A container's `Resources`: flattened into HostConfig, and into the body of an update. */
export const resources = struct('Resources', {
    CpuShares: int,
    Memory: int,
    NanoCpus: int,
    CgroupParent: string,
    BlkioWeight: int,
    BlkioWeightDevice: list(weightDevice),
    BlkioDeviceReadBps: list(throttleDevice),
    BlkioDeviceWriteBps: list(throttleDevice),
    BlkioDeviceReadIOps: list(throttleDevice),
    BlkioDeviceWriteIOps: list(throttleDevice),
    CpuPeriod: int,
    CpuQuota: int,
    CpuRealtimePeriod: harmless(int, 'acts with CpuRealtimeRuntime alone, which is judged'),
    CpuRealtimeRuntime: int,
    CpusetCpus: string,
    CpusetMems: string,
    Devices: list(deviceMapping),
    DeviceCgroupRules: list(string),
    DeviceRequests: since(40, list(deviceRequest)),
    KernelMemory: harmless(int, 'a limit that runc no longer sets'),
    KernelMemoryTCP: harmless(int, 'a limit that runc no longer sets'),
    MemoryReservation: int,
    MemorySwap: int,
    MemorySwappiness: harmless(int, 'how eagerly memory is swapped out; the limits hold all the same'),
    OomKillDisable: bool,
    PidsLimit: int,
    Ulimits: list(ulimit),
    CpuCount: harmless(int, windows),
    CpuPercent: harmless(int, windows),
    IOMaximumIOps: harmless(int, windows),
    IOMaximumBandwidth: harmless(int, windows),
});
export const driver = struct('DriverConfig', { Name: string, Options: map(string) });
export const mount = struct('Mount', {
    Type: string,
    Source: string,
    Target: string,
    ReadOnly: bool,
    Consistency: harmless(string, 'has no effect on Linux'),
    BindOptions: struct('BindOptions', {
        Propagation: string,
        NonRecursive: harmless(since(40, bool), 'leaves out what is mounted below'),
        CreateMountpoint: harmless(since(42, bool), 'makes an empty folder where the bind itself is allowed'),
        ReadOnlyNonRecursive: since(44, bool),
        ReadOnlyForceRecursive: harmless(since(44, bool), 'refuses what cannot be made read-only'),
    }),
    VolumeOptions: struct('VolumeOptions', {
        NoCopy: harmless(bool, inside),
        Labels: map(string),
        Subpath: harmless(since(45, string), 'a part of the volume; the daemon refuses links and `..` that leave it'),
        DriverConfig: driver,
    }),
    ImageOptions: struct('ImageOptions', {
        Subpath: harmless(since(48, string), 'a part of the image'),
    }),
    TmpfsOptions: struct('TmpfsOptions', {
        SizeBytes: int,
        Mode: harmless(int, inside),
        Options: since(46, list(list(string))),
    }),
    ClusterOptions: harmless(any, 'has no fields'),
});
export const logConfig = struct('LogConfig', { Type: string, Config: map(string) });
export const restartPolicy = struct('RestartPolicy', { Name: string, MaximumRetryCount: int });
export const portBinding = struct('PortBinding', { HostIp: string, HostPort: string });
export const hostConfig = struct('HostConfig', {
    ...resources.fields,
    Binds: list(string),
    ContainerIDFile: harmless(string, 'the CLI alone acts on it'),
    LogConfig: logConfig,
    NetworkMode: string,
    PortBindings: map(list(portBinding)),
    RestartPolicy: restartPolicy,
    AutoRemove: harmless(bool, 'removes the container itself'),
    VolumeDriver: string,
    VolumesFrom: list(string),
    ConsoleSize: harmless(list(int), stream),
    Annotations: since(43, map(string)),
    CapAdd: strSlice,
    CapDrop: strSlice,
    CgroupnsMode: since(41, string, (mode) => mode === 'private'),
    Capabilities: harmless(any, 'ignored since API 1.41'),
    Dns: harmless(list(string), inside),
    DnsOptions: harmless(list(string), inside),
    DnsSearch: harmless(list(string), inside),
    ExtraHosts: harmless(list(string), inside),
    GroupAdd: list(string),
    IpcMode: string,
    Cgroup: string,
    Links: list(string),
    OomScoreAdj: int,
    PidMode: string,
    Privileged: bool,
    PublishAllPorts: bool,
    ReadonlyRootfs: bool,
    SecurityOpt: list(string),
    StorageOpt: harmless(map(string), "limits the size of the container's own layer"),
    Tmpfs: map(string),
    UTSMode: string,
    UsernsMode: string,
    ShmSize: int,
    Sysctls: map(string),
    Runtime: string,
    Isolation: harmless(string, windows),
    CredentialSpec: harmless(string, windows),
    Mounts: list(mount),
    MaskedPaths: list(string),
    ReadonlyPaths: list(string),
    Init: harmless(bool, inside),
}, [resources]);
const told = 'the daemon fills it in; what a client says is ignored';
export const endpointSettings = struct('EndpointSettings', {
    IPAMConfig: harmless(any, 'addresses on a network that is judged by its name'),
    Links: list(string),
    Aliases: harmless(list(string), onlyName),
    DriverOpts: map(string),
    GwPriority: harmless(int, 'orders the networks that the container has anyhow'),
    NetworkID: string,
    EndpointID: harmless(string, told),
    Gateway: harmless(string, told),
    IPAddress: harmless(string, told),
    MacAddress: harmless(string, 'an address on a network that is judged by its name'),
    IPPrefixLen: harmless(int, told),
    IPv6Gateway: harmless(string, told),
    GlobalIPv6Address: harmless(string, told),
    GlobalIPv6PrefixLen: harmless(int, told),
    DNSNames: harmless(list(string), told),
});
/** HostConfig's fields at the top level, which 20.10 to 26.1 take for the HostConfig: refused wherever they stand. */
const misplaced = Object.fromEntries([...Object.keys(hostConfig.fields), 'Cpuset'].map((name) => [
    name,
    harmless(any, 'refused at the top level (`hostconfig-at-top-level`)'),
]));
export const createRequest = struct('CreateRequest', {
    ...config.fields,
    HostConfig: hostConfig,
    NetworkingConfig: struct('NetworkingConfig', { EndpointsConfig: map(endpointSettings) }),
}, [config]);
const inQuery = 'a parameter of the query that dockerode repeats here; nothing reads it';
/** `createRequest` with the places that must stay empty, and what clients send to no effect. */
export const createBody = struct('CreateRequest', { ...misplaced, ...createRequest.fields, name: harmless(any, inQuery), platform: harmless(any, inQuery) }, [config]);
export const misplacedNames = Object.keys(misplaced).filter((name) => !(name in createRequest.fields));
export const updateConfig = struct('UpdateConfig', {
    ...resources.fields,
    PidsLimit: since(40, int, (limit) => typeof limit === 'number' && limit > 0),
    RestartPolicy: restartPolicy,
}, [resources]);
