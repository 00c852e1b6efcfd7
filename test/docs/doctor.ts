import type { Names } from '../../src/host/doctor/check.ts';
import { severities } from '../../src/host/doctor/check.ts';
import { checks } from '../../src/host/doctor/checks/index.ts';
import { code, generatedFrom, table } from './markdown.ts';

/** A host as packages install Docker and Bulwark. */
const usual: Names = {
  daemonJson: '/etc/docker/daemon.json',
  reload: 'systemctl reload docker.service',
  restart: 'systemctl restart docker.service',
  flags: '`systemctl edit --full docker.service`',
  start: 'systemctl restart bulwark.service',
  plugin: 'bulwark',
};

/** The page `docs/doctor.md`: every check. */
export function doctorPage(): string {
  const sections = severities.map((wanted) => {
    const rows = checks
      .filter(({ severity }) => severity === wanted)
      .map(({ id, means, remedy, example = 'PATH' }) => [
        `<a id="${id}"></a>${code(id)}`,
        means,
        remedy(usual, example),
      ]);
    return `## ${titles[wanted]}\n\n${table(['id', 'what it means', 'what to do'], rows)}`;
  });
  return `${generatedFrom('src/host/doctor/checks/')}

# What \`bulwark doctor\` looks at

    bulwark doctor [--config FILE | --data DIR] [--docker-host URL] [--config-file DAEMON_JSON] [--output table|json]

tells what leaves a host open, or would stop Docker: the daemon and its configuration, the plugins that it asks, Bulwark, and
what both rest on. It changes nothing, needs no running Bulwark, and takes seconds; where a daemon waits for its plugin, half a
minute. Run it as root on the host, with the \`--config\` or \`--data\` of \`serve\`: what it cannot look at is a finding too. Its
questions to the daemon (\`version\`, \`info\`, \`plugins\`, \`containers/json\`) are judged and recorded as anybody's.

Each finding has an id, which stays the same from release to release, what was seen, and what to do on this host. It exits 1 if
there is an error, else 0, and 2 where its command line is wrong. \`--output json\` is one document: \`daemon\` (\`socket\`, \`version\`,
\`configFile\`), \`findings\` (\`id\`, \`severity\`, \`evidence\`, \`remedy\`) and \`counts\` by severity. A restart of the daemon ends
containers unless live-restore is on; a reload does not.

${sections.join('\n\n')}
`;
}

const titles = {
  error: 'Errors: something is not judged or not protected, or Docker will stop',
  warning: 'Warnings: weaker than it need be, or soon a problem',
  note: 'Notes: good to know, and often meant',
} as const;
