import { cleanPath } from '../model/paths.js';
import { parseCapabilities } from './capabilities.js';
import { silent } from './container.js';
import { parseNamespace } from './namespaces.js';
/** A plugin by the names under which it is, or would be, known; empty ones are left out. */
export function pluginOf(names, settings = []) {
    return { names: names.flatMap((name) => (name ? [name] : [])), settings };
}
/**
 * The container that a managed plugin's privileges make of it. The daemon wants them to be those of the
 * plugin's own configuration, but before 29.3.1 and 25.0.16 it does not compare the first: what stands here
 * is the least that the plugin gets.
 */
export function fromPrivileges(privileges) {
    let container = { ...silent, origin: 'plugin' };
    for (const { Name: name = '', Value: values = [] } of privileges) {
        container = { ...container, ...granted(container, name, values) };
    }
    return container;
}
/** What one privilege adds; one that no release knows counts as all that there is. */
function granted(container, name, values) {
    const { namespaces, mounts, devices, deviceRules, capAdd } = container;
    switch (name) {
        case 'network':
            return { namespaces: { ...namespaces, network: parseNamespace('network', values[0] ?? '') } };
        case 'host ipc namespace':
            return { namespaces: { ...namespaces, ipc: parseNamespace('ipc', 'host') } };
        case 'host pid namespace':
            return { namespaces: { ...namespaces, pid: parseNamespace('pid', 'host') } };
        case 'mount':
            return { mounts: [...mounts, ...values.map(toMount)] };
        case 'device':
            return { devices: [...devices, ...values.map((path) => ({ path, permissions: '' }))] };
        case 'allow-all-devices':
            return { deviceRules: [...deviceRules, 'a *:* rwm'] };
        case 'capabilities':
            return { capAdd: [...capAdd, ...parseCapabilities(values)] };
        default:
            return { privileged: true };
    }
}
function toMount(source) {
    const path = cleanPath(source);
    return {
        type: 'bind',
        source: path,
        target: path,
        readOnly: false,
        writableBelow: true,
        options: [],
        flag: `mount ${source}`,
    };
}
