import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import type { RequestObject } from '../../model/request.ts';
import { control, type Finding } from '../control.ts';

const parts = ['network', 'pid', 'ipc', 'cgroup', 'links'] as const;
type Part = (typeof parts)[number];

const gives: { readonly [part in Part]: string } = {
  network: 'puts the container into the network of another one, behind its address and its localhost',
  pid: "lets the container see and signal another one's processes",
  ipc: "opens another container's shared memory to this one",
  cgroup: "puts the container into another one's cgroup, under its limits",
  links: "hands the container another one's address and environment",
};

export const joinNamespaces = control({
  name: 'joinNamespaces',
  flags: [
    'docker run --network container:NAME',
    'docker run --pid container:NAME',
    'docker run --ipc container:NAME',
    'docker run --link',
  ],
  about:
    'A container that joins the namespaces of another one, or is linked to it, reaches what lies in them. Sidecars and debuggers live from it; where containers of several people share a host it can be closed.',
  reads: ['container', 'endpoints'],
  fields: [
    'HostConfig.NetworkMode',
    'HostConfig.PidMode',
    'HostConfig.IpcMode',
    'HostConfig.Cgroup',
    'HostConfig.Links',
    'EndpointSettings.Links',
  ],
  parameters: z.strictObject({
    allow: z
      .array(z.enum(parts))
      .default([...parts])
      .describe(
        'What containers may join of each other: any of network, pid, ipc, cgroup, links. Default: all.',
      ),
  }),
  profiles: { baseline: { allow: [...parts] }, restricted: { allow: [] } },
  check({ object }, { allow }) {
    return joins(object)
      .filter(([part]) => !allow.includes(part))
      .map(([part, flag, value]): Finding => {
        const fix =
          part === 'links'
            ? 'drop it and put both containers on one network: docker network create NAME, then --network NAME.'
            : 'drop it.';
        return { part, message: `${flag} ${gives[part]}.`, fix, value };
      });
  },
  examples: [
    { docker: 'docker run --network container:web --pid container:web --ipc container:web alpine' },
    { docker: 'docker run --link db:db alpine' },
    { docker: 'docker run alpine', with: { allow: [] } },
    { docker: 'docker run --network container:web alpine', with: { allow: [] }, breaks: ['network'] },
    { docker: 'docker run --pid=container:web alpine', with: { allow: ['network'] }, breaks: ['pid'] },
    { docker: 'docker run --ipc container:web alpine', with: { allow: [] }, breaks: ['ipc'] },
    { docker: 'docker run --network container:web alpine', with: { allow: ['network'] } },
    { docker: 'docker run --link db alpine', with: { allow: [] }, breaks: ['links'] },
    { docker: 'docker run --network app --link db alpine', with: { allow: [] }, breaks: ['links'] },
    { docker: 'docker network connect --link db:db app c1', with: { allow: [] }, breaks: ['links'] },
    {
      request: {
        method: 'POST',
        uri: '/v1.44/containers/create',
        body: { Image: 'alpine', HostConfig: { Cgroup: 'container:web' } },
      },
      with: { allow: [] },
      breaks: ['cgroup'],
    },
  ],
});

/** Everything that is joined: the part, the flag, printable, and what it names. */
function joins({ container, endpoints = [] }: RequestObject): [Part, string, string][] {
  const found: [Part, string, string][] = [];
  const { network, pid, ipc } = container?.namespaces ?? {};
  for (const [part, flag, mode] of [
    ['network', '--network', network],
    ['pid', '--pid', pid],
    ['ipc', '--ipc', ipc],
  ] as const) {
    if (mode?.mode === 'container') {
      const given = printable(mode.given);
      found.push([part, `${flag} ${given}`, given]);
    }
  }
  const cgroup = printable(container?.joinCgroup ?? '');
  if (cgroup !== '') found.push(['cgroup', `\`Cgroup: ${cgroup}\``, cgroup]);
  // On a network of one's own the CLI states a link twice.
  for (const link of new Set([...(container?.links ?? []), ...endpoints.flatMap(({ links }) => links)])) {
    found.push(['links', `--link ${printable(link)}`, printable(link)]);
  }
  return found;
}
