const nothing = new Map();
const silentSwarm = { remotes: [], externalCas: [], externalCaOptions: nothing, signingCa: false };
/** The canonical object of swarm.init and swarm.update. */
export function fromSwarmSpec(spec) {
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
export function fromJoin(body) {
    return { swarm: { ...silentSwarm, remotes: body.RemoteAddrs ?? [] } };
}
/** The canonical object of node.update. */
export function fromNode(body) {
    return {
        swarm: { ...silentSwarm, ...(body.Role && { nodeRole: body.Role }) },
        labels: body.Labels ?? nothing,
    };
}
/** The canonical object of creates and updates of secrets and configurations. Their content ends here. */
export function fromSecret(body) {
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
export function loggingBy(driver) {
    const options = driver?.Options ?? nothing;
    return driver?.Name || options.size > 0 ? { logging: { driver: driver?.Name ?? '', options } } : {};
}
