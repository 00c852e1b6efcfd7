import { type Check, type Names, when } from '../check.ts';
import type { Host } from '../host.ts';
import { below, isOn, type Setting, settings } from '../settings.ts';

/** The daemon itself: whether it answers, to whom, and what its version leaves open. */
export const daemonChecks: readonly Check[] = [
  {
    id: 'daemon-silent',
    severity: 'error',
    means:
      'The daemon does not answer, or with an error: Docker is down, waits in vain for its plugins, or is to be found at another socket.',
    find: ({ daemon }) =>
      when(daemon.silent !== undefined, `At ${daemon.socket}: ${daemon.silent}.`, daemon.socket),
    remedy: ({ restart, start }, socket) =>
      `If ${socket} is the right socket (\`--docker-host unix:///PATH\` names another): see that Bulwark runs, \`${start}\`; then \`${restart}\`. \`bulwark break-glass\` gives Docker back without Bulwark.`,
    example: '/var/run/docker.sock',
  },
  {
    id: 'tcp-without-tls',
    severity: 'error',
    means:
      'The daemon listens on the network and lets in whoever gets there: `tlsverify` alone asks for a certificate. Policies still hold, but everybody is anonymous, and builds by BuildKit are not seen by any plugin.',
    find: (host) =>
      openHosts(host)
        .filter(({ value }) => !isLoopback(value))
        .map(tcpFound),
    remedy: removeHost,
    example: 'tcp://HOST:PORT from "hosts" in /etc/docker/daemon.json',
  },
  {
    id: 'tcp-on-loopback',
    severity: 'warning',
    means:
      'The daemon listens on loopback without `tlsverify`: every local user, and containers with the network of the host, reach it without being in the group of its socket. The network at large does not.',
    find: (host) =>
      openHosts(host)
        .filter(({ value }) => isLoopback(value))
        .map(tcpFound),
    remedy: removeHost,
    example: 'tcp://127.0.0.1:PORT from "hosts" in /etc/docker/daemon.json',
  },
  {
    id: 'bodies-may-be-hidden',
    severity: 'note',
    means:
      'By its number the daemon may leave out some bodies when it asks: chunked ones (CVE-2024-41110), those of 1 MiB and more (CVE-2026-34040). Distributions mend versions without a new number. Bulwark denies what comes without the body that it needs (`body-absent`), so that this costs such requests and opens nothing; other plugins may let them pass.',
    find: ({ daemon: { version } }) => {
      const open = holes.filter(({ mended }) => version !== undefined && isOpen(version, mended));
      const list = open.map(({ name, what }) => `${name} (${what})`).join(' and ');
      return when(open.length > 0, `Version ${version} may have ${list}.`);
    },
    remedy: () =>
      'Update Docker to a version of your distribution that says it is mended, or to 29.3.1, 25.0.16 or later of these lines.',
  },
  {
    id: 'builds-over-http2',
    severity: 'warning',
    means:
      'From 29.2 on the daemon takes calls of BuildKit (gRPC over HTTP/2) without asking any plugin: whoever reaches its socket builds unseen, and no policy speaks of it. What a build may do there is for `builder.entitlements` alone.',
    find: ({ daemon: { version } }) =>
      when(version !== undefined && atLeast(numbers(version), [29, 2, 0]), `Version ${version}.`),
    remedy: () =>
      'Mend what `build-host-network` and `build-insecure` say. Who must not build at all must not reach the socket: a proxy that speaks HTTP/1 alone, in front of it, stops these calls.',
  },
  {
    id: 'build-host-network',
    severity: 'warning',
    means:
      'A step of a BuildKit build may use the network of the host, `RUN --network=host`, with all that listens on its loopback. No plugin sees what a BuildKit build does; the daemon allows it unless its file says no (20.10 to 29).',
    find: ({ daemon: { json } }) => {
      const value = below(json, ...entitlements, 'network-host');
      const said = value === undefined ? 'is not set, which allows it' : `is ${JSON.stringify(value)}`;
      return when(json !== undefined && value !== false, `"builder.entitlements.network-host" ${said}.`);
    },
    remedy: ({ daemonJson, restart }) =>
      `Put \`"builder": { "entitlements": { "network-host": false } }\` into ${daemonJson} (into the "builder" that is there, if one is), then \`${restart}\`. Builds go on.`,
  },
  {
    id: 'build-insecure',
    severity: 'error',
    means:
      'A step of a BuildKit build may be privileged, `RUN --security=insecure`, which is root on the host for whoever may build; no plugin sees it. It is off unless somebody has put it on.',
    find: ({ daemon: { json } }) =>
      when(
        below(json, ...entitlements, 'security-insecure') === true,
        '"builder.entitlements.security-insecure" is true.',
      ),
    remedy: ({ daemonJson, restart }) =>
      `Set "security-insecure" in "builder.entitlements" of ${daemonJson} to \`false\`, then \`${restart}\`.`,
  },
  {
    id: 'daemon-version-untried',
    severity: 'note',
    means:
      'Bulwark was tried with Docker 20.10 to 29.7. What a newer one has learnt is refused (`unknown-route`) or falls to `unknownFields`; of an older one nobody has looked how it reads requests.',
    find: ({ daemon: { version } }) =>
      when(
        version !== undefined &&
          (atLeast(numbers(version), [29, 8, 0]) || !atLeast(numbers(version), [20, 10, 0])),
        `Version ${version}.`,
      ),
    remedy: () => 'Look for a version of Bulwark that names this Docker; update Docker where it is older.',
  },
  {
    id: 'other-daemon',
    severity: 'warning',
    means:
      'Another dockerd runs on this host, which has plugins of its own or none. Who reaches its socket is not judged by this Bulwark, and if it runs as root that is root on the host.',
    find: ({ daemon }) => daemon.others.map((command) => ({ evidence: command })),
    remedy: () =>
      'If it is meant to be there, `bulwark doctor --docker-host unix:///PATH` with its socket looks at it; else stop it.',
  },
];

