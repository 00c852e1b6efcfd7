import type { JsonObject } from '../ledger/canonical.ts';
import { showBytes, showCpus } from '../policy/show.ts';
import { pairs, part, parts, word, words } from './recorded.ts';

/** What the flags are of: `docker service create` has other names for some, and none for others. */
export type FlagsOf = 'create' | 'update' | 'service';

/** The flags of `docker create`, `update` or `service create` that make a container as recorded. */
export function containerFlags(object: JsonObject, of: FlagsOf): readonly string[] {
  const container = part(object, 'container');
  const limits = limitFlags(part(container, 'limits'), of);
  const restart = restartFlags(part(container, 'restart'), of);
  if (of === 'update') return [...limits, ...restart];
  return [
    ...flag('--name', of === 'create' ? word(container, 'name') : ''),
    ...(of === 'create' && container['autoRemove'] === true ? ['--rm'] : []),
    ...flag('--user', word(container, 'user')),
    ...(of === 'create' ? hostFlags(container) : []),
    ...each('--cap-add', words(container, 'capAdd')),
    ...each('--cap-drop', words(container, 'capDrop')),
    ...(of === 'create' ? securityFlags(container) : []),
    ...networkFlags(object, part(container, 'namespaces')),
    ...mountFlags(object, of).flat(),
    ...(container['readOnlyRoot'] === true ? ['--read-only'] : []),
    ...each(of === 'service' ? '--group' : '--group-add', words(container, 'groupAdd')),
    ...each('--sysctl', pairs(container, 'sysctls')),
    ...limits,
    ...restart,
    ...portFlags(container),
    ...each('--env', words(container, 'env')),
    ...each(of === 'service' ? '--container-label' : '--label', pairs(container, 'labels')),
    ...flag('--log-driver', word(part(container, 'logging'), 'driver')),
    ...each('--log-opt', pairs(part(container, 'logging'), 'options')),
  ];
}

/** Flags for whatever has the recorded limits, or a build. */
export function limitFlags(limits: JsonObject, of: FlagsOf | 'build'): readonly string[] {
  const [memory, cpus, pids] =
    of === 'service'
      ? ['--limit-memory', '--limit-cpu', '--limit-pids']
      : ['--memory', '--cpus', '--pids-limit'];
  const nano = word(limits, 'nanoCpus');
  return [
    ...flag(memory, size(limits, 'memory')),
    ...flag('--memory-swap', size(limits, 'memorySwap')),
    ...flag(
      of === 'service' ? '--reserve-memory' : '--memory-reservation',
      size(limits, 'memoryReservation'),
    ),
    ...flag('--memory-swappiness', unless('-1', word(limits, 'swappiness'))),
    ...(of === 'build' ? flag('--cpu-quota', quota(nano)) : flag(cpus, cpuCount(nano))),
    // Below 0, an update lifts the limit.
    ...flag('--cpu-quota', nano.startsWith('-') ? '-1' : ''),
    ...flag('--cpu-period', word(limits, 'cpuPeriodAlone')),
    ...flag(pids, of === 'update' ? word(limits, 'pids') : unless('0', word(limits, 'pids'))),
    ...flag('--cpu-shares', word(limits, 'cpuShares')),
    ...flag('--cpuset-cpus', word(limits, 'cpusetCpus')),
    ...flag('--cpuset-mems', word(limits, 'cpusetMems')),
    ...flag('--cpu-rt-runtime', word(limits, 'cpuRealtime')),
    ...flag('--shm-size', size(limits, 'shmSize')),
    ...(limits['oomKillDisable'] === true ? ['--oom-kill-disable'] : []),
    ...flag('--oom-score-adj', word(limits, 'oomScoreAdj')),
    ...each('--ulimit', ulimits(limits)),
  ];
}

export function ulimits(limits: JsonObject): readonly string[] {
  return parts(limits, 'ulimits').map(
    (limit) => `${word(limit, 'name')}=${word(limit, 'soft')}:${word(limit, 'hard')}`,
  );
}

