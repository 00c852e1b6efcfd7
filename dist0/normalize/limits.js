/** The daemon's period where none is stated, in microseconds. */
const defaultPeriod = 100_000;
const blkio = [
    'BlkioWeight',
    'BlkioWeightDevice',
    'BlkioDeviceReadBps',
    'BlkioDeviceWriteBps',
    'BlkioDeviceReadIOps',
    'BlkioDeviceWriteIOps',
];
/**
 * The limits of a container's or an update's resources. What is 0, and so says nothing, is absent; PidsLimit
 * stays as it is, since there 0 lifts the limit of an update.
 */
export function parseLimits(stated) {
    const nanoCpus = parseCpus(stated.NanoCpus, stated.CpuQuota, stated.CpuPeriod);
    return {
        ...present({
            memory: stated.Memory,
            memorySwap: stated.MemorySwap,
            memoryReservation: stated.MemoryReservation,
            nanoCpus,
            cpuPeriodAlone: nanoCpus === undefined ? stated.CpuPeriod : undefined,
            cpuShares: stated.CpuShares,
            cpuRealtime: stated.CpuRealtimeRuntime,
        }),
        ...(stated.PidsLimit !== undefined && { pids: stated.PidsLimit }),
        ...(stated.MemorySwappiness !== undefined && { swappiness: stated.MemorySwappiness }),
        ...(stated.CpusetCpus && { cpusetCpus: stated.CpusetCpus }),
        ...(stated.CpusetMems && { cpusetMems: stated.CpusetMems }),
        ...(stated.OomKillDisable !== undefined && { oomKillDisable: stated.OomKillDisable }),
        ulimits: parseUlimits(stated.Ulimits),
        blkio: blkio.filter((name) => {
            const value = stated[name];
            return typeof value === 'object' ? value.length > 0 : value !== undefined && value !== 0;
        }),
    };
}
/** Nano-CPUs from a count, or from a quota over a period in microseconds. A quota below 0 lifts the limit: -1. */
export function parseCpus(nano, quota, period) {
    if (nano !== undefined && nano !== 0)
        return nano;
    if (quota === undefined || quota === 0)
        return undefined;
    if (quota < 0)
        return -1;
    return Math.round((Number(quota) * 1e9) / (Number(period ?? 0) || defaultPeriod));
}
export function parseUlimits(list) {
    return (list ?? []).map(({ Name: name = '', Soft: soft = 0, Hard: hard = 0 }) => ({ name, soft, hard }));
}
/** Leaves out what is absent or 0. */
function present(values) {
    const kept = {};
    for (const key in values) {
        const value = values[key];
        if (value !== undefined && value !== 0)
            kept[key] = value;
    }
    return kept;
}
