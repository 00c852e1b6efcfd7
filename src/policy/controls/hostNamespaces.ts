import { z } from 'zod';
import type { Container } from '../../model/container.ts';
import { control, type Finding } from '../control.ts';

const parts = ['network', 'pid', 'ipc', 'uts', 'userns', 'cgroup'] as const;
type Part = (typeof parts)[number];

/** The flag, what it gives away, and what to do instead. */
const words: { readonly [part in Part]: readonly [flag: string, gives: string, fix: string] } = {
  network: [
    '--network host',
    'shows the container every interface of the host, its services on localhost and its abstract sockets',
    'drop it and publish the ports that are needed: -p 8080:80.',
  ],
  pid: [
    '--pid host',
    'lets the container see every process of the host with its arguments, and signal it',
    'drop it; to share processes use --pid container:NAME.',
  ],
  ipc: [
    '--ipc host',
    "opens the shared memory of the host's processes to the container",
    'drop it; for more shared memory use --shm-size 1g, to share it --ipc container:NAME.',
  ],
  uts: [
    '--uts host',
    'lets the container change the name of the host',
    'drop it; to set a name use --hostname NAME.',
  ],
  userns: [
    '--userns host',
    "makes the container's root the root of the host where the daemon maps users",
    'drop it.',
  ],
  cgroup: [
    '--cgroupns host',
    'shows the container the cgroups of the whole host',
    'drop it; --cgroupns private is enough for what runs in the container.',
  ],
};

export const hostNamespaces = control({
  name: 'hostNamespaces',
  flags: [
    'docker run --network host',
    'docker run --pid host',
    'docker run --ipc host',
    'docker run --uts host',
    'docker run --userns host',
    'docker run --cgroupns host',
    'docker service create --network host',
  ],
  about:
    "A container that shares a namespace with the host sees and touches what lies in it: the host's network, processes, shared memory, name, users or cgroups.",
  reads: ['container', 'endpoints'],
  fields: [
    'HostConfig.NetworkMode',
    'HostConfig.PidMode',
    'HostConfig.IpcMode',
    'HostConfig.UTSMode',
    'HostConfig.UsernsMode',
    'HostConfig.CgroupnsMode',
    'NetworkingConfig.EndpointsConfig',
    'TaskSpec.Networks',
    'ServiceSpec.Networks',
    'NetworkAttachmentConfig.Target',
    'PluginPrivilege.*',
  ],
  parameters: z.strictObject({
    allow: z
      .array(z.enum(parts))
      .default([])
      .describe(
        'The namespaces of the host that containers may share: any of network, pid, ipc, uts, userns, cgroup.',
      ),
  }),
  needs: ({ allow }) => (allow.includes('network') ? [] : ['hostNetwork']),
  profiles: { baseline: { allow: [] }, restricted: { allow: [] } },
  check({ object }, { allow }) {
    const { container, endpoints = [] } = object;
    const asked = new Set(container === undefined ? [] : hostParts(container));
    // The host's network as one of a container's endpoints or a service's networks.
    if (endpoints.some(({ network }) => network === 'host')) asked.add('network');
    return parts
      .filter((part) => asked.has(part) && !allow.includes(part))
      .map((part): Finding => {
        const [flag, gives, fix] = words[part];
        if (container?.origin !== 'plugin') return { part, message: `${flag} ${gives}.`, fix };
        return {
          part,
          message: `the plugin's privilege to share the ${part} namespace of the host ${gives.replaceAll('container', 'plugin')}.`,
          fix: 'use a plugin that does without it, or ask an administrator to install it.',
        };
      });
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --network none --ipc private --cgroupns private alpine' },
    { docker: 'docker run --network bridge --ipc shareable alpine' },
    { docker: 'docker run --network HOST alpine' },
    { docker: 'docker run --hostname host --name host alpine' },
    { docker: 'docker run --pid container:web --network container:web alpine' },
    { docker: 'docker run --network host alpine', breaks: ['network'] },
    { docker: 'docker run --net=host alpine', breaks: ['network'] },
    { docker: 'docker create --network host alpine', breaks: ['network'] },
    { docker: 'docker run --pid host alpine', breaks: ['pid'] },
    { docker: 'docker run --ipc=host alpine', breaks: ['ipc'] },
    { docker: 'docker run --uts host alpine', breaks: ['uts'] },
    { docker: 'docker run --userns=host alpine', breaks: ['userns'] },
    { docker: 'docker run --cgroupns host alpine', breaks: ['cgroup'] },
    { docker: 'docker run --pid host --net host --ipc host alpine', breaks: ['pid', 'network', 'ipc'] },
    { docker: 'docker service create --network host alpine', breaks: ['network'] },
    {
      request: {
        method: 'POST',
        uri: '/v1.44/containers/create',
        body: { Image: 'alpine', NetworkingConfig: { EndpointsConfig: { host: {} } } },
      },
      breaks: ['network'],
    },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/containers/create',
        body: { Image: 'alpine', hostconfig: { pidmode: 'host' } },
      },
      breaks: ['pid'],
    },
    { docker: 'docker network connect host c1', breaks: ['network'] },
    { docker: 'docker run --network host --pid host alpine', with: { allow: ['network'] }, breaks: ['pid'] },
    { docker: 'docker run --userns host alpine', with: { allow: ['userns'] } },
  ],
});

function hostParts({ namespaces }: Container): Part[] {
  const modes = { ...namespaces, userns: namespaces.user };
  return parts.filter((part) => modes[part].mode === 'host');
}
