import { any, bool, harmless, list, map, since, string, struct } from '../../gojson/types.js';
import { endpointSettings } from './container.js';
const address = 'addresses on the new network itself';
export const ipam = struct('IPAM', {
    Driver: harmless(string, 'a plugin that is installed, or the daemon, chooses addresses'),
    Options: harmless(map(string), 'told to what chooses addresses'),
    Config: harmless(list(any), address),
});
export const networkCreate = struct('NetworkCreate', {
    Name: string,
    Driver: string,
    Scope: harmless(string, 'where the network is known; the driver decides what it reaches'),
    EnableIPv4: harmless(since(48, bool), address),
    EnableIPv6: harmless(bool, address),
    IPAM: ipam,
    Internal: harmless(bool, 'takes the way out of the network away'),
    Attachable: harmless(bool, 'who connects to it is judged then'),
    Ingress: harmless(bool, "the swarm's own entrance to ports that services publish, which are judged there"),
    ConfigOnly: harmless(bool, 'a template: no container can join it, and its options are judged as any'),
    ConfigFrom: harmless(struct('ConfigReference', { Network: string }), 'takes over options from a template, which were judged when that was made'),
    Options: map(string),
    Labels: map(string),
    CheckDuplicate: harmless(bool, 'refuses a name that is taken'),
});
export const networkConnect = struct('NetworkConnect', {
    Container: harmless(string, 'names the container; what it may join is judged by the network'),
    EndpointConfig: endpointSettings,
});
export const networkDisconnect = struct('NetworkDisconnect', {
    Container: harmless(string, 'takes a network away from the container it names'),
    Force: harmless(bool, 'takes a network away from a container'),
});