/** One flag with its value; none where the value is empty. */
export function flag(name: string, value: string): readonly string[] {
  return value === '' ? [] : [name, value];
}

/** The flag once for each value. */
export function each(name: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [name, value]);
}

/** What only a container of this host has. */
function hostFlags(container: JsonObject): readonly string[] {
  const namespaces = part(container, 'namespaces');
  return [
    ...(container['privileged'] === true ? ['--privileged'] : []),
    ...flag('--pid', word(namespaces, 'pid')),
    ...flag('--ipc', word(namespaces, 'ipc')),
    ...flag('--uts', word(namespaces, 'uts')),
    ...flag('--userns', word(namespaces, 'user')),
    ...flag('--cgroupns', word(namespaces, 'cgroup')),
    ...each('--volumes-from', words(container, 'volumesFrom')),
    ...parts(container, 'devices').flatMap(deviceFlag),
    ...each('--device-cgroup-rule', words(container, 'deviceRules')),
    ...parts(container, 'deviceRequests').flatMap(requestFlags),
    ...flag('--cgroup-parent', word(container, 'cgroupParent')),
    ...flag('--runtime', word(container, 'runtime')),
    ...each('--annotation', pairs(container, 'annotations')),
  ];
}

function deviceFlag(device: JsonObject): readonly string[] {
  const [path, permissions] = [word(device, 'path'), word(device, 'permissions')];
  return ['--device', permissions === '' || permissions === 'rwm' ? path : `${path}:${permissions}`];
}

function requestFlags(request: JsonObject): readonly string[] {
  const ids = words(request, 'ids');
  if (word(request, 'driver') === 'cdi') return each('--device', ids);
  const driver = word(request, 'driver');
  const count = word(request, 'count');
  const what = [
    ...(ids.length > 0 ? [`"device=${ids.join(',')}"`] : [count === '-1' ? 'all' : `count=${count}`]),
    ...(driver === '' ? [] : [`driver=${driver}`]),
  ];
  return ['--gpus', what.join(',')];
}

function securityFlags(container: JsonObject): readonly string[] {
  const security = part(container, 'security');
  const seccomp = word(security, 'seccomp');
  const noNew = security['noNewPrivileges'];
  const appArmor = word(security, 'appArmor');
  const isBare = container['maskedPaths'] !== undefined && words(container, 'maskedPaths').length === 0;
  return each('--security-opt', [
    ...(seccomp === '' ? [] : [`seccomp=${seccomp === 'custom' ? 'PROFILE.json' : seccomp}`]),
    ...(appArmor === '' ? [] : [`apparmor=${appArmor}`]),
    ...(security['labelDisable'] === true ? ['label=disable'] : []),
    ...words(security, 'labels').map((label) => `label=${label}`),
    ...(noNew === undefined ? [] : [noNew === true ? 'no-new-privileges' : 'no-new-privileges=false']),
    ...(security['writableCgroups'] === true ? ['writable-cgroups=true'] : []),
    ...(isBare ? ['systempaths=unconfined'] : []),
    ...words(security, 'other'),
  ]);
}

/** The network mode, and what else is joined. */
function networkFlags(object: JsonObject, namespaces: JsonObject): readonly string[] {
  const mode = word(namespaces, 'network');
  const endpoints = parts(object, 'endpoints');
  const first = endpoints.some((endpoint) => word(endpoint, 'network') === mode) ? '' : mode;
  const joined = endpoints.map((endpoint) => {
    const options = pairs(endpoint, 'driverOptions').map((option) => `,driver-opt=${option}`);
    const name = word(endpoint, 'network');
    return options.length === 0 ? name : `name=${name}${options.join('')}`;
  });
  const names = [first, ...joined].filter((name) => !['', 'default', 'bridge'].includes(name));
  const links = [part(object, 'container'), ...endpoints].flatMap((one) => words(one, 'links'));
  return [...each('--network', names), ...each('--link', [...new Set(links)])];
}

