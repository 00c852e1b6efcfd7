import type { Container, Endpoint, Limits, SecurityOptions } from '../model/container.ts';
import type { RequestObject } from '../model/request.ts';
import type { DaemonDefaults, Inspected } from './answers.ts';
import { endpointsOf, envNames, fromHostConfig, toEndpoint } from './container.ts';
import { parseImage } from './image.ts';
import { parseNamespace } from './namespaces.ts';
import { parseSecurityOptions } from './securityOptions.ts';
import { storedMounts } from './storedMounts.ts';
import { parseUser, root } from './user.ts';

type Settings = Inspected['settings'];
type HostConfig = Settings['HostConfig'];

/**
 * The canonical object of a stored container, as `fromCreate` makes it of one that is asked for. What the daemon fills
 * in where a client said nothing is taken out again, so that both get the same verdict; the table, field by field:
 *
 * | field | stored where nothing was said | here |
 * |---|---|---|
 * | CgroupnsMode | `host` under cgroup v1 (E 20.10 to 28) | unset: judged at create alone |
 * | MaskedPaths, ReadonlyPaths | the release's list; null if privileged (E) | as they are: `systemPaths` knows the lists |
 * | SecurityOpt | `label=disable` if privileged, or pid or ipc of the host (E) | left out there: it says nothing more |
 * | AppArmorProfile | empty, later `docker-default`; `unconfined` if privileged (S) | any other is an `apparmor=` |
 * | NetworkMode | `default`, from 26 on `bridge` (E) | as it is: both are the daemon's own network |
 * | Networks | an endpoint for each, with ids once it ran (E) | endpoints, by the id, whose name is looked up |
 * | IpcMode | `private` or `shareable` (E) | as it is |
 * | ShmSize | 64 MiB (E) | unset |
 * | Runtime, LogConfig.Type | the daemon's default (E) | unset if it is that, by `/info` |
 * | LogConfig.Config | the daemon's `log-opts`, with its default driver (S) | as it is: nothing tells them from a client's |
 * | RestartPolicy | name empty, from 26 on `no` (E) | as it is |
 * | MemorySwap | twice Memory (E) | unset if it is that |
 * | Image | the name as given, and the id | the name, with the id, which is looked up |
 * | User, Env, Labels, Volumes | the image's, where the client left room (S) | as they are; no user is root |
 * | Binds, Mounts, Tmpfs | as given | mounts, with what `Mounts` has resolved beyond them |
 * | Ulimits | after a start with the daemon's default-ulimits (S) | as they are |
 */
export function fromInspect(
  { name, image: id, settings }: Inspected,
  defaults: DaemonDefaults,
): RequestObject {
  const { Config, HostConfig } = settings;
  const image = Config.Image ? parseImage(Config.Image) : undefined;
  const { mounts, volumes } = storedMounts(settings);
  const { runtime, logging, ...host } = fromHostConfig(HostConfig);
  const container: Container = {
    ...host,
    origin: 'stored',
    name,
    ...(image && { image }),
    user: parseUser(Config.User ?? '') ?? root,
    namespaces: { ...host.namespaces, cgroup: cgroupOf(HostConfig) },
    security: securityOf(settings),
    limits: limitsOf(host.limits),
    ...(runtime !== undefined && runtime !== defaults.runtime && { runtime }),
    ...loggingOf(logging, defaults),
    mounts,
    env: envNames(Config.Env),
    labels: Config.Labels ?? new Map(),
  };
  return {
    container,
    volumes,
    endpoints: storedEndpoints(settings, container),
    ...(image && { images: [{ role: 'run', ref: image, ...(id !== '' && { id }) }] }),
  };
}

function cgroupOf({ CgroupnsMode: mode = '' }: HostConfig) {
  return parseNamespace('cgroup', mode === 'host' ? '' : mode);
}

function securityOf({ HostConfig, AppArmorProfile: profile = '' }: Settings): SecurityOptions {
  const { Privileged: privileged, PidMode: pid, IpcMode: ipc, SecurityOpt: options = [] } = HostConfig;
  const unlabelled = privileged === true || pid === 'host' || ipc === 'host';
  const own = options.filter((option) => !(unlabelled && option === 'label=disable'));
  const security = parseSecurityOptions(own);
  const follows = privileged === true || profile === '' || profile === 'docker-default';
  return security.appArmor === undefined && !follows ? { ...security, appArmor: profile } : security;
}

/** /dev/shm where nobody says otherwise (daemon/config, all releases). */
const defaultShmSize = 64 * 1024 ** 2;

function limitsOf({ shmSize, memorySwap, ...limits }: Limits): Limits {
  const implied = limits.memory !== undefined && memorySwap === twice(limits.memory);
  return {
    ...limits,
    ...(shmSize !== undefined && shmSize !== defaultShmSize && { shmSize }),
    ...(memorySwap !== undefined && !implied && { memorySwap }),
  };
}

function twice(memory: NonNullable<Limits['memory']>): NonNullable<Limits['memory']> {
  const exact = BigInt(memory) * 2n;
  return exact <= Number.MAX_SAFE_INTEGER ? Number(exact) : exact;
}

function loggingOf(logging: Container['logging'], { logDriver }: DaemonDefaults): Pick<Container, 'logging'> {
  if (logging === undefined) return {};
  const driver = logging.driver === logDriver ? '' : logging.driver;
  return driver === '' && logging.options.size === 0 ? {} : { logging: { ...logging, driver } };
}

function storedEndpoints({ NetworkSettings }: Settings, container: Container): Endpoint[] {
  const stored = [...(NetworkSettings?.Networks ?? [])];
  if (stored.length === 0) return endpointsOf(undefined, container);
  return stored.map(([key, settings]) => toEndpoint(key, settings, `--network ${key}`));
}
