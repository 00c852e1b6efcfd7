import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';

/**
 * What every release of the daemon from 20.10 to 29.7 masks; later ones mask more (moby, oci/defaults).
 * A list with these in it, as tools copy it from another container, takes nothing away.
 */
const masked = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/firmware',
];

/** What they make read-only. */
const readOnly = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

const fix = "drop it; the daemon's own list is used then.";

export const systemPaths = control({
  name: 'systemPaths',
  flags: [
    'docker run --security-opt systempaths=unconfined',
    'docker run --security-opt writable-cgroups=true',
  ],
  about:
    'The daemon hides or write-protects the files below /proc and /sys by which the kernel of the host is steered: its memory, its keys, its settings, its reset trigger. On newer daemons (28) the cgroup files can be made writable, too.',
  reads: ['container'],
  fields: ['HostConfig.MaskedPaths', 'HostConfig.ReadonlyPaths', 'HostConfig.SecurityOpt'],
  parameters: z.strictObject({
    allowUnmasked: z
      .boolean()
      .default(false)
      .describe('Whether these paths may be opened to containers, and their cgroup files made writable.'),
  }),
  profiles: { baseline: { allowUnmasked: false }, restricted: { allowUnmasked: false } },
  check({ object: { container } }, { allowUnmasked }) {
    if (container === undefined || allowUnmasked) return [];
    const { maskedPaths, readonlyPaths, security } = container;
    const shown = missing(masked, maskedPaths);
    const writable = missing(readOnly, readonlyPaths?.concat(maskedPaths ?? []));
    const findings: Finding[] = [];
    if (maskedPaths?.length === 0 && readonlyPaths?.length === 0) {
      findings.push({
        message:
          "--security-opt systempaths=unconfined opens the kernel's files below /proc and /sys to the container: its root may read the host's memory and reset it.",
        fix,
      });
    } else if (shown.length > 0) {
      findings.push({
        message: `\`MaskedPaths\` shows the container ${list(shown)}, which the daemon hides.`,
        fix,
      });
    } else if (writable.length > 0) {
      findings.push({
        message: `\`ReadonlyPaths\` lets the container write to ${list(writable)}, settings of the host's kernel.`,
        fix,
      });
    }
    if (security.writableCgroups) {
      findings.push({
        message:
          '--security-opt writable-cgroups=true lets the container write its cgroup files, and with them lift its own limits.',
        fix: 'drop it.',
      });
    }
    return findings;
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --security-opt writable-cgroups=false alpine' },
    { docker: 'docker run --security-opt systempaths=unconfined alpine', breaks: [''] },
    { request: stored({ SecurityOpt: ['writable-cgroups'] }), breaks: [''] },
    { docker: 'docker run --security-opt writable-cgroups=true alpine', breaks: [''] },
    { request: stored({ MaskedPaths: [] }), breaks: [''] },
    { request: stored({ ReadonlyPaths: [] }), breaks: [''] },
    { request: stored({ MaskedPaths: ['/proc/kcore'] }), breaks: [''] },
    { request: stored({ MaskedPaths: masked, ReadonlyPaths: ['/proc/sys'] }), breaks: [''] },
    { request: stored({ MaskedPaths: [...masked, '/proc/interrupts'], ReadonlyPaths: readOnly }) },
    { request: stored({ MaskedPaths: null, ReadonlyPaths: null }) },
    { docker: 'docker run --security-opt systempaths=unconfined alpine', with: { allowUnmasked: true } },
  ],
});

function stored(hostConfig: object): { method: string; uri: string; body: unknown } {
  return {
    method: 'POST',
    uri: '/v1.44/containers/create',
    body: { Image: 'alpine', HostConfig: hostConfig },
  };
}

/** What a stated list leaves out of the wanted ones; nothing where none is stated, for then the daemon's own counts. */
function missing(wanted: readonly string[], stated: readonly string[] | undefined): string[] {
  return stated === undefined ? [] : wanted.filter((path) => !stated.includes(path));
}

function list(paths: readonly string[]): string {
  return paths.map((path) => printable(path)).join(', ');
}