/** The flag of each mount, in their order. */
export function mountFlags(object: JsonObject, of: FlagsOf): readonly (readonly string[])[] {
  const made = [...parts(object, 'volumes')];
  return parts(part(object, 'container'), 'mounts').map((mount) => {
    // Each mount of a volume has brought one entry of `volumes`, in the same order.
    const volume = word(mount, 'type') === 'volume' ? made.shift() : undefined;
    return mountFlag(mount, pairs(volume ?? {}, 'options'), of);
  });
}

function mountFlag(mount: JsonObject, options: readonly string[], of: FlagsOf): readonly string[] {
  const [type, source, target] = [word(mount, 'type'), word(mount, 'source'), word(mount, 'target')];
  const readOnly = mount['readOnly'] === true;
  const propagation = word(mount, 'propagation');
  const driver = word(mount, 'driver');
  if (type === 'tmpfs' && of === 'create' && words(mount, 'options').length > 0) {
    return ['--tmpfs', `${target}:${words(mount, 'options').join(',')}`];
  }
  const isShort =
    (type === 'bind' || type === 'volume' || type === 'other') && driver === '' && options.length === 0;
  if (isShort && of === 'create') {
    const settings = [...(readOnly ? ['ro'] : []), ...(propagation === '' ? [] : [propagation])].join(',');
    return ['--volume', [source, target, settings].filter((piece) => piece !== '').join(':')];
  }
  const pieces = [
    `type=${type}`,
    ...(source === '' ? [] : [`src=${source}`]),
    `dst=${target}`,
    ...(readOnly ? ['readonly'] : []),
    ...(propagation === '' ? [] : [`bind-propagation=${propagation}`]),
    ...(driver === '' ? [] : [`volume-driver=${driver}`]),
    ...options.map((option) => `volume-opt=${option}`),
    ...(type === 'tmpfs' && word(mount, 'size') !== '' ? [`tmpfs-size=${word(mount, 'size')}`] : []),
  ];
  // A list of comma-separated values, whose fields are quoted where they hold a comma themselves.
  return [
    '--mount',
    pieces.map((piece) => (/[",]/.test(piece) ? `"${piece.replaceAll('"', '""')}"` : piece)).join(','),
  ];
}

function portFlags(container: JsonObject): readonly string[] {
  const published = parts(container, 'ports').map((port) => {
    const [ip, hostPort] = [word(port, 'hostIp'), word(port, 'hostPort')];
    const address = ip.includes(':') ? `[${ip}]` : ip;
    const inside = word(port, 'port').replace(/\/tcp$/, '');
    const host = address === '' ? hostPort : `${address}:${hostPort}`;
    return host === '' ? inside : `${host}:${inside}`;
  });
  return [
    ...each('--publish', published),
    ...(container['publishAllPorts'] === true ? ['--publish-all'] : []),
  ];
}

/** What the docker CLI sends unasked is not said; an update says all that it changes. */
function restartFlags(restart: JsonObject, of: FlagsOf): readonly string[] {
  const [name, retries] = [word(restart, 'name'), unless('0', word(restart, 'maxRetries'))];
  if (of === 'service') {
    const condition = name === 'no' ? 'none' : unless('always', name);
    return [...flag('--restart-condition', condition), ...flag('--restart-max-attempts', retries)];
  }
  const policy = of === 'update' ? name : unless('no', name);
  return flag('--restart', policy === '' || retries === '' ? policy : `${policy}:${retries}`);
}

function unless(byDefault: string, value: string): string {
  return value === byDefault ? '' : value;
}

/** Bytes as a flag takes them; -1 is a word of its own. */
function size(limits: JsonObject, key: string): string {
  const bytes = word(limits, key);
  return /^[1-9]\d*$/.test(bytes) ? showBytes(BigInt(bytes)) : bytes === '0' ? '' : bytes;
}

/** The quota of the usual period, 100 ms, in microseconds: `build` has no `--cpus`. */
function quota(nano: string): string {
  return /^[1-9]\d*$/.test(nano) ? String(BigInt(nano) / 10_000n) : '';
}

function cpuCount(nano: string): string {
  return /^[1-9]\d*$/.test(nano) ? showCpus(BigInt(nano)) : '';
}
