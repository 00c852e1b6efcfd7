import { createHash } from 'node:crypto';
import type { Int } from '../gojson/types.ts';
import type {
  Container,
  Endpoint,
  Limits,
  Mount,
  NamespaceMode,
  SecurityOptions,
  User,
} from '../model/container.ts';
import type { ImageRef } from '../model/image.ts';
import type { Build, Exec, ImageUse, Network, PluginUse, Swarm, Volume } from '../model/objects.ts';
import type { RequestObject } from '../model/request.ts';
import {
  hidden,
  shownLabel,
  shownLogOption,
  shownMountOption,
  shownNetworkOption,
  shownSecurityOption,
  shownVolumeOption,
  withoutCredentials,
} from '../model/secrets.ts';
import type { Json, JsonObject } from './canonical.ts';

/**
 * How each field of a canonical object goes into a record. The type asks for every field, so that a new one does
 * not compile before somebody has said what of it may be kept. Undefined leaves it out.
 */
type Rules<T> = { readonly [K in keyof T]-?: (value: Exclude<T[K], undefined>) => Json | undefined };

/** The fields by their rules. */
function apply<T extends object>(value: T, rules: Rules<T>): JsonObject {
  const kept: { [key: string]: Json } = {};
  // The keys of a rule table are those of its type: it is an object literal.
  for (const key of Object.keys(rules) as (keyof T & string)[]) {
    const field = value[key];
    // Excluded above: the rule is that of this very field.
    const json = field === undefined ? undefined : rules[key](field as Exclude<T[typeof key], undefined>);
    if (json !== undefined) kept[key] = json;
  }
  return kept;
}

const leftOut = () => undefined;
const text = (value: string) => (value === '' ? undefined : withoutCredentials(value));
const flag = (value: boolean) => value || undefined;
const always = (value: boolean) => value;
/** Exact where a double is; beyond, the decimal digits as text, as RFC 8785 advises. */
const int = (value: Int) => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));
const texts = (values: readonly string[]) => each(values, withoutCredentials);
/** Empty is not the same as absent. */
const textsOrNone = (values: readonly string[]) => values.map(withoutCredentials);

function each<T>(values: readonly T[], show: (value: T) => Json): Json | undefined {
  return values.length === 0 ? undefined : values.map(show);
}

function map(show: (key: string, value: string) => string) {
  return (values: ReadonlyMap<string, string>): Json | undefined => {
    if (values.size === 0) return undefined;
    return Object.fromEntries(Array.from(values, ([key, value]) => [key, show(key, value)]));
  };
}

const labels = map(shownLabel);
const namesOnly = map(() => hidden);
const image = ({ given }: ImageRef) => withoutCredentials(given);
const user = ({ given }: User) => given;
const namespace = ({ given }: NamespaceMode) => text(given);

const mount: Rules<Mount> = {
  type: text,
  source: text,
  target: text,
  readOnly: flag,
  writableBelow: flag,
  propagation: text,
  driver: text,
  size: int,
  options: (options) => each(options, shownMountOption),
  flag: leftOut,
};

const logging = (value: { readonly driver: string; readonly options: ReadonlyMap<string, string> }) =>
  apply(value, { driver: text, options: map(shownLogOption) });

const security: Rules<SecurityOptions> = {
  seccomp: text,
  seccompProfile: (profile) => `sha256:${createHash('sha256').update(profile).digest('hex')}`,
  seccompDigest: leftOut,
  appArmor: text,
  labelDisable: flag,
  labels: texts,
  noNewPrivileges: always,
  writableCgroups: flag,
  other: (options) => each(options, shownSecurityOption),
};

const ulimits = (values: Limits['ulimits']) =>
  each(values, (value) => apply(value, { name: text, soft: int, hard: int }));

const limits: Rules<Limits> = {
  memory: int,
  memorySwap: int,
  memoryReservation: int,
  swappiness: int,
  nanoCpus: int,
  cpuPeriodAlone: int,
  pids: int,
  cpuShares: int,
  cpusetCpus: text,
  cpusetMems: text,
  cpuRealtime: int,
  shmSize: int,
  oomKillDisable: always,
  oomScoreAdj: int,
  ulimits,
  blkio: texts,
};

