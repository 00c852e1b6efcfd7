import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';

/** What Docker gives a container without being asked (20.10 to 29). */
export const dockerDefault = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** What the capabilities that are asked for most give away, for the message. */
const dangers: ReadonlyMap<string, string> = new Map([
  ['ALL', 'every capability, which is nearly --privileged'],
  ['SYS_ADMIN', 'mounting file systems and much more: a well-trodden way to root on the host'],
  ['SYS_MODULE', 'loading kernel modules: root on the host'],
  ['SYS_PTRACE', "reading and changing other processes' memory"],
  ['SYS_RAWIO', "raw access to the host's memory and disks"],
  ['DAC_READ_SEARCH', 'opening any file of the host by its handle'],
  ['NET_ADMIN', 'changing interfaces, routes and firewall rules'],
  ['SYS_TIME', "setting the host's clock"],
  ['SYS_BOOT', 'rebooting the host'],
  ['BPF', 'loading programs into the kernel'],
]);

export const capabilities = control({
  name: 'capabilities',
  flags: ['docker run --cap-add', 'docker run --cap-drop', 'docker service create --cap-add'],
  about:
    "Linux capabilities beyond Docker's default fourteen give a container's root parts of the host's root.",
  fields: [
    'HostConfig.CapAdd',
    'HostConfig.CapDrop',
    'ContainerSpec.CapabilityAdd',
    'ContainerSpec.CapabilityDrop',
    'PluginPrivilege.*',
  ],
  parameters: z.strictObject({
    allowAdd: z
      .array(z.string())
      .optional()
      .describe('Capabilities that --cap-add may name, without `CAP_`, as patterns; absent: any.'),
    requireDrop: z
      .array(z.string())
      .default([])
      .describe('Capabilities that --cap-drop must name; `ALL` in a request stands for each.'),
  }),
  profiles: { baseline: { allowAdd: dockerDefault, requireDrop: [] } },
  check({ object, action }, { allowAdd, requireDrop }) {
    const { container } = object;
    if (container === undefined) return [];
    const findings: Finding[] = [];
    for (const { name, given } of container.capAdd) {
      if (allowAdd === undefined || allowAdd.some((pattern) => matches(pattern.toUpperCase(), name)))
        continue;
      const allowed = allowAdd.length === 0 ? 'none is allowed here' : `allowed are ${allowAdd.join(', ')}`;
      findings.push({
        message: `--cap-add ${printable(given)} gives the container ${dangers.get(name) ?? 'a capability that Docker withholds'}.`,
        fix: `drop --cap-add ${printable(given)}; ${allowed}.`,
        value: printable(given),
      });
    }
    if (action === 'container.create' || container.origin === 'service') {
      const dropped = new Set(container.capDrop.map(({ name }) => name));
      const missing = requireDrop.filter((name) => !dropped.has(name) && !dropped.has('ALL'));
      for (const name of missing) {
        findings.push({
          part: 'drop',
          message: `--cap-drop ${name} is missing: containers here give that capability up.`,
          fix: `add --cap-drop ${name}.`,
        });
      }
    }
    return findings;
  },
  examples: [
    { docker: 'docker run --cap-add NET_BIND_SERVICE --cap-drop NET_RAW alpine' },
    { docker: 'docker run --cap-add cap_chown alpine' },
    { docker: 'docker run --cap-add SYS_ADMIN alpine', breaks: [''] },
    { docker: 'docker run --cap-add=cap_sys_admin alpine', breaks: [''] },
    { docker: 'docker run --cap-add all alpine', breaks: [''] },
    { docker: 'docker run --cap-drop ALL --cap-add NET_ADMIN alpine', breaks: [''] },
    { docker: 'docker service create --cap-add SYS_ADMIN alpine', breaks: [''] },
    { docker: 'docker run alpine', with: { requireDrop: ['ALL'] }, breaks: ['drop'] },
    { docker: 'docker run --cap-drop ALL alpine', with: { requireDrop: ['NET_RAW'] } },
    { docker: 'docker run --cap-add SYS_ADMIN alpine', with: { requireDrop: [] } },
  ],
});
