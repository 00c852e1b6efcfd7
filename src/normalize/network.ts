import type { Value } from '../gojson/types.ts';
import type { RequestObject } from '../model/request.ts';
import { toEndpoint } from './container.ts';
import type { networkConnect, networkCreate, networkDisconnect } from './describe/network.ts';

const nothing: ReadonlyMap<string, string> = new Map();

/** The canonical object of network.create. */
export function fromNetwork(body: Value<typeof networkCreate>): RequestObject {
  const configFrom = body.ConfigFrom?.Network;
  return {
    network: {
      name: body.Name ?? '',
      driver: body.Driver ?? '',
      ipamDriver: body.IPAM?.Driver ?? '',
      options: body.Options ?? nothing,
      ipamOptions: body.IPAM?.Options ?? nothing,
      labels: body.Labels ?? nothing,
      internal: body.Internal === true,
      attachable: body.Attachable === true,
      ingress: body.Ingress === true,
      configOnly: body.ConfigOnly === true,
      ...(configFrom && { configFrom }),
    },
  };
}

/** The canonical object of network.connect: a NetworkID in the settings wins over the network of the path. */
export function fromConnect(network: string, body: Value<typeof networkConnect>): RequestObject {
  const endpoint = toEndpoint(network, body.EndpointConfig ?? {}, `docker network connect ${network}`);
  return { endpoints: [endpoint], ...refOf(body.Container) };
}

/** The canonical object of network.disconnect. */
export function fromDisconnect(body: Value<typeof networkDisconnect>): RequestObject {
  return refOf(body.Container);
}

function refOf(container: string | undefined): Pick<RequestObject, 'containerRef'> {
  return container ? { containerRef: container } : {};
}
