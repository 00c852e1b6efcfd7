import { pluginsKey } from '../daemonJson.ts';
import type { Host, ManagedPlugin } from './host.ts';
import { flagText } from './settings.ts';

/** The flag of dockerd that does what `pluginsKey` does in its file. */
const pluginFlag = 'authorization-plugin';

/** The plugins that the daemon's file names, in order. */
export function inFile({ daemon }: Host): readonly string[] {
  const names = daemon.json?.[pluginsKey];
  return Array.isArray(names) ? names.map(String) : [];
}

/** The plugins that its flags name, in order. */
export function inFlag({ daemon }: Host): readonly string[] {
  return daemon.process.flags.get(pluginFlag) ?? [];
}

/** The plugins that the daemon is told to ask, in order; with names in both it does not start. */
export function chainOf(host: Host): readonly string[] {
  return [...new Set([...inFile(host), ...inFlag(host)])];
}

/** Where the flag stands, for people. */
export function pluginFlagText(host: Host): string {
  return flagText(host.daemon, pluginFlag);
}

export function names(chain: readonly string[], { config }: Host): boolean {
  return chain.some((name) => isSame(name, config.protect.plugin));
}

/** The managed plugin of Bulwark's name, if there is one. */
export function managedBulwark({ daemon, config }: Host): ManagedPlugin | undefined {
  return daemon.managed?.find(({ name }) => isSame(name, config.protect.plugin));
}

/** Without a tag `latest` is meant, as dockerd reads names of managed plugins (20.10 to 29). */
export function isSame(name: string, other: string): boolean {
  return name.replace(/:latest$/, '') === other.replace(/:latest$/, '');
}
