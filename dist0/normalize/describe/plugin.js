import { harmless, list, string, struct } from '../../gojson/types.js';
/** What a managed plugin is granted, in plugin.pull, plugin.upgrade and a service's PluginSpec. */
export const pluginPrivilege = struct('PluginPrivilege', {
    Name: string,
    Description: harmless(string, 'a remark'),
    Value: list(string),
});
/** The body of plugin.pull and plugin.upgrade. */
export const pluginPrivileges = list(pluginPrivilege);
/** The body of plugin.set: `NAME=value`, `mount.source=/x`, `device.path=/dev/x`, `args=...`. */
export const pluginSettings = list(string);
