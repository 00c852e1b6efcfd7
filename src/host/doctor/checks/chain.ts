import { dirname } from 'node:path';
import { chainOf, isSame, managedBulwark, names } from '../chain.ts';
import { type Check, shellWord, when } from '../check.ts';
import type { Host } from '../host.ts';

/** What stands between the daemon and Bulwark, or in its place. */
export const chainChecks: readonly Check[] = [
  {
    id: 'plugin-in-front',
    severity: 'warning',
    means:
      'The daemon asks another plugin first. What that one denies Bulwark never sees, so that its ledger is not the whole account; when it fails, Bulwark is not asked either.',
    find: (host) => {
      const { before } = neighbours(host);
      return when(before.length > 0, `Asked before Bulwark: ${before.join(', ')}.`);
    },
    remedy: ({ daemonJson, plugin, reload }) =>
      `If the account shall be whole, make "${plugin}" the first of "authorization-plugins" in ${daemonJson}, then \`${reload}\`.`,
  },
  {
    id: 'plugin-behind',
    severity: 'note',
    means:
      'The daemon asks another plugin after Bulwark. What that one denies stands in the ledger as allowed, with an outcome that says that it failed.',
    find: (host) => {
      const { behind } = neighbours(host);
      return when(behind.length > 0, `Asked after Bulwark: ${behind.join(', ')}.`);
    },
    remedy: () => 'Nothing, if that is meant: whatever order they have, each of them can deny.',
  },
  {
    id: 'plugin-missing',
    severity: 'error',
    means:
      'The daemon is told to ask a plugin that it would not find: it ends at its next start or reload, and at once every request may fail.',
    find: (host) =>
      chainOf(host)
        .filter((name) => host.daemon.managed !== undefined && isMissing(host, name))
        .map((name) => ({
          evidence: `"${name}" is to be asked, and no socket, file or managed plugin has that name.`,
          subject: name,
        })),
    remedy: ({ daemonJson, reload }, name) =>
      `Start the plugin, or take "${name}" out of "authorization-plugins" in ${daemonJson} and \`${reload}\`.`,
    example: 'NAME',
  },
  {
    id: 'managed-plugin-disabled',
    severity: 'error',
    means:
      'A managed plugin has the name of Bulwark and is disabled. dockerd looks it up first and does not start while the name is configured, whoever listens on the socket (20.10 to 29).',
    find: (host) => {
      const managed = managedBulwark(host);
      const isNeeded = managed?.enabled === false && names(chainOf(host), host);
      return when(isNeeded, `The managed plugin ${managed?.name} is disabled.`, managed?.name);
    },
    remedy: (_, name) =>
      `\`docker plugin enable ${shellWord(name)}\` if that is your Bulwark; else \`docker plugin rm ${shellWord(name)}\`.`,
    example: 'NAME',
  },
  {
    id: 'managed-plugin-beside',
    severity: 'error',
    means:
      'A managed plugin has the name of Bulwark and takes its place at the next start or reload of the daemon: what is then asked is that one, with its own policies.',
    find: (host) => {
      const managed = managedBulwark(host);
      const isBoth = managed?.enabled === true && host.plugins.authzSocket === 'listens';
      const evidence = `The managed plugin ${managed?.name} is enabled, and somebody listens on ${host.config.authzSocket}.`;
      return when(isBoth, evidence, managed?.name);
    },
    remedy: (_, name) =>
      `Keep one: \`docker plugin disable ${shellWord(name)} && docker plugin rm ${shellWord(name)}\`, or stop the other Bulwark.`,
    example: 'NAME',
  },
  {
    id: 'plugin-found-twice',
    severity: 'warning',
    means:
      'Several files tell the daemon where the plugin is. It takes the first that it finds, a socket before files, so that the others mislead whoever reads them and come into force once that is gone.',
    find: ({ plugins, config }) => {
      const own = plugins.found.filter(({ name }) => isSame(name, config.protect.plugin));
      const [first, ...others] = own;
      return others.map(({ path }) => ({
        evidence: `${path} is there beside ${first?.path}, which counts.`,
        subject: path,
      }));
    },
    remedy: (_, path) => `\`rm ${shellWord(path)}\`, if the other one is right.`,
  },
  {
    id: 'dead-socket',
    severity: 'warning',
    means:
      'Nobody listens on a socket in the folder of plugins. For plugins of volumes and networks the daemon tries every one of them, so that such calls take many seconds longer.',
    find: ({ plugins, config }) =>
      plugins.found
        .filter(({ path, listening }) => listening === 'dead' && path !== config.authzSocket)
        .map(({ path }) => ({ evidence: `${path} refuses connections.`, subject: path })),
    remedy: (_, path) => `Start the program that it belongs to, or \`rm ${shellWord(path)}\`.`,
  },
  {
    id: 'bulwark-is-a-container',
    severity: 'error',
    means:
      'Bulwark runs only as a container of the daemon that asks it. At its start the daemon asks before it starts containers, gives up after some 16 s and ends: after a reboot Docker does not come up.',
    find: (host) =>
      containersWithSocket(host).map((name) => ({
        evidence: `No process of the host listens on ${host.config.authzSocket}; the container ${name} can write in its folder.`,
        subject: name,
      })),
    remedy: () =>
      'Run Bulwark as a service of the host, `bulwark install`, or as a managed plugin, and remove the container then.',
  },
];

/** The plugins before and behind Bulwark; none where it is not in the chain. */
function neighbours(host: Host): { readonly before: readonly string[]; readonly behind: readonly string[] } {
  const chain = chainOf(host);
  const at = chain.findIndex((name) => isSame(name, host.config.protect.plugin));
  return { before: chain.slice(0, Math.max(0, at)), behind: at === -1 ? [] : chain.slice(at + 1) };
}

function isMissing({ plugins, daemon }: Host, name: string): boolean {
  return ![...plugins.found, ...(daemon.managed ?? [])].some((one) => isSame(one.name, name));
}

/** Containers that may be what listens on Bulwark's socket, where no process of the host does. */
function containersWithSocket(host: Host): readonly string[] {
  const { plugins, daemon, config } = host;
  const isElsewhere =
    plugins.authzSocket === 'listens' && plugins.server === 'elsewhere' && managedBulwark(host) === undefined;
  if (!isElsewhere) return [];
  const folder = dirname(config.authzSocket);
  return (daemon.containers ?? [])
    .filter(({ writes }) => writes.some((path) => folder === path || folder.startsWith(`${path}/`)))
    .map(({ name }) => name);
}
