import { describe, expect, it } from 'vitest';
import type { Status } from '../../admin/routes/status.ts';
import { type Config, resolveConfig } from '../../config/config.ts';
import { flagsOf } from '../daemon.ts';
import { checks } from './checks/index.ts';
import { diagnose } from './diagnose.ts';
import type { Host } from './host.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const gib = 1024 ** 3;

const resolved = await resolveConfig({ configFile: undefined, flags: {}, env: {}, uid: 0 });
if (!resolved.ok) throw new Error('the configuration by default is broken');
const config: Config = resolved.config;

/** Permissions of a place of root. */
const place = (path: string, mode: number, uid = 0, gid = 0) => ({ path, role: 'a place', uid, gid, mode });

const status: Status = {
  version: '1.2.3',
  started: '2026-11-30T08:00:00Z',
  facts: 'unix:///var/run/docker.sock',
  daemon: { state: 'asks', since: '2026-11-30T08:00:00Z' },
  policySet: {
    digest: 'abcdef0123456789',
    documents: 1,
    since: '2026-11-30T08:00:00Z',
    broken: false,
    read: '2026-11-30T08:00:00Z',
  },
  ledger: { writable: true, queued: 0, lag: 0 },
  decisions: { allowed: 1, denied: 0 },
  problems: [],
  warnings: [],
};

const json = {
  'authorization-plugins': ['bulwark'],
  builder: { entitlements: { 'network-host': false } },
  'no-new-privileges': true,
  'default-ulimits': { nofile: { Name: 'nofile', Hard: 1024, Soft: 1024 } },
  'log-opts': { 'max-size': '10m' },
  'storage-opts': ['overlay2.size=20G'],
};

const info: NonNullable<Host['daemon']['info']> = {
  plugins: ['bulwark'],
  securityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=userns'],
  liveRestore: false,
  experimental: false,
  loggingDriver: 'json-file',
  storageDriver: 'overlay2',
};

/** A host on which all is well. */
const well: Host = {
  now,
  unseen: [],
  configErrors: [],
  config,
  start: 'systemctl restart bulwark.service',
  daemon: {
    socket: '/var/run/docker.sock',
    process: {
      pid: 42,
      unit: 'docker.service',
      args: [],
      flags: new Map(),
      configFile: '/etc/docker/daemon.json',
      rootless: false,
    },
    json,
    version: '25.0.16',
    info,
    managed: [],
    containers: [],
    others: [],
  },
  plugins: {
    found: [{ name: 'bulwark', path: config.authzSocket, listening: 'listens' }],
    authzSocket: 'listens',
    server: { pid: 43, uid: 0 },
  },
  serve: status,
  policies: { errors: [], warnings: [] },
  files: {
    trusted: [place('/', 0o755), place('/tmp', 0o1777), place('/etc/bulwark/policies', 0o775)],
    secret: [place('/var/lib/bulwark/admin.sock', 0o600)],
    socket: place('/var/run/docker.sock', 0o660, 0, 999),
    group: { name: 'docker', members: [] },
    sideDoors: [place('/run/containerd/containerd.sock', 0o660)],
    owners: [0],
  },
  system: {
    clock: { isSynchronised: true },
    latest: { time: now - 1000, where: 'the last record of /var/lib/bulwark/ledger.db' },
    disk: { free: 30 * gib, freeInodes: 500, inodes: 1000, ledger: gib },
    security: { selinux: false, appArmor: true },
    otherFiles: [],
  },
};

type Parts = {
  readonly [K in keyof Host]?: K extends 'unseen' | 'configErrors' ? Host[K] : Partial<Host[K]>;
};

const { unit: _, ...unitless } = well.daemon.process;

/** That host with some facts of its parts changed. */
function hostWith({ daemon, plugins, files, system, config: changed, serve, ...rest }: Parts): Host {
  const other: Partial<Host> = {
    daemon: { ...well.daemon, ...daemon },
    plugins: { ...well.plugins, ...plugins },
    files: { ...well.files, ...files },
    system: { ...well.system, ...system },
    config: { ...well.config, ...changed },
    serve: { ...status, ...serve },
    unseen: rest.unseen ?? [],
    configErrors: rest.configErrors ?? [],
    policies: { ...well.policies, ...rest.policies },
  };
  return { ...well, ...other };
}

