import { any, harmless, list, map, since, string, struct } from '../../gojson/types.js';
const csi = 'told to a CSI plugin, which is judged by its name as the driver';
/** A volume of the swarm, made by a CSI plugin (API 1.42). */
export const clusterVolumeSpec = struct('ClusterVolumeSpec', {
    Group: harmless(string, csi),
    AccessMode: harmless(any, csi),
    AccessibilityRequirements: harmless(any, csi),
    CapacityRange: harmless(any, csi),
    Secrets: harmless(list(struct('ClusterVolumeSecret', { Key: string, Secret: string })), 'names secrets of the swarm that are handed to a CSI plugin, which is judged by its name as the driver'),
    Availability: harmless(string, 'pauses or drains the volume'),
});
export const volumeCreate = struct('VolumeCreate', {
    Name: string,
    Driver: string,
    DriverOpts: map(string),
    Labels: map(string),
    ClusterVolumeSpec: since(42, clusterVolumeSpec),
});
/** PUT /volumes/{name}: acts on a swarm's volumes alone. */
export const volumeUpdate = struct('VolumeUpdate', { Spec: clusterVolumeSpec });