const container: Rules<Container> = {
  origin: text,
  name: text,
  image,
  user,
  privileged: flag,
  capAdd: (list) => each(list, ({ name }) => name),
  capDrop: (list) => each(list, ({ name }) => name),
  namespaces: (value) =>
    apply(value, {
      network: namespace,
      pid: namespace,
      ipc: namespace,
      uts: namespace,
      user: namespace,
      cgroup: namespace,
    }),
  joinCgroup: text,
  links: texts,
  mounts: (list) => each(list, (value) => apply(value, mount)),
  volumesFrom: texts,
  devices: (list) => each(list, (device) => apply(device, { path: text, permissions: text })),
  deviceRules: texts,
  deviceRequests: (list) =>
    each(list, (request) =>
      apply(request, {
        driver: text,
        count: int,
        ids: texts,
        capabilities: (sets) => each(sets, textsOrNone),
        options: namesOnly,
      }),
    ),
  security: (value) => apply(value, security),
  maskedPaths: textsOrNone,
  readonlyPaths: textsOrNone,
  readOnlyRoot: flag,
  groupAdd: texts,
  sysctls: map((_, value) => withoutCredentials(value)),
  cgroupParent: text,
  runtime: text,
  annotations: namesOnly,
  limits: (value) => apply(value, limits),
  restart: (value) => apply(value, { name: text, maxRetries: int }),
  ports: (list) => each(list, (port) => apply(port, { port: text, hostIp: text, hostPort: text })),
  publishAllPorts: flag,
  env: texts,
  labels,
  logging,
  autoRemove: flag,
};

const endpoint: Rules<Endpoint> = {
  network: text,
  driverOptions: map(shownNetworkOption),
  links: texts,
  flag: leftOut,
};

const volume: Rules<Volume> = {
  name: text,
  driver: text,
  options: map(shownVolumeOption),
  labels,
  flag: leftOut,
};

const network: Rules<Network> = {
  name: text,
  driver: text,
  ipamDriver: text,
  options: map(shownNetworkOption),
  ipamOptions: namesOnly,
  labels,
  internal: flag,
  attachable: flag,
  ingress: flag,
  configOnly: flag,
  configFrom: text,
};

const exec: Rules<Exec> = { privileged: flag, user, env: texts };

const build: Rules<Build> = {
  builder: text,
  remote: text,
  networkMode: text,
  argNames: texts,
  labels,
  securityOpts: (options) => each(options, shownSecurityOption),
  extraHosts: texts,
  cgroupParent: text,
  outputs: texts,
  cacheFrom: (list) => each(list, (from) => (from.includes('=') ? hidden : withoutCredentials(from))),
  memory: int,
  memorySwap: int,
  nanoCpus: int,
  shmSize: int,
  ulimits,
};

const imageUse: Rules<ImageUse> = {
  role: text,
  ref: image,
  allTags: flag,
  from: text,
  id: leftOut,
  found: leftOut,
};

const plugin: Rules<PluginUse> = {
  names: texts,
  settings: (list) => each(list, (setting) => setting.split('=', 1)[0] ?? ''),
};

const swarm: Rules<Swarm> = {
  nodeRole: text,
  remotes: texts,
  externalCas: texts,
  externalCaOptions: namesOnly,
  signingCa: flag,
  logging,
  secretDriver: text,
  secretDriverOptions: namesOnly,
  templating: text,
};

const object: Rules<RequestObject> = {
  container: (value) => apply(value, container),
  endpoints: (list) => each(list, (value) => apply(value, endpoint)),
  volumes: (list) => each(list, (value) => apply(value, volume)),
  network: (value) => apply(value, network),
  exec: (value) => apply(value, exec),
  build: (value) => apply(value, build),
  images: (list) => each(list, (value) => apply(value, imageUse)),
  plugin: (value) => apply(value, plugin),
  swarm: (value) => apply(value, swarm),
  labels,
  checkpoint: (value) => apply(value, { id: text, dir: text }),
  containerRef: text,
  newName: text,
  archive: (value) => apply(value, { direction: text, path: text }),
  // What a denial rests on beside the request: paths, as in the mounts.
  leads: map((_, value) => value),
};

/**
 * A request's object as it stands in a record: what was asked for, without anything that is, or could be, a secret.
 * What says nothing (false, empty) is left out. Values of options, labels and annotations are kept where their
 * key is known to be harmless; numbers beyond 2^53 become text.
 */
export function redact(value: RequestObject): JsonObject {
  return apply(value, object);
}