function withoutServe(parts: Parts): Host {
  const { serve: _, ...host } = hostWith(parts);
  return host;
}

const flags = (...args: readonly string[]) => ({
  process: { ...well.daemon.process, args, flags: flagsOf(args) },
});
const jsonWith = (keys: object) => ({ json: { ...json, ...keys } });
const infoWith = (facts: Partial<typeof info>) => ({ info: { ...info, ...facts } });
const managed = (enabled: boolean) => ({ managed: [{ name: 'bulwark', enabled }] });
const seen = (name: string, path: string) => ({ name, path });
const own = well.plugins.found[0] ?? seen('bulwark', '');

// What was found on a host, and in its words; all else is well, but for what the same fact says beside it.
const rows: readonly (readonly [
  id: string,
  host: Host,
  evidence: readonly RegExp[],
  beside?: readonly string[],
])[] = [
  [
    'daemon-json-broken',
    hostWith({ daemon: { jsonBroken: 'it is no JSON object.' } }),
    [/^it is no JSON object/],
  ],
  [
    'plugin-not-configured',
    hostWith({ daemon: { ...jsonWith({ 'authorization-plugins': [] }), ...infoWith({ plugins: [] }) } }),
    [/daemon\.json does not name "bulwark"/],
  ],
  [
    'plugin-in-flag',
    hostWith({
      daemon: {
        ...flags('--authorization-plugin=bulwark'),
        ...jsonWith({ 'authorization-plugins': undefined }),
      },
    }),
    [/^--authorization-plugin of docker\.service names it/],
  ],
  [
    'plugin-in-both',
    hostWith({ daemon: flags('--authorization-plugin', 'bulwark') }),
    [/^--authorization-plugin of docker\.service and \/etc\/docker\/daemon\.json both/],
  ],
  [
    'daemon-does-not-ask',
    hostWith({ serve: { daemon: { state: 'silent' } } }),
    [/answers without asking, although its configuration names "bulwark"/],
  ],
  ['asking-unknown', hostWith({ serve: { daemon: { state: 'off' } } }), [/--docker-host off/]],
  ['asking-unknown', hostWith({ serve: { daemon: { state: 'waiting' } } }), [/: waiting\.$/]],
  [
    'configured-not-read',
    withoutServe({ daemon: infoWith({ plugins: [] }) }),
    [/^It started with no plugin, and is now to ask bulwark\.$/],
  ],
  [
    'bulwark-not-listening',
    hostWith({ plugins: { authzSocket: 'absent' } }),
    [/bulwark\.sock is not there\.$/],
  ],
  [
    'bulwark-not-listening',
    hostWith({ plugins: { authzSocket: 'dead' } }),
    [/is a socket on which nobody listens\.$/],
  ],
  [
    'plugin-in-front',
    hostWith({
      daemon: jsonWith({ 'authorization-plugins': ['other', 'bulwark'] }),
      plugins: { found: [own, seen('other', '/run/docker/plugins/other.sock')] },
    }),
    [/^Asked before Bulwark: other\.$/],
  ],
  [
    'plugin-behind',
    hostWith({
      daemon: jsonWith({ 'authorization-plugins': ['bulwark', 'other'] }),
      plugins: { found: [own, seen('other', '/run/docker/plugins/other.sock')] },
    }),
    [/^Asked after Bulwark: other\.$/],
  ],
  ['plugin-missing', hostWith({ plugins: { found: [] } }), [/^"bulwark" is to be asked, and no socket/]],
  ['managed-plugin-disabled', hostWith({ daemon: managed(false) }), [/plugin bulwark is disabled/]],
  ['managed-plugin-beside', hostWith({ daemon: managed(true) }), [/is enabled, and somebody listens on/]],
  [
    'plugin-found-twice',
    hostWith({ plugins: { found: [own, seen('bulwark', '/etc/docker/plugins/bulwark.spec')] } }),
    [/^\/etc\/docker\/plugins\/bulwark\.spec is there beside \/run\/docker\/plugins\/bulwark\.sock/],
  ],
  [
    'dead-socket',
    hostWith({
      plugins: { found: [own, { ...seen('old', '/run/docker/plugins/old.sock'), listening: 'dead' }] },
    }),
    [/^\/run\/docker\/plugins\/old\.sock refuses/],
  ],
  [
    'bulwark-is-a-container',
    hostWith({
      plugins: { server: 'elsewhere' },
      daemon: {
        containers: [
          { name: 'bulwark', writes: ['/run/docker/plugins'] },
          { name: 'web', writes: ['/srv', '/run/dock'] },
        ],
      },
    }),
    [/the container bulwark can write in its folder\.$/],
  ],
  ['daemon-silent', hostWith({ daemon: { silent: 'ENOENT' } }), [/^At \/var\/run\/docker\.sock: ENOENT\.$/]],
  [
    'tcp-without-tls',
    hostWith({ daemon: jsonWith({ hosts: ['fd://', 'tcp://0.0.0.0:2375'], tls: true }) }),
    [/^"hosts" in \/etc\/docker\/daemon\.json says tcp:\/\/0\.0\.0\.0:2375/],
  ],
  [
    'tcp-without-tls',
    hostWith({ daemon: flags('-H', 'unix://', '-H', ':2375', '-H=[::]:2376') }),
    [/says :2375,/, /says \[::\]:2376,/],
  ],
  [
    'tcp-on-loopback',
    hostWith({ daemon: flags('-H', 'tcp://127.0.0.1:2375', '-H', 'tcp://[::1]:2375') }),
    [/127/, /::1/],
  ],
  [
    'bodies-may-be-hidden',
    hostWith({ daemon: { version: '20.10.24+dfsg1' } }),
    [/^Version 20\.10\.24\+dfsg1 may have CVE-2024-41110 .* and CVE-2026-34040/],
  ],
  ['builds-over-http2', hostWith({ daemon: { version: '29.3.1' } }), [/^Version 29\.3\.1\.$/]],
  ['build-host-network', hostWith({ daemon: jsonWith({ builder: {} }) }), [/is not set, which allows it/]],
  [
    'build-insecure',
    hostWith({
      daemon: jsonWith({ builder: { entitlements: { 'network-host': false, 'security-insecure': true } } }),
    }),
    [/security-insecure" is true/],
  ],
  [
    'daemon-version-untried',
    hostWith({ daemon: { version: '30.0.0' } }),
    [/^Version 30\.0\.0\.$/],
    ['builds-over-http2'],
  ],
  ['other-daemon', hostWith({ daemon: { others: ['dockerd -H unix:///x.sock'] } }), [/^dockerd -H/]],
  [
    'socket-open-to-all',
    hostWith({ files: { socket: place('/var/run/docker.sock', 0o666) } }),
    [/has mode 0666, user 0, group 0/],
  ],
  [
    'docker-group',
    hostWith({ files: { group: { name: 'docker', members: ['alice', 'bob'] } } }),
    [/^In the group docker: alice, bob\.$/],
  ],
  [
    'side-door',
    hostWith({
      files: {
        sideDoors: [
          place('/run/containerd/containerd.sock', 0o660, 0, 7),
          place('/run/podman/podman.sock', 0o666),
          place('/run/crio/crio.sock', 0o600, 1000),
        ],
      },
    }),
    [/containerd/, /podman/, /crio/],
  ],
  [
    'owned-by-others',
    hostWith({ files: { trusted: [place('/home/alice', 0o755, 1000)] } }),
    [/^\/home\/alice \(a place\) has mode 0755, user 1000/],
  ],
  [
    'writable-by-others',
    hostWith({ files: { trusted: [place('/srv', 0o777), place('/opt', 0o775, 0, 50)] } }),
    [/^\/srv/, /^\/opt/],
  ],
  [
    'open-to-others',
    hostWith({ files: { secret: [place('/k.pem', 0o640), place('/l.pem', 0o600, 1000)] } }),
    [/^\/k\.pem/, /^\/l\.pem/],
  ],
  ['config-broken', hostWith({ configErrors: ['c.yaml:1:1: error: unknown key'] }), [/^c\.yaml/]],
  [
    'policies-broken',
    hostWith({ policies: { errors: [{ text: 'a.yaml:1:1: unknown key', fix: 'Mend it.' }] } }),
    [/^a\.yaml/],
  ],
  [
    'policy-weak',
    hostWith({ policies: { warnings: [{ text: 'a.yaml:1:1: it has ended', fix: 'Remove it.' }] } }),
    [/^a\.yaml/],
  ],
  [
    'bulwark-problem',
    hostWith({ serve: { problems: [{ code: 'ledger-full', detail: 'it is full.', fix: 'Free space.' }] } }),
    [/^ledger-full: it is full\.$/],
  ],
  [
    'bulwark-warning',
    hostWith({
      serve: {
        warnings: [{ code: 'policies-unseen', detail: 'nobody has seen them.', fix: 'See to the disk.' }],
      },
    }),
    [/^policies-unseen: nobody/],
  ],
  [
    'policies-not-in-force',
    hostWith({
      serve: { policySet: { ...status.policySet, broken: true, brokenSince: '2026-11-30T09:00:00Z' } },
    }),
    [/^In force is the set abcdef012345 of .*; the disk is broken since 2026-11-30T09:00:00Z\.$/],
  ],
  [
    'host-root-wrong',
    hostWith({ system: { otherFiles: ['/home', '/tmp'] } }),
    [/^With the root of the host in \/, .*: \/home, \/tmp\.$/],
  ],
  ['host-root-off', hostWith({ config: { hostRoot: undefined } }), [/not followed/]],
  [
    'clock-unsynchronised',
    hostWith({ system: { clock: { isSynchronised: false } } }),
    [/NTPSynchronized=no/],
  ],
  [
    'clock-behind',
    hostWith({ system: { latest: { time: now + 120_000, where: 'the last record' } } }),
    [/^It is 2026-11-30T12:00:00\.000Z, and the last record is of 2026-11-30T12:02:00\.000Z\.$/],
  ],
  [
    'disk-full',
    hostWith({ system: { disk: { free: 1024, freeInodes: 0, inodes: 0, ledger: gib } } }),
    [/^0\.00 GiB are free at \/var\/lib\/bulwark; the ledger has 1\.00 GiB and may have 20\.00 GiB/],
  ],
  [
    'disk-low',
    hostWith({ system: { disk: { free: 19 * gib, freeInodes: 0, inodes: 0, ledger: gib } } }),
    [/^19\.00 GiB/],
  ],
  [
    'disk-without-inodes',
    hostWith({ system: { disk: { free: 30 * gib, freeInodes: 9, inodes: 1000, ledger: gib } } }),
    [/^9 of 1000/],
  ],
  [
    'seccomp-weakened',
    hostWith({ daemon: jsonWith({ 'seccomp-profile': 'unconfined' }) }),
    [/^"seccomp-profile" in .* says unconfined\.$/],
  ],
  [
    'seccomp-weakened',
    hostWith({ daemon: infoWith({ securityOptions: ['name=apparmor', 'name=userns'] }) }),
    [/no seccomp at all/],
  ],
  [
    'no-mandatory-access-control',
    hostWith({ daemon: infoWith({ securityOptions: ['name=seccomp,profile=default', 'name=userns'] }) }),
    [/the kernel has AppArmor, the daemon does not use it/],
  ],
  [
    'userns-remap-off',
    hostWith({ daemon: infoWith({ securityOptions: ['name=apparmor', 'name=seccomp,profile=builtin'] }) }),
    [/No "userns-remap"/],
  ],
  [
    'new-privileges-by-default',
    hostWith({ daemon: jsonWith({ 'no-new-privileges': undefined }) }),
    [/is not set/],
  ],
  ['live-restore-on', hostWith({ daemon: infoWith({ liveRestore: true }) }), [/Live Restore/]],
  ['ulimits-unset', hostWith({ daemon: jsonWith({ 'default-ulimits': {} }) }), [/is not set/]],
  ['logs-unlimited', hostWith({ daemon: jsonWith({ 'log-opts': { 'max-file': '3' } }) }), [/json-file/]],
  ['storage-unlimited', hostWith({ daemon: jsonWith({ 'storage-opts': [] }) }), [/overlay2, without a size/]],
  ['experimental-on', hostWith({ daemon: infoWith({ experimental: true }) }), [/Experimental: true/]],
  ['not-looked-at', hostWith({ unseen: [{ what: 'the keys', why: 'EACCES' }] }), [/^the keys: EACCES$/]],
];

describe('diagnose()', () => {
  it('finds nothing where all is well', () => {
    expect(diagnose(well)).toEqual([]);
  });

  it.for(rows)('finds %s and nothing else', ([id, host, evidence, beside = []]) => {
    const found = diagnose(host).filter((finding) => !beside.includes(finding.id));
    expect(found.map((finding) => finding.id)).toEqual(evidence.map(() => id));
    found.forEach((finding, at) => {
      expect(finding.evidence).toMatch(evidence[at] ?? /^$/);
      expect(finding.remedy).toMatch(/^[A-Z`].*\.$/s);
    });
  });

  it('has a row here for each check, and ids that differ', () => {
    const ids = checks.map(({ id }) => id);
    expect(new Set(rows.map(([id]) => id))).toEqual(new Set(ids));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  // Which versions may hide what: upstream's mended ones, line by line, as authz.md has them.
  it.each([
    ['20.10.24', ['41110', '34040']],
    ['23.0.15', ['34040']],
    ['24.0.9', ['41110', '34040']],
    ['25.0.5', ['41110', '34040']],
    ['25.0.6', ['34040']],
    ['25.0.16', []],
    ['26.1.5+dfsg1', ['34040']],
    ['27.1.0', ['41110', '34040']],
    ['28.5.2', ['34040']],
    ['29.3.0', ['34040']],
    ['29.3.1', []],
    ['30.0.0', []],
  ])('says of %s that it may hide bodies by %j', (version, holes) => {
    const found = diagnose(hostWith({ daemon: { version } })).find(({ id }) => id === 'bodies-may-be-hidden');
    expect([...(found?.evidence ?? '').matchAll(/CVE-\d+-(\d+)/g)].map(([, hole]) => hole)).toEqual(holes);
  });

  it('puts the worst first', () => {
    const host = hostWith({
      unseen: [{ what: 'the keys', why: 'EACCES' }],
      daemon: { ...infoWith({ experimental: true }), silent: 'ENOENT' },
    });
    expect(diagnose(host).map(({ severity }) => severity)).toEqual(['error', 'warning', 'note']);
  });

  // Remedies are commands: of a unit, of a daemon of a user, of a process that nobody looks after, of paths with blanks.
  it.each<[string, Host['daemon']['process'], string]>([
    ['a unit', well.daemon.process, 'systemctl reload docker.service'],
    ['a user', { ...unitless, rootless: true }, 'systemctl --user reload docker'],
    ['no unit', unitless, 'kill -HUP 42'],
    [
      'a blank',
      { ...unitless, configFile: "/etc/my docker's.json" },
      "into '/etc/my docker'\\''s.json' beside",
    ],
  ])('writes commands for %s', (_, process, words) => {
    const host = hostWith({
      daemon: { process, ...jsonWith({ 'authorization-plugins': [] }), ...infoWith({ plugins: [] }) },
    });
    expect(diagnose(host).map(({ remedy }) => remedy)).toEqual([expect.stringContaining(words)]);
  });

  it('lets nothing through that a terminal would obey', () => {
    const evil = '\u001b]0;x\u0007\u202e\nall is well';
    const found = diagnose(
      hostWith({
        unseen: [{ what: evil, why: evil }],
        daemon: { others: [evil], ...jsonWith({ hosts: [`tcp://${evil}`] }) },
        files: { trusted: [place(`/${evil}`, 0o777)], group: { name: evil, members: [evil] } },
      }),
    );
    expect(found.length).toBe(5);
    for (const { evidence, remedy } of found) expect(evidence + remedy).not.toMatch(/[\u001b\u0007\u202e\n]/);
  });
});