const entitlements = ['builder', 'entitlements'];

type Place = readonly [number, number, number];

/** What was mended in which version of each line; a line without one was not, one behind the last always (authz.md). */
const holes: readonly { readonly name: string; readonly what: string; readonly mended: readonly Place[] }[] =
  [
    {
      name: 'CVE-2024-41110',
      what: 'chunked bodies',
      mended: [
        [23, 0, 15],
        [25, 0, 6],
        [26, 1, 5],
        [27, 1, 1],
      ],
    },
    {
      name: 'CVE-2026-34040',
      what: 'bodies of 1 MiB and more',
      mended: [
        [25, 0, 16],
        [29, 3, 1],
      ],
    },
  ];

function isOpen(version: string, mended: readonly Place[]): boolean {
  const found = numbers(version);
  const line = mended.find(([major]) => major === found[0]);
  return line === undefined ? found[0] < Math.max(...mended.map(([major]) => major)) : !atLeast(found, line);
}

/** Of `26.1.5+dfsg1`. */
function numbers(version: string): Place {
  const [, major, minor = 0, patch = 0] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor), Number(patch)];
}

function atLeast(version: Place, wanted: Place): boolean {
  const at = version.findIndex((number, place) => number !== wanted[place]);
  return at === -1 || (version[at] ?? 0) > (wanted[at] ?? 0);
}

/** What is no socket of the host, while clients need no certificate. */
function openHosts(host: Host): readonly Setting[] {
  if (isOn(host, 'tlsverify')) return [];
  return settings(host, 'host', 'hosts').filter(({ value }) => !/^(?:unix|fd|npipe):/.test(String(value)));
}

function tcpFound({ value, where }: Setting) {
  return {
    evidence: `${where} says ${value}, and "tlsverify" is not on.`,
    subject: `${value} from ${where}`,
  };
}

function isLoopback(host: unknown): boolean {
  return /^(?:tcp:\/\/)?(?:127\.[\d.]+|localhost|\[::1\])(?::|$)/.test(String(host));
}

function removeHost({ restart, flags }: Names, subject: string): string {
  return `Take ${subject} (flags are in ${flags}), then \`${restart}\`; who comes from elsewhere can use \`docker --host ssh://USER@HOST\`. Or ask for certificates: "tlsverify", "tlscacert", "tlscert" and "tlskey".`;
}
