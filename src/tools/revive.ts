import type { JsonObject } from '../ledger/canonical.ts';
import type { DecisionRecord, Draft } from '../ledger/record.ts';
import type {
  Capability,
  Container,
  DeviceRequest,
  Endpoint,
  Limits,
  Mount,
  SecurityOptions,
} from '../model/container.ts';
import type {
  Build,
  Checkpoint,
  Exec,
  ImageUse,
  Network,
  PluginUse,
  Swarm,
  Volume,
} from '../model/objects.ts';
import type { AdmissionRequest, RequestObject } from '../model/request.ts';
import { parseCapabilities } from '../normalize/capabilities.ts';
import { parseImage } from '../normalize/image.ts';
import { parseNamespace } from '../normalize/namespaces.ts';
import { parseUser } from '../normalize/user.ts';
import { mountFlags } from './containerFlags.ts';
import {
  type Field,
  type Fields,
  flag,
  int,
  listOf,
  map,
  maybeFlag,
  maybeInt,
  maybeListOf,
  maybeMap,
  maybeObjectOf,
  maybeParsed,
  maybeText,
  maybeTexts,
  maybeWordOf,
  never,
  objectOf,
  parsed,
  readFields,
  text,
  texts,
  wordOf,
} from './fields.ts';
import { part, parts, word } from './recorded.ts';

const maybeImage = maybeParsed(parseImage);
const maybeUser = maybeParsed(parseUser);
const capabilities: Field<readonly Capability[]> = {
  read: (json, place) => parseCapabilities(texts.read(json, place)),
};

function namespace(kind: Parameters<typeof parseNamespace>[0]) {
  return parsed((given) => parseNamespace(kind, given));
}

/** Words for people, put together anew; that a value in it is hidden tells nobody anything. */
const words: Field<string> = { ...text, isInner: true };

const mount: Fields<Mount> = {
  type: wordOf<Mount['type']>('other'),
  source: maybeText,
  target: text,
  readOnly: flag,
  writableBelow: flag,
  propagation: maybeText,
  driver: maybeText,
  size: maybeInt,
  options: texts,
  flag: words,
};

const deviceRequest: Fields<DeviceRequest> = {
  driver: text,
  count: int,
  ids: texts,
  capabilities: {
    read: (json, place) => (Array.isArray(json) ? json.map((set) => texts.read(set, place)) : []),
  },
  options: map,
};

const security: Fields<SecurityOptions> = {
  seccomp: maybeWordOf<NonNullable<SecurityOptions['seccomp']>>(),
  seccompProfile: never,
  seccompDigest: maybeText,
  appArmor: maybeText,
  labelDisable: flag,
  labels: texts,
  noNewPrivileges: maybeFlag,
  writableCgroups: flag,
  other: texts,
};

const ulimits = listOf<Limits['ulimits'][number]>({ name: text, soft: int, hard: int });
const logging = maybeObjectOf<NonNullable<Container['logging']>>({ driver: text, options: map });

const limits: Fields<Limits> = {
  memory: maybeInt,
  memorySwap: maybeInt,
  memoryReservation: maybeInt,
  swappiness: maybeInt,
  nanoCpus: maybeInt,
  cpuPeriodAlone: maybeInt,
  pids: maybeInt,
  cpuShares: maybeInt,
  cpusetCpus: maybeText,
  cpusetMems: maybeText,
  cpuRealtime: maybeInt,
  shmSize: maybeInt,
  oomKillDisable: maybeFlag,
  oomScoreAdj: maybeInt,
  ulimits,
  blkio: texts,
};

const container: Fields<Container> = {
  origin: wordOf<Container['origin']>('create'),
  name: maybeText,
  image: maybeImage,
  user: maybeUser,
  privileged: flag,
  capAdd: capabilities,
  capDrop: capabilities,
  namespaces: objectOf<Container['namespaces']>({
    network: namespace('network'),
    pid: namespace('pid'),
    ipc: namespace('ipc'),
    uts: namespace('uts'),
    user: namespace('user'),
    cgroup: namespace('cgroup'),
  }),
  joinCgroup: maybeText,
  links: texts,
  mounts: listOf(mount),
  volumesFrom: texts,
  devices: listOf({ path: text, permissions: text }),
  deviceRules: texts,
  deviceRequests: listOf(deviceRequest),
  security: objectOf(security),
  maskedPaths: maybeTexts,
  readonlyPaths: maybeTexts,
  readOnlyRoot: flag,
  groupAdd: texts,
  sysctls: map,
  cgroupParent: maybeText,
  runtime: maybeText,
  annotations: map,
  limits: objectOf(limits),
  restart: maybeObjectOf({ name: text, maxRetries: int }),
  ports: listOf({ port: text, hostIp: text, hostPort: text }),
  publishAllPorts: flag,
  env: texts,
  labels: map,
  logging,
  autoRemove: flag,
};

const endpoint: Fields<Endpoint> = { network: text, driverOptions: map, links: texts, flag: words };

const volume: Fields<Volume> = {
  name: maybeText,
  driver: maybeText,
  options: map,
  labels: map,
  flag: words,
};

