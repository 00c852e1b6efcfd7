import { printable } from '../../model/printable.ts';
import { type Check, type Names, type Severity, severities, shellWord } from './check.ts';
import { checks } from './checks/index.ts';
import type { Host } from './host.ts';

/** What is wrong with a host, or good to know, and what to do. Printable. */
export interface Finding {
  /** Of a check, as `docs/doctor.md` lists them. */
  readonly id: string;
  readonly severity: Severity;
  readonly evidence: string;
  readonly remedy: string;
}

/** The most characters of a text. */
const longest = 4000;

/** What the checks find on a host, the worst first. */
export function diagnose(host: Host, table: readonly Check[] = checks): readonly Finding[] {
  const words = namesOn(host);
  return table
    .flatMap(({ id, severity, find, remedy }) =>
      find(host).map(({ evidence, subject = '' }) => ({
        id,
        severity,
        evidence: printable(evidence, longest),
        remedy: printable(remedy(words, subject), longest),
      })),
    )
    .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function namesOn({ daemon: { process }, config, start }: Host): Names {
  const { unit, pid, rootless, args } = process;
  const unitName = shellWord(rootless ? 'docker' : (unit ?? 'docker'));
  const systemctl = rootless ? 'systemctl --user' : 'systemctl';
  const isUnit = rootless || unit !== undefined || pid === undefined;
  return {
    daemonJson: shellWord(process.configFile),
    reload: isUnit ? `${systemctl} reload ${unitName}` : `kill -HUP ${pid}`,
    restart: isUnit
      ? `${systemctl} restart ${unitName}`
      : `kill ${pid}; dockerd ${args.map(shellWord).join(' ')}`,
    flags: isUnit ? `\`${systemctl} edit --full ${unitName}\`` : 'what starts dockerd',
    start,
    plugin: config.protect.plugin,
  };
}
