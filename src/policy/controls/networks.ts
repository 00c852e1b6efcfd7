import { z } from 'zod';
import type { Endpoint } from '../../model/container.ts';
import { mayBeNetworkId } from '../../model/networkId.ts';
import type { Network } from '../../model/objects.ts';
import { printable, quote } from '../../model/printable.ts';
import type { RequestObject } from '../../model/request.ts';
import { shownNetworkOption } from '../../model/secrets.ts';
import type { Subject } from '../../model/subject.ts';
import { control, type Finding } from '../control.ts';
import { matches, matchesFor } from '../pattern.ts';
import { showList, showPatterns } from '../show.ts';

const parameters = z.strictObject({
  names: z
    .array(z.string())
    .optional()
    .describe(
      'Names of networks that may be made or joined, as patterns. bridge, default and none always pass. An id counts as the name of its network, which is looked up; with `--docker-host off` ids never pass. Absent: any.',
    ),
  drivers: z
    .array(z.string())
    .optional()
    .describe('Network drivers that may be used, as patterns; without one it is `bridge`. Absent: any.'),
  options: z
    .array(z.string())
    .optional()
    .describe(
      "Driver options of networks and endpoints that may be given, as patterns of their names. Absent: any but `parent` and `com.docker.network.bridge.name`, which tie a network to the host's interfaces.",
    ),
});
type Parameters = z.infer<typeof parameters>;

/** Usable by all: they belong to nobody. */
const common = new Set(['bridge', 'default', 'none']);

/** Options by which a network takes hold of an interface of the host; empty they do nothing. */
const hostInterface: ReadonlyMap<string, string> = new Map([
  ['parent', "ties the network to an interface of the host, beside the host's own firewall"],
  ['com.docker.network.bridge.name', 'names a bridge of the host, which may be that of another network'],
]);

/** Judged by `sysctls`. */
const endpointSysctls = 'com.docker.network.endpoint.sysctls';

/**
 * Options that keep containers apart or shape their network; others open ports that nobody published, as the gateway
 * modes `routed` and `nat-unprotected` (27 and 28, S), or publish on addresses of their own.
 */
const restricted: Parameters = {
  drivers: ['bridge', 'overlay', 'null'],
  options: [
    'com.docker.network.driver.mtu',
    'com.docker.network.bridge.enable_icc',
    'com.docker.network.endpoint.ifname',
    'encrypted',
  ],
};

export const networks = control({
  name: 'networks',
  flags: [
    'docker network create',
    'docker network connect',
    'docker run --network',
    'docker service create --network',
  ],
  about:
    "Networks of one's own are everyday work. A network that takes hold of the host's interfaces, by a parent or a bridge's name, or that a plugin makes, reaches beyond them.",
  reads: ['network', 'endpoints'],
  fields: [
    'NetworkCreate.Name',
    'NetworkCreate.Driver',
    'NetworkCreate.Options',
    'NetworkConnect.EndpointConfig',
    'NetworkingConfig.EndpointsConfig',
    'EndpointSettings.NetworkID',
    'EndpointSettings.DriverOpts',
    'HostConfig.NetworkMode',
    'NetworkInspect.Name',
    'TaskSpec.Networks',
    'ServiceSpec.Networks',
    'NetworkAttachmentConfig.Target',
    'NetworkAttachmentConfig.DriverOpts',
  ],
  parameters,
  needs: ({ names }) => (names === undefined ? [] : ['networkNames']),
  profiles: {
    baseline: { drivers: ['bridge', 'overlay', 'null', 'macvlan', 'ipvlan'] },
    restricted: restricted,
  },
  check({ object }, parameters, { subject, factsToCome = false }) {
    const { network, endpoints = [] } = object;
    return [
      ...(network === undefined ? [] : checkNetwork(network, parameters, subject)),
      ...joined(object)
        // What its name is will be known.
        .filter(([name]) => !(factsToCome && mayBeNetworkId(name)))
        .flatMap(([name, flag]) => checkName(name, flag, true, parameters, subject)),
      ...endpoints.flatMap((endpoint) => checkEndpoint(endpoint, parameters)),
    ];
  },
  examples: [
    { docker: 'docker network create app' },
    {
      docker:
        'docker network create --internal --subnet 10.9.0.0/24 -o com.docker.network.bridge.enable_icc=false app',
    },
    { docker: 'docker network create -d overlay --attachable app' },
    { docker: 'docker network create -d macvlan app' },
    { docker: 'docker network create -o parent= -d ipvlan app' },
    { docker: 'docker run --network app --network-alias web alpine' },
    { docker: 'docker network connect app c1' },
    { docker: 'docker network create -d macvlan -o parent=eth0 app', breaks: ['options'] },
    { docker: 'docker network create -d ipvlan -o parent=eth0.50 app', breaks: ['options'] },
    { docker: 'docker network create -o com.docker.network.bridge.name=docker0 app', breaks: ['options'] },
    { docker: 'docker network create --config-only -o parent=eth0 app', breaks: ['options'] },
    { docker: 'docker network create -d host app', breaks: ['driver'] },
    { docker: 'docker network create -d weave app', breaks: ['driver'] },
    { docker: 'docker network create -d macvlan -o parent=eth1 app', with: { options: ['parent'] } },
    {
      docker: 'docker network create -o com.docker.network.driver.mtu=1400 app',
      with: { options: [] },
      breaks: ['options'],
    },
    { docker: 'docker network create app', with: { drivers: ['overlay'] }, breaks: ['driver'] },
    { docker: 'docker run --network web_app alpine', with: { names: ['web_*'] } },
    { docker: 'docker run alpine', with: { names: [] } },
    { docker: 'docker run --network none alpine', with: { names: [] } },
    { docker: 'docker run --network db alpine', with: { names: ['web_*'] }, breaks: ['name'] },
    { docker: 'docker network create db', with: { names: ['web_*'] }, breaks: ['name'] },
    { docker: 'docker network connect db c1', with: { names: ['web_*'] }, breaks: ['name'] },
    { docker: 'docker service create --network db alpine', with: { names: ['web_*'] }, breaks: ['name'] },
    // What looks like an id may be one, of any network.
    { docker: 'docker run --network a1b2c3 alpine', with: { names: ['a*'] }, breaks: ['name'] },
    { docker: 'docker run --network a1b2c3 alpine', with: { names: ['a1b2c3'] } },
    {
      docker: 'docker network create --internal -o com.docker.network.bridge.enable_icc=false app',
      with: restricted,
    },
    { docker: 'docker network create -d macvlan app', with: restricted, breaks: ['driver'] },
    {
      docker: 'docker network create -o com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected app',
      with: restricted,
      breaks: ['options'],
    },
  ],
});