const network: Fields<Network> = {
  name: text,
  driver: text,
  ipamDriver: text,
  options: map,
  ipamOptions: map,
  labels: map,
  internal: flag,
  attachable: flag,
  ingress: flag,
  configOnly: flag,
  configFrom: maybeText,
};

const exec: Fields<Exec> = { privileged: flag, user: maybeUser, env: texts };

const build: Fields<Build> = {
  builder: wordOf<Build['builder']>('classic'),
  remote: maybeText,
  networkMode: text,
  argNames: texts,
  labels: map,
  securityOpts: texts,
  extraHosts: texts,
  cgroupParent: maybeText,
  outputs: texts,
  cacheFrom: texts,
  memory: maybeInt,
  memorySwap: maybeInt,
  nanoCpus: maybeInt,
  shmSize: maybeInt,
  ulimits,
};

const imageUse: Fields<ImageUse> = {
  role: wordOf<ImageUse['role']>('run'),
  ref: maybeImage,
  allTags: maybeFlag,
  from: maybeText,
  id: never,
  found: never,
};

/** Where all tags are meant and the name has none, the daemon's `latest` is none either. */
const images: Field<readonly ImageUse[] | undefined> = {
  isInner: true,
  read: (json, place) =>
    maybeListOf(imageUse)
      .read(json, place)
      ?.map((use) => {
        if (!use.allTags || use.ref === undefined) return use;
        const { tag: _, ...ref } = use.ref;
        return { ...use, ref };
      }),
};

const swarm: Fields<Swarm> = {
  nodeRole: maybeText,
  remotes: texts,
  externalCas: texts,
  externalCaOptions: map,
  signingCa: flag,
  logging,
  secretDriver: maybeText,
  secretDriverOptions: maybeMap,
  templating: maybeText,
};

const object: Fields<RequestObject> = {
  container: maybeObjectOf(container),
  endpoints: maybeListOf(endpoint),
  volumes: maybeListOf(volume),
  network: maybeObjectOf(network),
  exec: maybeObjectOf(exec),
  build: maybeObjectOf(build),
  images,
  plugin: maybeObjectOf<PluginUse>({ names: texts, settings: texts }),
  swarm: maybeObjectOf(swarm),
  labels: maybeMap,
  checkpoint: maybeObjectOf<Checkpoint>({ id: text, dir: maybeText }),
  containerRef: maybeText,
  newName: maybeText,
  archive: maybeObjectOf<NonNullable<RequestObject['archive']>>({
    direction: wordOf<'in' | 'out'>('in'),
    path: text,
  }),
  leads: maybeMap,
};

/**
 * The request of a recorded decision, as far as the record has it: the inverse of `redact`. Of the texts that are hidden
 * `***` is left. Undefined where the request was never read, so that no policy was asked.
 *
 * @param looked told of each field with hidden values in it, by path, whenever somebody looks at it
 */
export function revive(
  { action, operation, resource, api, object: recorded = {}, unknown = [] }: Draft<DecisionRecord>,
  looked: (path: string) => void = () => {},
): AdmissionRequest | undefined {
  if (operation === undefined) return undefined;
  const { kind = '', ref } = resource ?? {};
  return {
    action,
    operation,
    resource: { kind, ...(ref !== undefined && { ref }) },
    minor: api === undefined ? undefined : Number(api.split('.')[1]),
    query: queryOf(action, recorded),
    object: readFields(completed(recorded), object, { path: '', looked }),
    unknown,
  };
}

/** Of the query what a rule reads there and the object has, too. */
function queryOf(action: string, recorded: JsonObject): AdmissionRequest['query'] {
  const id = action === 'container.start' ? word(part(recorded, 'checkpoint'), 'id') : '';
  return new Map(id === '' ? [] : [['checkpoint', [id]]]);
}

/** A recorded object with what redaction leaves out and can be told from the rest: flags in words, a profile's digest. */
function completed(recorded: JsonObject): JsonObject {
  const container = part(recorded, 'container');
  const flags = mountFlags(recorded, container['origin'] === 'service' ? 'service' : 'create').map((one) =>
    one.join(' '),
  );
  const mounts = parts(container, 'mounts');
  const ofVolumes = flags.filter((_, index) => mounts[index]?.['type'] === 'volume');
  const options = part(container, 'security');
  const digest = /^sha256:([0-9a-f]{64})$/.exec(word(options, 'seccompProfile'))?.[1];
  return {
    ...recorded,
    ...(recorded['container'] !== undefined && {
      container: {
        ...container,
        mounts: mounts.map((one, index) => ({ ...one, flag: flags[index] })),
        security: { ...options, seccompDigest: digest },
      },
    }),
    ...(recorded['volumes'] !== undefined && {
      volumes: parts(recorded, 'volumes').map((one, index) => ({
        ...one,
        flag: ofVolumes[index] ?? `docker volume create ${word(one, 'name')}`.trim(),
      })),
    }),
    ...(recorded['endpoints'] !== undefined && {
      endpoints: parts(recorded, 'endpoints').map((one) => ({
        ...one,
        flag: `--network ${word(one, 'network')}`,
      })),
    }),
  };
}
