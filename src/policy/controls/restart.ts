import { z } from 'zod';
import type { Container, Restart } from '../../model/container.ts';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';
import { showList } from '../show.ts';

const parameters = z.strictObject({
  allow: z
    .array(z.string())
    .optional()
    .describe(
      'Policies that --restart may name, as patterns: `no`, `on-failure`, `always`, `unless-stopped`. `none` and `any` of a service are `no` and `always`. Absent: any.',
    ),
  maxRetries: z
    .int()
    .positive()
    .optional()
    .describe('The most retries that `on-failure` may have; without a number it never stops. Absent: any.'),
});

/** What will happen: a container that says nothing is not restarted, a service's task always, an update changes nothing. */
function effective({ origin, restart }: Container): Restart | undefined {
  if (restart !== undefined) return restart;
  if (origin === 'create' || origin === 'stored') return { name: 'no', maxRetries: 0 };
  return origin === 'service' ? { name: 'always', maxRetries: 0 } : undefined;
}

/** The flag as typed: services have words of their own. */
function flagOf(name: string, service: boolean): string {
  if (!service) return `--restart ${printable(name)}`;
  const words = new Map([
    ['no', 'none'],
    ['always', 'any'],
  ]);
  return `--restart-condition ${words.get(name) ?? printable(name)}`;
}

/** What restarts for ever also comes back with the daemon, which then asks nobody. */
const restricted: z.infer<typeof parameters> = { allow: ['no', 'on-failure'], maxRetries: 5 };

export const restart = control({
  name: 'restart',
  flags: [
    'docker run --restart',
    'docker update --restart',
    'docker service create --restart-condition',
    'docker service create --restart-max-attempts',
  ],
  about:
    'A container that restarts by itself comes back after every failure and every boot of the host, without anybody asking.',
  reads: ['container'],
  fields: [
    'HostConfig.RestartPolicy',
    'UpdateConfig.RestartPolicy',
    'RestartPolicy.*',
    'ServiceRestartPolicy.*',
  ],
  parameters,
  profiles: { restricted: restricted },
  check({ object: { container } }, { allow, maxRetries }) {
    const policy = container && effective(container);
    if (policy === undefined) return [];
    const { name, maxRetries: asked } = policy;
    const service = container?.origin === 'service';
    const flag = flagOf(name, service);
    const findings: Finding[] = [];
    if (allow !== undefined && !allow.some((pattern) => matches(pattern, name))) {
      findings.push({
        message: `${flag} is not among the ways to restart that are allowed here.`,
        fix: `use one of: ${showList(allow.map((word) => flagOf(word, service)))}.`,
        value: printable(name),
      });
    }
    if (maxRetries !== undefined && name === 'on-failure' && (asked <= 0 || asked > maxRetries)) {
      const times = asked <= 0 ? 'without end' : `${asked} times`;
      findings.push({
        part: 'maxRetries',
        message: `${flag} starts the container again ${times}; here it is ${maxRetries} times at most.`,
        fix: service
          ? `add --restart-max-attempts ${maxRetries}.`
          : `use --restart on-failure:${maxRetries}.`,
        value: `${asked}`,
      });
    }
    return findings;
  },
  examples: [
    { docker: 'docker run --restart always alpine', with: {} },
    { docker: 'docker run alpine', with: restricted },
    { docker: 'docker run --restart on-failure:5 alpine', with: restricted },
    { docker: 'docker run --restart always alpine', with: restricted, breaks: [''] },
    { docker: 'docker run --restart unless-stopped alpine', with: restricted, breaks: [''] },
    { docker: 'docker run --restart on-failure alpine', with: restricted, breaks: ['maxRetries'] },
    { docker: 'docker run --restart on-failure:6 alpine', with: restricted, breaks: ['maxRetries'] },
    { docker: 'docker run alpine', with: { allow: ['always'] }, breaks: [''] },
    { docker: 'docker update --memory 1g web', with: restricted },
    { docker: 'docker update --restart always web', with: restricted, breaks: [''] },
    { docker: 'docker update --restart no web', with: restricted },
    { docker: 'docker service create alpine', with: restricted, breaks: [''] },
    { docker: 'docker service create --restart-condition any alpine', with: restricted, breaks: [''] },
    { docker: 'docker service create --restart-condition none alpine', with: restricted },
    {
      docker: 'docker service create --restart-condition on-failure alpine',
      with: restricted,
      breaks: ['maxRetries'],
    },
    {
      docker: 'docker service create --restart-condition on-failure --restart-max-attempts 3 alpine',
      with: restricted,
    },
  ],
});
