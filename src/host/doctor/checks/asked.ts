import { pluginsKey } from '../../daemonJson.ts';
import { chainOf, inFile, inFlag, managedBulwark, names, pluginFlagText } from '../chain.ts';
import { type Check, type Names, when } from '../check.ts';

/** Whether the daemon is told to ask Bulwark, and does. */
export const askedChecks: readonly Check[] = [
  {
    id: 'daemon-json-broken',
    severity: 'error',
    means: 'dockerd would not take its configuration file: it refuses a reload, and does not start any more.',
    find: ({ daemon }) => when(daemon.jsonBroken !== undefined, daemon.jsonBroken ?? ''),
    remedy: ({ daemonJson }) =>
      `Mend ${daemonJson}; from Docker 23 on \`dockerd --validate --config-file ${daemonJson}\` says where it is wrong.`,
  },
  {
    id: 'plugin-not-configured',
    severity: 'error',
    means:
      'Nothing tells the daemon to ask Bulwark, so that nothing is judged, at the latest from its next reload on.',
    find: (host) => {
      const { daemon, config } = host;
      const evidence = `${daemon.process.configFile} does not name "${config.protect.plugin}" in "${pluginsKey}", and no flag does.`;
      return when(daemon.json !== undefined && !names(chainOf(host), host), evidence);
    },
    remedy: (words) => `With Bulwark running, ${addTo(words)}, and then \`${words.reload}\`.`,
  },
  {
    id: 'plugin-in-flag',
    severity: 'error',
    means:
      'Only a flag of dockerd names Bulwark: at the next reload (SIGHUP) the daemon takes out every plugin that its file does not name, without a word (20.10 to 29).',
    find: (host) => {
      const { daemon } = host;
      const isAlone = daemon.json !== undefined && inFile(host).length === 0 && names(inFlag(host), host);
      return when(
        isAlone,
        `${pluginFlagText(host)} names it, and ${daemon.process.configFile} names no plugin.`,
      );
    },
    remedy: (words) =>
      `Take the flag \`--authorization-plugin\` out of ${words.flags}, ${addTo(words)}, and then \`${words.restart}\`: where both name plugins the daemon does not start.`,
  },
  {
    id: 'plugin-in-both',
    severity: 'error',
    means: 'Flag and file both name plugins, which dockerd refuses: no reload works, and it does not start.',
    find: (host) =>
      when(
        inFlag(host).length > 0 && inFile(host).length > 0,
        `${pluginFlagText(host)} and ${host.daemon.process.configFile} both name plugins.`,
      ),
    remedy: ({ restart, daemonJson, flags }) =>
      `Take the flag \`--authorization-plugin\` out of ${flags}, leave the plugins in ${daemonJson}, and \`${restart}\`.`,
  },
  {
    id: 'daemon-does-not-ask',
    severity: 'error',
    means:
      'The daemon answers without asking Bulwark: nothing that is done on it is judged. Bulwark asks it something every 10 s and sees whether it is asked about that; `docker info` is no proof, since it goes on naming plugins that a reload took out.',
    find: (host) => {
      const { serve, config } = host;
      const isNamed = names(chainOf(host), host);
      const why = isNamed
        ? `, although its configuration names "${config.protect.plugin}": it has not read that yet, or is not the daemon of that file`
        : '';
      return when(
        serve?.daemon.state === 'silent',
        `The daemon at ${serve?.facts} answers without asking${why}.`,
      );
    },
    remedy: (words) =>
      `See that ${words.daemonJson} names "${words.plugin}" in "${pluginsKey}", then \`${words.reload}\`. If it still does not ask after 15 s, \`serve\` looks at another daemon: give it the socket of this one by \`--docker-host\`.`,
  },
  {
    id: 'asking-unknown',
    severity: 'warning',
    means:
      'Bulwark cannot tell whether the daemon asks it. It may; but nobody would notice the end of it, and without its look-ups containers are not judged again when they start.',
    find: ({ serve }) =>
      when(
        serve !== undefined && ['waiting', 'unreachable', 'off'].includes(serve.daemon.state),
        serve?.daemon.state === 'off'
          ? '`serve` runs with `--docker-host off`.'
          : `The daemon at ${serve?.facts} does not answer \`serve\` as it should: ${serve?.daemon.state}.`,
      ),
    remedy: () =>
      'Give `serve` the socket of the daemon that asks it, `--docker-host unix:///PATH`, and see that `docker version` answers.',
  },
  {
    id: 'configured-not-read',
    severity: 'warning',
    means:
      'The daemon started with other plugins than its configuration names by now, and no `serve` is there to tell whether it has read that since: `docker info` does not change by a reload.',
    find: (host) => {
      const { daemon, serve } = host;
      const isKnown = serve?.daemon.state === 'asks' || serve?.daemon.state === 'silent';
      const started = daemon.info?.plugins;
      const isSame = started?.join() === chainOf(host).join();
      return when(
        started !== undefined && daemon.json !== undefined && !isSame && !isKnown,
        `It started with ${listText(started)}, and is now to ask ${listText(chainOf(host))}.`,
      );
    },
    remedy: ({ reload, start }) =>
      `\`${start}\`, then \`${reload}\`; then \`bulwark status\` says whether it asks.`,
  },
  {
    id: 'bulwark-not-listening',
    severity: 'error',
    means:
      'Nobody listens where the daemon looks for Bulwark. If it asks Bulwark, each request waits 15 s and fails, and it does not start again; if not, nothing is judged.',
    find: (host) => {
      const { plugins, config } = host;
      const what = plugins.authzSocket === 'dead' ? 'a socket on which nobody listens' : 'not there';
      return when(
        (plugins.authzSocket === 'absent' || plugins.authzSocket === 'dead') &&
          managedBulwark(host) === undefined,
        `${config.authzSocket} is ${what}.`,
      );
    },
    remedy: ({ start }) =>
      `Start Bulwark: \`${start}\`. If it does not come up, \`bulwark break-glass\` gives Docker back without it.`,
  },
];

function addTo({ daemonJson, plugin }: Names): string {
  return `put \`"${pluginsKey}": ["${plugin}"]\` into ${daemonJson} beside what stands there`;
}

function listText(plugins: readonly string[] = []): string {
  return plugins.length === 0 ? 'no plugin' : plugins.join(', ');
}
