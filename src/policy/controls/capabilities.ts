import { z } from 'zod';
import { isWhole } from '../../model/container.ts';
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

/** What the capabilities that are asked for most let a container do, for the message. */
const dangers: ReadonlyMap<string, string> = new Map([
  ['ALL', 'lets the container do nearly all that --privileged would'],
  [
    'SYS_ADMIN',
    'lets the container mount file systems and much more: a well-trodden way to root on the host',
  ],
  ['SYS_MODULE', 'lets the container load kernel modules: root on the host'],
  ['SYS_PTRACE', "lets the container read and change other processes' memory"],
  ['SYS_RAWIO', "lets the container reach the host's memory and disks past the kernel's files"],
  ['DAC_READ_SEARCH', 'lets the container open any file of the host by its handle'],
  ['NET_ADMIN', 'lets the container change interfaces, routes and firewall rules'],
  ['SYS_TIME', "lets the container set the host's clock"],
  ['SYS_BOOT', 'lets the container reboot the host'],
  ['BPF', 'lets the container load programs into the kernel'],
]);

const restricted = { allowAdd: ['NET_BIND_SERVICE'], requireDrop: ['ALL'] };

export const capabilities = control({
  name: 'capabilities',
  flags: ['docker run --cap-add', 'docker run --cap-drop', 'docker service create --cap-add'],
  about:
    "Linux capabilities beyond Docker's default fourteen give a container's root parts of the host's root.",
  reads: ['container'],
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
  profiles: { baseline: { allowAdd: dockerDefault, requireDrop: [] }, restricted },
  check({ object }, { allowAdd, requireDrop }) {
    const { container } = object;
    if (container === undefined) return [];
    const findings: Finding[] = [];
    for (const { name, given } of container.capAdd) {
      if (allowAdd === undefined || allowAdd.some((pattern) => matches(pattern.toUpperCase(), name)))
        continue;
      // Without the prefix, as people type it and every docker takes it.
      const flag = printable(name);
      const allowed = allowAdd.length === 0 ? 'none is allowed here' : `allowed are ${allowAdd.join(', ')}`;
      findings.push({
        message: `--cap-add ${flag} ${dangers.get(name) ?? 'gives the container a capability that Docker withholds'}.`,
        fix: `drop --cap-add ${flag}; ${allowed}.`,
        value: printable(given),
      });
    }
    if (isWhole(container)) {
      const dropped = new Set(container.capDrop.map(({ name }) => name));
      const missing = requireDrop
        .map((name) => name.toUpperCase())
        .filter((name) => !dropped.has(name) && !dropped.has('ALL'));
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
    { docker: 'docker run --cap-drop ALL --cap-add NET_BIND_SERVICE alpine', with: restricted },
    { docker: 'docker run --cap-drop all alpine', with: restricted },
    { docker: 'docker run alpine', with: restricted, breaks: ['drop'] },
    { docker: 'docker run --cap-drop ALL --cap-add CHOWN alpine', with: restricted, breaks: [''] },
    { docker: 'docker service create alpine', with: restricted, breaks: ['drop'] },
  ],
});
