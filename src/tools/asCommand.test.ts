import { describe, expect, it } from 'vitest';
import { redact } from '../ledger/redact.ts';
import { normalize } from '../normalize/normalize.ts';
import { asCommand, asRoute, shellLine } from './asCommand.ts';

/** A request as its record has it. */
function recorded(method: string, uri: string, body?: unknown) {
  const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
  const headers: Record<string, string> = bytes
    ? { 'Content-Type': 'application/json', 'Content-Length': `${bytes.length}` }
    : {};
  const { action, resource, object } = normalize({
    method,
    uri: `/v1.49${uri}`,
    headers,
    ...(bytes && { body: bytes }),
  });
  return { action, resource, object: redact(object) };
}

const line = (...request: Parameters<typeof recorded>) =>
  shellLine(asCommand(recorded(...request)) ?? ['none']);

describe('asCommand()', () => {
  // Every form of flag. `test/asCommand.test.ts` holds the commands of all controls against the docker CLI.
  it.each<[object, string]>([
    [{}, ''],
    [{ Privileged: true }, ' --privileged'],
    [{ CapAdd: ['CAP_NET_ADMIN'], CapDrop: ['all'] }, ' --cap-add NET_ADMIN --cap-drop ALL'],
    [{ NetworkMode: 'host', PidMode: 'container:db' }, ' --pid container:db --network host'],
    [{ NetworkMode: 'default' }, ''],
    [{ Binds: ['/srv:/data:ro', 'cache:/cache'] }, ' --volume /srv:/data:ro --volume cache:/cache'],
    [{ Tmpfs: { '/x': 'size=64m,noexec' } }, ' --tmpfs /x:size=64m,noexec'],
    [
      {
        Mounts: [
          {
            Type: 'volume',
            Source: 'v',
            Target: '/v',
            VolumeOptions: { DriverConfig: { Name: 'nfs', Options: { pw: 'geheim' } } },
          },
        ],
      },
      " --mount 'type=volume,src=v,dst=/v,volume-driver=nfs,volume-opt=pw=***'",
    ],
    [
      {
        Memory: 536870912,
        NanoCpus: 1_500_000_000,
        PidsLimit: 200,
        Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      },
      ' --memory 512m --cpus 1.5 --pids-limit 200 --ulimit nofile=1:2',
    ],
    [{ MemorySwappiness: -1, PidsLimit: 0, RestartPolicy: { Name: 'no' } }, ''],
    [{ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }, ' --restart on-failure:3'],
    [
      { PortBindings: { '53/udp': [{ HostIp: '::1', HostPort: '5353' }], '80/tcp': [{ HostPort: '8080' }] } },
      " --publish '[::1]:5353:53/udp' --publish 8080:80",
    ],
    [
      { SecurityOpt: ['seccomp=unconfined', 'no-new-privileges'], MaskedPaths: [], ReadonlyPaths: [] },
      ' --security-opt seccomp=unconfined --security-opt no-new-privileges --security-opt systempaths=unconfined',
    ],
    [
      { Devices: [{ PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm', CgroupPermissions: 'rw' }] },
      ' --device /dev/kvm:rw',
    ],
    [{ DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] }, ' --gpus all'],
  ])('of a container with %j says `docker create%s alpine`', (HostConfig, flags) => {
    expect(line('POST', '/containers/create', { Image: 'alpine', HostConfig })).toBe(
      `docker create${flags} alpine`,
    );
  });

  it('has names of variables without their values, and no secret elsewhere', () => {
    const body = { Image: 'user:geheim@reg.example.com/a', Env: ['TOKEN=geheim'], Labels: { key: 'geheim' } };
    expect(line('POST', '/containers/create?name=web', body)).toBe(
      "docker create --name web --env TOKEN --label 'key=***' '***@reg.example.com/a'",
    );
  });

  it.each<[string, Parameters<typeof recorded>]>([
    ['docker ps', ['GET', '/containers/json']],
    ['docker start web', ['POST', '/containers/web/start']],
    ['docker rm web', ['DELETE', '/containers/web?force=1']],
    ['docker rename web old', ['POST', '/containers/web/rename?name=old']],
    [
      'docker update --memory 1g --restart no web',
      ['POST', '/containers/web/update', { Memory: 1073741824, RestartPolicy: { Name: 'no' } }],
    ],
    [
      'docker exec --privileged --user root web ...',
      ['POST', '/containers/web/exec', { Privileged: true, User: 'root', Cmd: ['sh'] }],
    ],
    ['docker cp - web:/etc', ['PUT', '/containers/web/archive?path=/etc']],
    ['docker cp web:/etc -', ['GET', '/containers/web/archive?path=/etc']],
    ['docker pull alpine:3.20', ['POST', '/images/create?fromImage=alpine&tag=3.20']],
    ['docker tag alpine reg.example.com/a:1', ['POST', '/images/alpine/tag?repo=reg.example.com/a&tag=1']],
    [
      'docker volume create --opt device=/etc --opt o=bind data',
      ['POST', '/volumes/create', { Name: 'data', DriverOpts: { device: '/etc', o: 'bind' } }],
    ],
    ['docker network connect net web', ['POST', '/networks/net/connect', { Container: 'web' }]],
    ['docker network create --internal net', ['POST', '/networks/create', { Name: 'net', Internal: true }]],
  ])('says `%s`', (command, request) => {
    expect(line(...request)).toBe(command);
  });

  it.each([
    [['GET', '/_ping'], 'GET /_ping'],
    [['POST', '/exec/e1/start', { Detach: false }], 'POST /exec/e1/start'],
    [['POST', '/containers/web/resize?h=1&w=1'], 'POST /containers/web/resize'],
  ] as const)('gives no command for %j, and its route is %s', (request, route) => {
    const [method, uri, body] = request;
    const asked = recorded(method, uri, body);
    expect(asCommand(asked)).toBeUndefined();
    expect(asRoute(asked)).toBe(route);
  });

  it.each(['unknown', 'constructor', '__proto__'])('knows nothing of the action %s', (action) => {
    expect(asCommand({ action })).toBeUndefined();
    expect(asRoute({ action })).toBeUndefined();
  });
});

describe('shellLine()', () => {
  it.each([
    [['a b', '$(rm -rf /)', "it's", ''], "'a b' '$(rm -rf /)' 'it'\\''s' ''"],
    [['\u001b[2J\n\u202e'], "'\\u001b[2J\\u000a\\u202e'"],
    [['~/x', 'a;b', 'a=b', '/x:ro'], "'~/x' 'a;b' a=b /x:ro"],
  ])('of %j is %s', (words, shown) => {
    expect(shellLine(words)).toBe(shown);
  });
});
