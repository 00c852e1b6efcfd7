import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';
import { showList } from '../show.ts';

/** The Pod Security Standards' types for containers (baseline, as of Kubernetes 1.31). */
const containerTypes = ['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];

export const seLinux = control({
  name: 'seLinux',
  flags: ['docker run --security-opt label='],
  about:
    "SELinux keeps a container from the host's files and from those of other containers. The types are those of the Pod Security Standards; a level (`label=level:...`) always passes. Where the host has no SELinux the option does nothing.",
  reads: ['container'],
  fields: [
    'HostConfig.SecurityOpt',
    'ContainerSpec.Privileges',
    'Privileges.SELinuxContext',
    'SELinuxContext.*',
  ],
  parameters: z.strictObject({
    allowDisable: z.boolean().default(false).describe('Whether label=disable may switch SELinux off.'),
    allowTypes: z
      .array(z.string())
      .optional()
      .describe(
        'Types that label=type: may name, as patterns. Other options than type and level are held against it as a whole: `user:system_u`. Absent: any.',
      ),
  }),
  profiles: {
    baseline: { allowDisable: false, allowTypes: containerTypes },
    restricted: { allowDisable: false, allowTypes: containerTypes },
  },
  check({ object }, { allowDisable, allowTypes }) {
    const security = object.container?.security;
    if (security === undefined) return [];
    const findings: Finding[] = [];
    if (security.labelDisable && !allowDisable) {
      findings.push({
        message:
          '--security-opt label=disable switches SELinux off for the container, which kept it from the files of the host.',
        fix: 'drop it; to let a container into a folder of your own add `:z` to its -v.',
      });
    }
    for (const label of security.labels) {
      const [kind = '', value = ''] = split(label);
      if (kind === 'level' || allowTypes === undefined) continue;
      if (allowTypes.some((pattern) => matches(pattern, kind === 'type' ? value : label))) continue;
      findings.push({
        message: `--security-opt label=${printable(label)} puts the container under a SELinux label that is not meant for containers.`,
        fix: `drop it; allowed are ${showList(allowTypes)}.`,
        value: printable(label),
      });
    }
    return findings;
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --security-opt label=type:container_t alpine' },
    { docker: 'docker run --security-opt label=level:s0:c100,c200 alpine' },
    { docker: 'docker run --security-opt label=disable alpine', breaks: [''] },
    { docker: 'docker run --security-opt label:disable alpine', breaks: [''] },
    { docker: 'docker run --security-opt label=type:spc_t alpine', breaks: [''] },
    { docker: 'docker run --security-opt label=type:unconfined_t alpine', breaks: [''] },
    { docker: 'docker run --security-opt label=user:root alpine', breaks: [''] },
    { docker: 'docker run --security-opt label=role:sysadm_r alpine', breaks: [''] },
    {
      request: {
        method: 'POST',
        uri: '/v1.44/containers/create',
        body: { Image: 'alpine', HostConfig: { SecurityOpt: ['disable'] } },
      },
      breaks: [''],
    },
    {
      request: {
        method: 'POST',
        uri: '/v1.44/services/create',
        body: {
          Name: 's',
          TaskTemplate: {
            ContainerSpec: { Image: 'alpine', Privileges: { SELinuxContext: { Disable: true } } },
          },
        },
      },
      breaks: [''],
    },
    { docker: 'docker run --security-opt label=disable alpine', with: { allowDisable: true } },
    {
      docker: 'docker run --security-opt label=type:svirt_apache_t alpine',
      with: { allowDisable: false, allowTypes: ['svirt_*'] },
    },
    {
      docker: 'docker run --security-opt label=user:system_u alpine',
      with: { allowDisable: false, allowTypes: ['container_t', 'user:system_u'] },
    },
  ],
});

function split(label: string): string[] {
  const colon = label.indexOf(':');
  return colon < 0 ? [label] : [label.slice(0, colon), label.slice(colon + 1)];
}
