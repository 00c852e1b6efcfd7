import { toEndpoint } from './container.js';
const nothing = new Map();
/** The canonical object of network.create. */
export function fromNetwork(body) {
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
export function fromConnect(network, body) {
    const endpoint = toEndpoint(network, body.EndpointConfig ?? {}, `docker network connect ${network}`);
    return { endpoints: [endpoint], ...refOf(body.Container) };
}
/** The canonical object of network.disconnect. */
export function fromDisconnect(body) {
    return refOf(body.Container);
}
function refOf(container) {
    return container ? { containerRef: container } : {};
}
