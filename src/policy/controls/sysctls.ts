import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import type { RequestObject } from '../../model/request.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';
import { showList } from '../show.ts';

/** The Pod Security Standards' safe ones (baseline, as of Kubernetes 1.32): each is the container's own and harms nobody else. */
const safe = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];

/** Docker 27 and later write these in the container's network namespace: `net.ipv4.conf.IFNAME.forwarding=1,...` (S). */
const endpointSysctls = 'com.docker.network.endpoint.sysctls';

export const sysctls = control({
  name: 'sysctls',
  flags: ['docker run --sysctl', 'docker run --network driver-opt', 'docker service create --sysctl'],
  about:
    "Kernel settings of a container's namespaces. Those outside the Pod Security Standards' safe list may reach other containers or the host. Per-interface settings given as a driver option of a network (`com.docker.network.endpoint.sysctls`) count as well.",
  reads: ['container', 'endpoints'],
  fields: [
    'HostConfig.Sysctls',
    'ContainerSpec.Sysctls',
    'EndpointSettings.DriverOpts',
    'NetworkAttachmentConfig.DriverOpts',
  ],
  parameters: z.strictObject({
    allow: z
      .array(z.string())
      .optional()
      .describe(
        'Names of sysctls that may be set, as patterns; those of an interface with `IFNAME` in them: `net.ipv4.conf.IFNAME.*`. Absent: any.',
      ),
  }),
  profiles: { baseline: { allow: safe }, restricted: { allow: safe } },
  check({ object }, { allow }) {
    if (allow === undefined) return [];
    return settings(object)
      .filter(([, name]) => !allow.some((pattern) => matches(pattern, name)))
      .map(
        ([flag, name]): Finding => ({
          message: `${flag} changes a setting of the kernel that may reach beyond the container.`,
          fix: `drop it; ${allow === safe ? 'the safe ones of the Pod Security Standards are allowed, such as net.ipv4.ip_unprivileged_port_start' : `allowed are ${showList(allow)}`}.`,
          value: printable(name),
        }),
      );
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --sysctl net.ipv4.ip_unprivileged_port_start=0 alpine' },
    { docker: 'docker run --sysctl net.ipv4.tcp_rmem=4096 --sysctl kernel.shm_rmid_forced=1 alpine' },
    { docker: 'docker run --sysctl net.ipv4.ip_forward=1 alpine', breaks: [''] },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/containers/create',
        body: { Image: 'alpine', HostConfig: { Sysctls: { 'net/ipv4/ip_forward': '1' } } },
      },
      breaks: [''],
    },
    { docker: 'docker run --sysctl kernel.msgmax=65536 alpine', breaks: [''] },
    { docker: 'docker run --sysctl net.core.somaxconn=1024 alpine', breaks: [''] },
    { docker: 'docker service create --sysctl net.core.somaxconn=1024 alpine', breaks: [''] },
    {
      request: {
        method: 'POST',
        uri: '/v1.48/containers/create',
        body: {
          Image: 'alpine',
          NetworkingConfig: {
            EndpointsConfig: {
              app: { DriverOpts: { [endpointSysctls]: 'net.ipv4.conf.IFNAME.log_martians=1' } },
            },
          },
        },
      },
      breaks: [''],
    },
    {
      docker:
        'docker network connect --driver-opt com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.forwarding=1 app c1',
      breaks: [''],
    },
    {
      docker:
        'docker network connect --driver-opt com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.forwarding=1 app c1',
      with: { allow: ['net.ipv4.conf.IFNAME.*'] },
    },
    { docker: 'docker run --sysctl net.core.somaxconn=1024 alpine', with: { allow: ['net.core.*'] } },
    { docker: 'docker run --sysctl net.ipv4.tcp_rmem=4096 alpine', with: { allow: [] }, breaks: [''] },
  ],
});

/** The settings that a request makes: the flag, printable, and the name. */
function settings({ container, endpoints = [] }: RequestObject): [string, string][] {
  const own = [...(container?.sysctls.keys() ?? [])].map((name): [string, string] => [
    `--sysctl ${printable(name)}`,
    name,
  ]);
  const ofEndpoints = endpoints.flatMap(({ driverOptions }) => {
    const list = (driverOptions.get(endpointSysctls) ?? '').split(',').filter((entry) => entry.trim() !== '');
    return list.map((entry): [string, string] => {
      const name = (entry.split('=', 1)[0] ?? '').trim();
      return [`--network with driver-opt=${endpointSysctls}=${printable(name)}`, name];
    });
  });
  return [...own, ...ofEndpoints];
}
