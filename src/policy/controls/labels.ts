import { z } from 'zod';
import { isWhole } from '../../model/container.ts';
import { printable } from '../../model/printable.ts';
import type { RequestObject } from '../../model/request.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';

/** Every label that a request sets, on whatever it makes, without duplicates. */
function allLabels({ container, volumes, network, build, labels }: RequestObject): Set<string> {
  const maps = [
    container?.labels,
    network?.labels,
    build?.labels,
    labels,
    ...(volumes ?? []).map((volume) => volume.labels),
  ];
  return new Set(maps.flatMap((map) => [...(map?.keys() ?? [])]));
}

function missing({ container, labels }: RequestObject, required: readonly string[]): string[] {
  if (container === undefined || !isWhole(container)) return [];
  return required.filter((name) => !(container.labels.get(name) || labels?.get(name)));
}

export const labels = control({
  name: 'labels',
  flags: [
    'docker run --label',
    'docker service create --label',
    'docker volume create --label',
    'docker network create --label',
    'docker build --label',
  ],
  about:
    'Labels tell whose a container is, and other software trusts them: a label can make Traefik publish a container or Watchtower replace it.',
  reads: ['container', 'labels', 'volumes', 'network', 'build'],
  fields: [
    'CommitQuery.changes',
    'ImportQuery.changes',
    'Config.Labels',
    'ContainerSpec.Labels',
    'ServiceSpec.Labels',
    'VolumeOptions.Labels',
    'VolumeCreate.Labels',
    'NetworkCreate.Labels',
    'NodeSpec.Labels',
    'SecretSpec.Labels',
    'ConfigSpec.Labels',
    'BuildQuery.labels',
  ],
  parameters: z.strictObject({
    required: z
      .array(z.string())
      .default([])
      .describe('Names of labels that every container and service must have, with a value.'),
    reserved: z.array(z.string()).default([]).describe('Names of labels that nobody may set, as patterns.'),
  }),
  profiles: {},
  check({ object }, { required, reserved }) {
    const absent: Finding[] = missing(object, required).map((name) => ({
      part: 'required',
      message: `--label ${name} is missing: every container here says it.`,
      fix: `add --label ${name}=VALUE.`,
    }));
    const flag = object.container?.origin === 'image' ? '--change LABEL' : '--label';
    const taken: Finding[] = [...allLabels(object)]
      .filter((name) => reserved.some((pattern) => matches(pattern, name)))
      .map((name) => ({
        part: 'reserved',
        message: `${flag} ${printable(name)} is reserved: other software on this host acts on it.`,
        fix: `drop ${flag} ${printable(name)}.`,
        value: printable(name),
      }));
    return [...absent, ...taken];
  },
  examples: [
    { docker: 'docker run alpine', with: { required: [], reserved: [] } },
    { docker: 'docker run --label team=web alpine', with: { required: ['team'], reserved: [] } },
    { docker: 'docker run alpine', with: { required: ['team'], reserved: [] }, breaks: ['required'] },
    {
      docker: 'docker run --label team= alpine',
      with: { required: ['team'], reserved: [] },
      breaks: ['required'],
    },
    {
      docker: 'docker run --label Team=web alpine',
      with: { required: ['team'], reserved: [] },
      breaks: ['required'],
    },
    { docker: 'docker update --memory 1g web', with: { required: ['team'], reserved: [] } },
    { docker: 'docker service create --label team=web alpine', with: { required: ['team'], reserved: [] } },
    {
      docker: 'docker service create alpine',
      with: { required: ['team'], reserved: [] },
      breaks: ['required'],
    },
    {
      docker: 'docker run --label traefik.enable=true alpine',
      with: { required: [], reserved: ['traefik.**'] },
      breaks: ['reserved'],
    },
    {
      docker: 'docker service create --container-label traefik.enable=true alpine',
      with: { required: [], reserved: ['traefik.**'] },
      breaks: ['reserved'],
    },
    {
      docker: 'docker service create --label traefik.enable=true alpine',
      with: { required: [], reserved: ['traefik.**'] },
      breaks: ['reserved'],
    },
    {
      docker: "docker commit --change 'LABEL traefik.enable=true' web mine",
      with: { required: [], reserved: ['traefik.**'] },
      breaks: ['reserved'],
    },
    {
      docker: 'docker volume create --label backup=no data',
      with: { required: [], reserved: ['backup'] },
      breaks: ['reserved'],
    },
    {
      docker: 'docker network create --label backup=no net',
      with: { required: [], reserved: ['backup'] },
      breaks: ['reserved'],
    },
    {
      docker: 'DOCKER_BUILDKIT=0 docker build --label traefik.enable=true .',
      with: { required: [], reserved: ['traefik.**'] },
      breaks: ['reserved'],
    },
  ],
});
