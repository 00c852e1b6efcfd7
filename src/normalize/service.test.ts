import { describe, expect, it } from 'vitest';
import type { RequestObject } from '../model/request.ts';
import { normalize } from './normalize.ts';

function object(body: object, minor = 52): RequestObject {
  return normalize({
    method: 'POST',
    uri: `/v1.${minor}/services/create`,
    headers: { 'Content-Type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }).object;
}

function task(ContainerSpec: object, more: object = {}, minor = 52) {
  return object({ TaskTemplate: { ContainerSpec, ...more } }, minor).container;
}

describe('the container of a service', () => {
  it('has the shape of every container', () => {
    const made = object({
      Name: 'web',
      Labels: { s: '1' },
      TaskTemplate: {
        ContainerSpec: {
          Image: 'app:1@sha256:ab',
          User: '0',
          Groups: ['0'],
          Env: ['A=secret'],
          Labels: { c: '1' },
          ReadOnly: true,
          Mounts: [{ Type: 'bind', Source: '/etc/../root', Target: '/h' }],
          CapabilityAdd: ['CAP_SYS_ADMIN'],
          CapabilityDrop: ['ALL'],
          Sysctls: { 'net.x': '1' },
          Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
          OomScoreAdj: -5,
          Privileges: {
            SELinuxContext: { Disable: true, Type: 't', User: 'u' },
            Seccomp: { Mode: 'custom', Profile: 'e30=' },
            AppArmor: { Mode: 'disabled' },
            NoNewPrivileges: true,
          },
        },
        Resources: { Limits: { MemoryBytes: 100, NanoCPUs: 5, Pids: 7 }, SwapBytes: 50 },
        RestartPolicy: { Condition: 'on-failure', MaxAttempts: 3 },
        LogDriver: { Name: 'syslog', Options: { tag: 't' } },
        Networks: [{ Target: 'app', DriverOpts: { k: 'v' } }],
      },
      Networks: [{ Target: 'legacy' }],
      EndpointSpec: {
        Ports: [
          { TargetPort: 80, PublishedPort: 8080 },
          { TargetPort: 53, Protocol: 'udp' },
        ],
      },
    });
    expect(made.container).toMatchObject({
      origin: 'service',
      name: 'web',
      image: { repository: 'library/app', digest: 'sha256:ab' },
      user: { root: 'yes' },
      groupAdd: ['0'],
      env: ['A'],
      labels: new Map([['c', '1']]),
      readOnlyRoot: true,
      mounts: [{ type: 'bind', source: '/root', target: '/h' }],
      capAdd: [{ name: 'SYS_ADMIN' }],
      capDrop: [{ name: 'ALL' }],
      security: {
        seccomp: 'custom',
        seccompProfile: '{}',
        appArmor: 'unconfined',
        labelDisable: true,
        labels: ['user:u', 'type:t'],
        noNewPrivileges: true,
      },
      limits: { memory: 100, memorySwap: 150n, nanoCpus: 5, pids: 7, oomScoreAdj: -5 },
      restart: { name: 'on-failure', maxRetries: 3 },
      ports: [
        { port: '80/tcp', hostIp: '', hostPort: '8080' },
        { port: '53/udp', hostIp: '', hostPort: '' },
      ],
      logging: { driver: 'syslog' },
    });
    expect(made.endpoints?.map(({ network }) => network)).toEqual(['app', 'legacy']);
    expect(made.labels).toEqual(new Map([['s', '1']]));
    expect(made.images).toMatchObject([{ role: 'run' }]);
  });

  it('is on the host where any network is the host, also a legacy one', () => {
    const modes = [
      { TaskTemplate: { Networks: [{ Target: 'host' }] } },
      { TaskTemplate: { Networks: [{ Target: 'app' }] }, Networks: [{ Target: 'host' }] },
      { TaskTemplate: { Networks: [{ Target: 'app' }] } },
      {},
    ].map((body) => object(body).container?.namespaces.network.mode);
    expect(modes).toEqual(['host', 'host', 'named', 'default']);
  });

  /** A service restarts for ever unless it says otherwise. */
  it.each([
    [undefined, 'always'],
    [{}, 'always'],
    [{ Condition: 'any' }, 'always'],
    [{ Condition: 'none' }, 'no'],
    [{ Condition: 'on-failure' }, 'on-failure'],
  ])('restarts by %j: %s', (RestartPolicy, name) => {
    expect(task({}, { RestartPolicy })?.restart?.name).toBe(name);
  });

  it.each([
    [{ Mode: 'default' }, undefined],
    [{}, undefined],
    [{ Mode: 'unconfined' }, 'unconfined'],
    [{ Mode: 'custom' }, 'custom'],
    [{ Mode: 'Unconfined' }, 'custom'],
    [{ Profile: 'e30=' }, 'custom'],
  ])('has the seccomp profile of %j: %s', (Seccomp, seccomp) => {
    expect(task({ Privileges: { Seccomp } })?.security.seccomp).toBe(seccomp);
  });

  it.each([
    [-1, -1],
    [0, 100n],
  ])('with %i bytes of swap beside 100 of memory has %s', (SwapBytes, memorySwap) => {
    const made = task({}, { Resources: { Limits: { MemoryBytes: 100 }, SwapBytes } });
    expect(made?.limits).toMatchObject({ memorySwap });
  });

  /** What an older version drops without a word must not count as protection; danger stays. */
  it.each([
    [40, { CapabilityDrop: ['ALL'] }, { capDrop: [] }],
    [40, { CapabilityAdd: ['ALL'] }, { capAdd: [{ name: 'ALL' }] }],
    [43, { Privileges: { NoNewPrivileges: true } }, { security: { labels: [] } }],
    [43, { Privileges: { Seccomp: { Mode: 'unconfined' } } }, { security: { seccomp: 'unconfined' } }],
  ])('at 1.%i takes %j for %j', (minor, spec, expected) => {
    const made = task(spec, {}, minor);
    expect(made).toMatchObject(expected);
    expect(made?.security).not.toHaveProperty('noNewPrivileges');
  });

  it('has no limits below the versions that brought them', () => {
    const Resources = { Limits: { MemoryBytes: 100, Pids: 5 }, SwapBytes: 0 };
    expect(task({}, { Resources }, 40)?.limits).toEqual({ memory: 100, ulimits: [], blkio: [] });
  });
});

describe('a plugin in a service', () => {
  it('is judged whatever `Runtime` says, beside the container', () => {
    const made = object({
      TaskTemplate: {
        Runtime: 'container',
        ContainerSpec: { CapabilityAdd: ['NET_RAW'] },
        PluginSpec: {
          name: 'bulwark',
          remote: 'reg.io/evil',
          env: ['A=1'],
          privileges: [
            { Name: 'network', Value: ['host'] },
            { name: 'mount', value: ['/var/run'] },
            { Name: 'capabilities', Value: ['CAP_SYS_ADMIN'] },
          ],
        },
      },
    });
    expect(made.plugin).toEqual({ names: ['bulwark', 'reg.io/evil'], settings: ['A=1'] });
    expect(made.container).toMatchObject({
      origin: 'service',
      capAdd: [{ name: 'NET_RAW' }, { name: 'SYS_ADMIN' }],
      namespaces: { network: { mode: 'host' } },
      mounts: [{ type: 'bind', source: '/var/run' }],
    });
  });
});
