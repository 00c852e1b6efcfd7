import type { Value } from '../gojson/types.ts';
import type { Swarm } from '../model/objects.ts';
import type { RequestObject } from '../model/request.ts';
import type { logDriver } from './describe/service.ts';
import type { configSpec, nodeSpec, secretSpec, swarmJoin, swarmSpec } from './describe/swarm.ts';

const nothing: ReadonlyMap<string, string> = new Map();

const silentSwarm: Swarm = { remotes: [], externalCas: [], externalCaOptions: nothing, signingCa: false };

/** The canonical object of swarm.init and swarm.update. */
export function fromSwarmSpec(spec: Value<typeof swarmSpec>): RequestObject {
  const { ExternalCAs: cas = [], SigningCACert: cert, SigningCAKey: key } = spec.CAConfig ?? {};
  return {
    swarm: {
      ...silentSwarm,
      externalCas: cas.map(({ URL: url }) => url ?? ''),
      externalCaOptions: new Map(cas.flatMap(({ Options: options }) => [...(options ?? nothing)])),
      signingCa: Boolean(cert || key),
      ...loggingBy(spec.TaskDefaults?.LogDriver),
    },
  };
}

/** The canonical object of swarm.join. */
export function fromJoin(body: Value<typeof swarmJoin>): RequestObject {
  return { swarm: { ...silentSwarm, remotes: body.RemoteAddrs ?? [] } };
}

/** The canonical object of node.update. */
export function fromNode(body: Value<typeof nodeSpec>): RequestObject {
  return {
    swarm: { ...silentSwarm, ...(body.Role && { nodeRole: body.Role }) },
    labels: body.Labels ?? nothing,
  };
}

/** The canonical object of creates and updates of secrets and configurations. Their content ends here. */
export function fromSecret(
  body: Value<typeof secretSpec> | (Value<typeof configSpec> & { readonly Driver?: never }),
): RequestObject {
  const { Driver: driver, Templating: templating } = body;
  return {
    swarm: {
      ...silentSwarm,
      ...(driver && {
        secretDriver: driver.Name ?? '',
        secretDriverOptions: driver.Options ?? nothing,
      }),
      ...(templating?.Name && { templating: templating.Name }),
    },
    labels: body.Labels ?? nothing,
  };
}

/** A log driver as services and the swarm name it. */
export function loggingBy(driver: Value<typeof logDriver> | undefined): Pick<Swarm, 'logging'> {
  const options = driver?.Options ?? nothing;
  return driver?.Name || options.size > 0 ? { logging: { driver: driver?.Name ?? '', options } } : {};
}