function checkNetwork(network: Network, parameters: Parameters, subject: Subject): Finding[] {
  const { drivers } = parameters;
  const driver = network.driver || 'bridge';
  const findings = checkName(network.name, 'docker network create', false, parameters, subject);
  if (drivers !== undefined && !drivers.some((pattern) => matches(pattern, driver))) {
    findings.push({
      part: 'driver',
      message: `--driver ${printable(driver)} is not among the network drivers allowed here.`,
      fix: `use one of ${showList(drivers)}.`,
      value: printable(driver),
    });
  }
  for (const [name, value] of network.options) {
    if (value !== '') findings.push(...checkOption('--opt', name, value, parameters));
  }
  return findings;
}

function checkEndpoint({ driverOptions }: Endpoint, parameters: Parameters): Finding[] {
  const options = [...driverOptions].filter(([name, value]) => name !== endpointSysctls && value !== '');
  return options.flatMap(([name, value]) => checkOption('--driver-opt', name, value, parameters));
}

function checkOption(flag: string, name: string, value: string, { options }: Parameters): Finding[] {
  const gives = hostInterface.get(name);
  const allowed =
    options === undefined ? gives === undefined : options.some((pattern) => matches(pattern, name));
  if (allowed) return [];
  return [
    {
      part: 'options',
      message: `${flag} ${printable(`${name}=${shownNetworkOption(name, value)}`)} ${gives ?? 'is not among the driver options allowed here'}.`,
      fix:
        gives === undefined
          ? `drop it; allowed are ${showList(options ?? [])}.`
          : 'drop it; the daemon makes an interface of its own.',
      value: printable(name),
    },
  ];
}

/** The networks that are joined, with the flag. An endpoint takes the place of NetworkMode's network; both are held to account. */
function joined({ container, endpoints = [] }: RequestObject): [string, string][] {
  const mode = container?.namespaces.network;
  const names = new Map(endpoints.map(({ network, flag }) => [network, printable(flag)]));
  if (mode?.mode === 'named' && !names.has(mode.given))
    names.set(mode.given, `--network ${printable(mode.given)}`);
  return [...names];
}

/** @param mayBeId whether the daemon takes an id, or the beginning of one, in that place */
function checkName(
  name: string,
  flag: string,
  mayBeId: boolean,
  { names }: Parameters,
  subject: Subject,
): Finding[] {
  if (names === undefined || common.has(name)) return [];
  const literal = mayBeId && /^[0-9a-f]+$/.test(name);
  if (
    names.some((pattern) =>
      literal && pattern !== '*' ? pattern === name : matchesFor(pattern, name, subject),
    )
  )
    return [];
  return [
    {
      part: 'name',
      message: `${flag} names the network ${quote(name)}, which is not among those allowed here.`,
      fix: `use one of ${showPatterns(names, subject)}${literal ? ', by its name and not by an id' : ''}.`,
      value: printable(name),
    },
  ];
}
