import { z } from 'zod';
import type { Port } from '../../model/container.ts';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';
import { isIpAddress } from '../ipAddress.ts';
import { matches } from '../pattern.ts';
import { showList } from '../show.ts';

const portRange = /^(\d{1,5})(?:-(\d{1,5}))?$/;

const parameters = z.strictObject({
  hostIps: z
    .array(z.string())
    .optional()
    .describe(
      'Addresses of the host on which ports may be published, as patterns; all addresses are `0.0.0.0`. Absent: any.',
    ),
  hostPorts: z
    .array(z.union([z.int().min(0).max(65_535), z.string().regex(portRange)]))
    .optional()
    .describe(
      'Ports of the host that may be published: numbers and ranges such as `8000-8999`, `0` for one that the daemon picks. Absent: any.',
    ),
  allowAll: z.boolean().default(true).describe('Whether -P may publish every port that the image exposes.'),
});
type Parameters = z.infer<typeof parameters>;

interface Range {
  readonly first: number;
  readonly last: number;
}

/** A port or a range of them; nothing and `0` are one that the daemon picks. Undefined: the daemon refuses it. */
function readRange(text: string): Range | undefined {
  const [matched, start = '', end = start] = portRange.exec(text === '' ? '0' : text) ?? [];
  const range = { first: Number(start), last: Number(end) };
  return matched === undefined || range.last < range.first ? undefined : range;
}

function withinOne(asked: Range, allowed: readonly (string | number)[]): boolean {
  return allowed
    .map((range) => readRange(String(range)))
    .some((range) => range !== undefined && range.first <= asked.first && asked.last <= range.last);
}

function judge(
  { port, hostIp, hostPort }: Port,
  { hostIps, hostPorts }: Parameters,
  service: boolean,
): Finding[] {
  const findings: Finding[] = [];
  const flag = `--publish ${printable([hostIp, hostPort, port].filter((part) => part !== '').join(':'))}`;
  // Docker's word for all addresses is none at all; what it cannot read counts as none, without an error (S, 20.10 to 28.5).
  const address = isIpAddress(hostIp) ? hostIp : '0.0.0.0';
  if (hostIps !== undefined && !hostIps.some((pattern) => matches(pattern, address))) {
    findings.push({
      part: 'ip',
      message: `${flag} opens the port on ${address === hostIp ? printable(hostIp) : 'all addresses of the host'}, where that is not allowed.`,
      fix: service
        ? 'use docker run, whose ports can be published on one address.'
        : `name an address: --publish ADDRESS:8080:80; allowed are: ${showList(hostIps)}.`,
      value: printable(address),
    });
  }
  const range = readRange(hostPort);
  if (hostPorts !== undefined && (range === undefined || !withinOne(range, hostPorts))) {
    findings.push({
      part: 'port',
      message:
        range?.first === 0
          ? `${flag} leaves the host's port to the daemon, which may pick one that is not allowed here.`
          : `${flag} takes a port of the host that is not allowed here.`,
      fix: `use one of: ${showList(hostPorts)}.`,
      value: printable(hostPort),
    });
  }
  return findings;
}

/** Nobody reaches the container but from this host, as by its web server; an administrator adds other addresses. */
const restricted: Parameters = {
  hostIps: ['127.*', '::1'],
  hostPorts: [0, '1024-65535'],
  allowAll: false,
};

export const ports = control({
  name: 'ports',
  flags: ['docker run --publish', 'docker run --publish-all', 'docker service create --publish'],
  about:
    "Published ports open a container to the host's network, past the host's own firewall rules in Docker's default set-up.",
  reads: ['container'],
  fields: ['HostConfig.PortBindings', 'HostConfig.PublishAllPorts', 'PortBinding.*', 'PortConfig.*'],
  parameters,
  profiles: { restricted: restricted },
  check({ object: { container } }, parameters) {
    if (container === undefined) return [];
    const findings = container.ports.flatMap((port) =>
      judge(port, parameters, container.origin === 'service'),
    );
    if (container.publishAllPorts && !parameters.allowAll) {
      findings.push({
        part: 'all',
        message: '--publish-all opens every port that the image names, on all addresses of the host.',
        fix: 'name the ports: --publish 127.0.0.1:8080:80.',
      });
    }
    return findings;
  },
  examples: [
    { docker: 'docker run -P -p 80:80 alpine', with: { allowAll: true } },
    { docker: 'docker run -P alpine', with: { allowAll: false }, breaks: ['all'] },
    { docker: 'docker run -p 127.0.0.1:80:80 alpine', with: { allowAll: true, hostIps: ['127.*'] } },
    { docker: 'docker run -p 80:80 alpine', with: { allowAll: true, hostIps: ['127.*'] }, breaks: ['ip'] },
    { docker: 'docker run -p 80 alpine', with: { allowAll: true, hostIps: ['127.*'] }, breaks: ['ip'] },
    { docker: 'docker run -p [::1]:80:80 alpine', with: { allowAll: true, hostIps: ['::1'] } },
    { docker: 'docker run -p 80:80 alpine', with: { allowAll: true, hostIps: ['0.0.0.0'] } },
    {
      docker: 'docker service create -p 80:80 alpine',
      with: { allowAll: true, hostIps: ['127.*'] },
      breaks: ['ip'],
    },
    { docker: 'docker run -p 8080:80/udp alpine', with: { allowAll: true, hostPorts: ['8000-8999'] } },
    { docker: 'docker run -p 8000-8010:80 alpine', with: { allowAll: true, hostPorts: ['8000-8999'] } },
    {
      docker: 'docker run -p 8990-9010:80 alpine',
      with: { allowAll: true, hostPorts: ['8000-8999'] },
      breaks: ['port'],
    },
    { docker: 'docker run -p 80:80 alpine', with: { allowAll: true, hostPorts: [8080] }, breaks: ['port'] },
    { docker: 'docker run -p 80 alpine', with: { allowAll: true, hostPorts: [8080] }, breaks: ['port'] },
    { docker: 'docker run -p 80 alpine', with: { allowAll: true, hostPorts: [0, 8080] } },
    {
      docker: 'docker service create -p 80:80 alpine',
      with: { allowAll: true, hostPorts: [8080] },
      breaks: ['port'],
    },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/containers/create',
        body: { Image: 'alpine', HostConfig: { PortBindings: { '80/tcp': [] } } },
      },
      with: { allowAll: true, hostPorts: [8080] },
      breaks: ['port'],
    },
    { docker: 'docker run -p 127.0.0.1:8080:80 -p 127.0.0.1::443 alpine', with: restricted },
    { docker: 'docker run -p 8080:80 alpine', with: restricted, breaks: ['ip'] },
    { docker: 'docker run -p 127.0.0.1:80:80 alpine', with: restricted, breaks: ['port'] },
    { docker: 'docker run -P alpine', with: restricted, breaks: ['all'] },
    { docker: 'docker service create -p 8080:80 alpine', with: restricted, breaks: ['ip'] },
    // No address to the daemon, and so all of them.
    {
      request: {
        method: 'POST',
        uri: '/v1.41/containers/create',
        body: {
          Image: 'alpine',
          HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.01', HostPort: '8080' }] } },
        },
      },
      with: { allowAll: true, hostIps: ['127.*'] },
      breaks: ['ip'],
    },
  ],
});
