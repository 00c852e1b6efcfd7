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

/** All that Linux has, 6.17; none came since 5.9. */
const known = [
  ...dockerDefault,
  'ALL',
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'BLOCK_SUSPEND',
  'BPF',
  'CHECKPOINT_RESTORE',
  'DAC_READ_SEARCH',
  'IPC_LOCK',
  'IPC_OWNER',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'NET_ADMIN',
  'NET_BROADCAST',
  'PERFMON',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_MODULE',
  'SYS_NICE',
  'SYS_PACCT',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'SYSLOG',
  'WAKE_ALARM',
];

/** A capability in any letter case, with or without `CAP_`, as docker takes it; gives it as requests are read. */
const capability = z.string().transform((text, context) => {
  const name = text.toUpperCase().replace(/^CAP_/, '');
  if (known.some((one) => matches(name, one))) return name;
  context.addIssue({
    code: 'custom',
    message: 'Linux has no such capability: write it as in NET_ADMIN or `SYS_*`',
    params: { known },
  });
  return z.NEVER;
});

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
      .array(capability)
      .optional()
      .describe('Capabilities that --cap-add may name, as patterns; absent: any.'),
    requireDrop: z
      .array(capability)
      .default([])
      .describe('Capabilities that --cap-drop must name; `ALL` in a request stands for each.'),
  }),
  profiles: { baseline: { allowAdd: dockerDefault, requireDrop: [] }, restricted },
  check({ object }, { allowAdd, requireDrop }) {
    const { container } = object;
    if (container === undefined) return [];
    const findings: Finding[] = [];
    for (const { name, given } of container.capAdd) {
      if (allowAdd === undefined || allowAdd.some((pattern) => matches(pattern, name))) continue;
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
    { docker: 'docker run --cap-add SYS_TIME alpine', with: { allowAdd: ['SYS_T*'], requireDrop: [] } },
    { docker: 'docker run --cap-drop ALL --cap-add NET_BIND_SERVICE alpine', with: restricted },
    { docker: 'docker run --cap-drop all alpine', with: restricted },
    { docker: 'docker run alpine', with: restricted, breaks: ['drop'] },
    { docker: 'docker run --cap-drop ALL --cap-add CHOWN alpine', with: restricted, breaks: [''] },
    { docker: 'docker service create alpine', with: restricted, breaks: ['drop'] },
  ],
});
