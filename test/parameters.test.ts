import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { controls } from '../src/policy/controls/index.ts';
import { type Schema, typeInWords } from './docs/types.ts';

const list = 'list of text';
const yesOrNo = 'true or false';

/** The parameters that policy files hold, by control. Who renames one, or gives it another type, breaks those files. */
const promised: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  privileged: { allow: yesOrNo },
  capabilities: { allowAdd: list, requireDrop: list },
  hostNamespaces: { allow: 'list of `network` or `pid` or `ipc` or `uts` or `userns` or `cgroup`' },
  joinNamespaces: { allow: 'list of `network` or `pid` or `ipc` or `cgroup` or `links`' },
  dockerSocket: { allow: yesOrNo },
  binds: {
    allowPaths: list,
    denyPaths: list,
    allowProtected: yesOrNo,
    readOnly: yesOrNo,
    propagation: 'list of `private` or `rprivate` or `slave` or `rslave` or `shared` or `rshared`',
  },
  volumes: { drivers: list, types: list, names: list },
  volumesFrom: { allow: yesOrNo },
  tmpfs: { maxSize: 'size', allowExec: yesOrNo },
  devices: { allowPaths: list, allowRules: list, allowRequests: list, maxGpus: 'whole number' },
  seccomp: { allowProfiles: list },
  appArmor: { allowProfiles: list },
  seLinux: { allowDisable: yesOrNo, allowTypes: list },
  systemPaths: { allowUnmasked: yesOrNo },
  noNewPrivileges: { require: yesOrNo },
  readOnlyRoot: { require: yesOrNo },
  user: {
    nonRoot: '`require` or `off`',
    allowUids: 'list of whole number or text',
    allowNames: list,
    denyRootGroup: yesOrNo,
  },
  groupAdd: { allow: list },
  sysctls: { allow: list },
  cgroupParent: { allow: list },
  runtime: { allow: list },
  annotations: { allow: list },
  memory: { required: yesOrNo, max: 'size' },
  memorySwap: { required: yesOrNo, max: 'size' },
  cpus: { required: yesOrNo, max: 'CPUs' },
  pids: { required: yesOrNo, max: 'whole number' },
  shmSize: { max: 'size' },
  cpuset: { allow: 'list of `*` or text', allowMems: 'list of `*` or text' },
  ulimits: { max: 'map to whole number' },
  oom: { allowDisable: yesOrNo, minScore: 'whole number' },
  blkio: { allow: yesOrNo },
  restart: { allow: list, maxRetries: 'whole number' },
  images: {
    allowRegistries: list,
    allow: list,
    deny: list,
    denyTags: list,
    requireDigest: yesOrNo,
    allowIds: yesOrNo,
    allowLocal: yesOrNo,
  },
  ports: { hostIps: list, hostPorts: 'list of whole number or text', allowAll: yesOrNo },
  networks: { names: list, drivers: list, options: list },
  env: { denyNames: list },
  labels: { required: list, reserved: list },
  logging: { drivers: list, options: list },
  exec: { privileged: yesOrNo, users: list, env: list },
  build: {
    network: list,
    denyArgs: list,
    allowArgs: list,
    remote: list,
    buildkit: '`allow` or `deny`',
    outputs: list,
    options: list,
  },
  archive: { in: list, out: list },
  actions: { deny: 'list of `{ actions, message, fix? }`' },
  unknownFields: { allow: yesOrNo },
};

describe('the parameters of', () => {
  test.each(controls.map((control) => [control.name, control] as const))('%s', (name, { parameters }) => {
    const { properties = {} } = z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' }) as Schema;
    const found = Object.entries(properties).map(([key, property]) => [key, typeInWords(property)]);
    expect(Object.fromEntries(found)).toEqual(promised[name]);
  });

  test('controls that are gone: none', () => {
    expect(Object.keys(promised).sort()).toEqual(controls.map(({ name }) => name).sort());
  });
});
