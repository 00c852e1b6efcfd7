import { z } from 'zod';
import type { DeviceRequest } from '../../model/container.ts';
import { cleanPath } from '../../model/paths.ts';
import { printable, quote } from '../../model/printable.ts';
import type { Subject } from '../../model/subject.ts';
import { control, type Finding } from '../control.ts';
import { matchesFor } from '../pattern.ts';
import { showList } from '../show.ts';

const parameters = z.strictObject({
  allowPaths: z
    .array(z.string())
    .optional()
    .describe('Device files of the host that --device may name, as patterns. Absent: any.'),
  allowRules: z
    .array(z.string())
    .optional()
    .describe('Rules that --device-cgroup-rule may give, as patterns: `c 189:* rmw`. Absent: any.'),
  allowRequests: z
    .array(z.string())
    .optional()
    .describe(
      'Devices that may be asked for by a CDI name, `vendor.com/class=name`, and drivers but those of GPUs, as patterns. GPUs by number or plain id always pass. Absent: any.',
    ),
  maxGpus: z
    .int()
    .nonnegative()
    .optional()
    .describe('How many GPUs a container may ask for; `all` is more than any number. Absent: any number.'),
});

/** What the devices that are asked for most give away. */
const dangers: readonly [RegExp, string][] = [
  [/^\/(dev)?$/, 'every device of the host'],
  [
    /^\/dev\/(sd|hd|vd|xvd|nvme|mmcblk|dm-|mapper|md|loop|disk|sg|bsg)/,
    'a disk of the host with every file on it',
  ],
  [/^\/dev\/(mem|kmem|port)$/, "the host's memory"],
  [/^\/dev\/kmsg$/, "the log of the host's kernel"],
  [/^\/dev\/fuse$/, 'the means to mount file systems'],
  [/^\/dev\/kvm$/, "the interface of the host's kernel for virtual machines"],
  [/^\/dev\/net\/tun$/, 'the means to make network interfaces'],
];

/** The driver of a GPU, and what its tools mount and run for it, are a wide way to the host: who may have one is decided. */
const restricted = { allowPaths: [], allowRules: [], allowRequests: [], maxGpus: 0 };

export const devices = control({
  name: 'devices',
  flags: ['docker run --device', 'docker run --device-cgroup-rule', 'docker run --gpus'],
  about:
    "A device file is a way past everything that separates containers: a disk holds every file of the host. A cgroup rule lets a container make the device files itself. CDI names stand for whatever the host's CDI folders say, mounts and hooks included. GPUs by number or plain id are no such way.",
  reads: ['container'],
  fields: [
    'Resources.Devices',
    'Resources.DeviceCgroupRules',
    'Resources.DeviceRequests',
    'DeviceMapping.*',
    'DeviceRequest.*',
    'PluginPrivilege.*',
  ],
  parameters,
  profiles: { baseline: { allowPaths: [], allowRules: [], allowRequests: [] }, restricted },
  check({ object: { container } }, { allowPaths, allowRules, allowRequests, maxGpus }, { subject }) {
    if (container === undefined) return [];
    const findings: Finding[] = [];
    for (const { path } of container.devices) {
      if (isAllowed(allowPaths, cleanPath(path), subject)) continue;
      findings.push({
        message: `--device ${printable(path)} gives the container ${dangerOf(cleanPath(path))}.`,
        fix: `drop it; ${among(allowPaths)}.`,
        value: printable(path),
      });
    }
    for (const rule of container.deviceRules) {
      if (isAllowed(allowRules, rule, subject)) continue;
      findings.push({
        part: 'rules',
        message: `--device-cgroup-rule '${printable(rule)}' lets the container make such device files itself and use them.`,
        fix: `drop it; ${among(allowRules)}.`,
        value: printable(rule),
      });
    }
    for (const name of container.deviceRequests.flatMap(namesIn)) {
      if (isAllowed(allowRequests, name, subject)) continue;
      findings.push({
        part: 'requests',
        message: `--device ${printable(name)} gives the container whatever the host's configuration puts behind ${quote(name)}, mounts and hooks included.`,
        fix: `drop it, or ask for GPUs with --gpus 1; ${among(allowRequests)}.`,
        value: printable(name),
      });
    }
    const gpus = container.deviceRequests.reduce((sum, request) => sum + countOf(request), 0);
    if (maxGpus !== undefined && gpus > maxGpus) {
      findings.push({
        part: 'gpus',
        message: `--gpus asks for ${gpus === Number.POSITIVE_INFINITY ? 'all GPUs' : `${gpus} GPUs`}, more than the ${maxGpus} that a container may have.`,
        fix: maxGpus === 0 ? 'drop it.' : `use --gpus ${maxGpus}.`,
      });
    }
    return findings;
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --gpus all alpine' },
    { docker: 'docker run --gpus 2 alpine' },
    { docker: 'docker run --gpus device=0 alpine' },
    { docker: 'docker run --gpus device=GPU-3a23c669 alpine' },
    { docker: 'docker run --device-read-bps /dev/sda:1mb --device-write-iops /dev/sda:100 alpine' },
    { docker: 'docker run --device /dev/sda alpine', breaks: [''] },
    { docker: 'docker run --device /dev/null:/dev/sda:r alpine', breaks: [''] },
    { docker: 'docker run --device /dev/kvm --device /dev/fuse alpine', breaks: [''] },
    { docker: 'docker run --device /dev:/dev alpine', breaks: [''] },
    { request: asking({ DeviceCgroupRules: ['b 8:* rwm'] }), breaks: ['rules'] },
    { docker: 'docker run --device vendor.com/class=name alpine', breaks: ['requests'] },
    { docker: 'docker run --device nvidia.com/gpu=all alpine', breaks: ['requests'] },
    {
      request: asking({ DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['x.org/y=z'] }] }),
      breaks: ['requests'],
    },
    // Whatever the driver says, a name with `=` goes to CDI.
    {
      request: asking({
        DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: ['x.org/y=z'], Capabilities: [['gpu']] }],
      }),
      breaks: ['requests'],
    },
    { request: asking({ DeviceRequests: [{ Driver: 'own', Count: 1 }] }), breaks: ['requests'] },
    { docker: 'docker run --device /dev/snd/seq alpine', with: { allowPaths: ['/dev/snd/**'] } },
    {
      docker: 'docker run --device /dev/snd/../sda alpine',
      with: { allowPaths: ['/dev/snd/**'] },
      breaks: [''],
    },
    { request: asking({ DeviceCgroupRules: ['c 189:* rmw'] }), with: { allowRules: ['c 189:* rmw'] } },
    { docker: 'docker run --device nvidia.com/gpu=0 alpine', with: { allowRequests: ['nvidia.com/gpu=*'] } },
    { docker: 'docker run --gpus 2 alpine', with: { maxGpus: 1 }, breaks: ['gpus'] },
    { docker: 'docker run --gpus all alpine', with: { maxGpus: 8 }, breaks: ['gpus'] },
    { docker: 'docker run --device nvidia.com/gpu=all alpine', with: { maxGpus: 8 }, breaks: ['gpus'] },
    { docker: 'docker run --gpus device=0 alpine', with: { maxGpus: 1 } },
    { docker: 'docker run --gpus 1 alpine', with: restricted, breaks: ['gpus'] },
    { docker: 'docker run --gpus device=0 alpine', with: restricted, breaks: ['gpus'] },
  ],
});

function asking(hostConfig: object): { method: string; uri: string; body: unknown } {
  return {
    method: 'POST',
    uri: '/v1.44/containers/create',
    body: { Image: 'alpine', HostConfig: hostConfig },
  };
}

function dangerOf(path: string): string {
  return dangers.find(([pattern]) => pattern.test(path))?.[1] ?? 'direct access to a device of the host';
}

/** Drivers that hand out GPUs by count or id (S, 20.10 to 29.7); the empty one is chosen by capabilities. */
const gpuDrivers = new Set(['', 'nvidia', 'nvidia.cdi', 'nvidia.runtime-hook', 'amd']);

/** What a request asks for by a name that the host's configuration gives a meaning: CDI names, and unknown drivers. */
function namesIn({ driver, ids }: DeviceRequest): string[] {
  if (driver === 'cdi') return [...ids];
  const cdi = ids.filter((id) => id.includes('='));
  return gpuDrivers.has(driver) ? cdi : [driver, ...cdi];
}

function countOf({ count, ids }: DeviceRequest): number {
  const all = ids.some((id) => id === 'all' || id.endsWith('=all'));
  return all || count < 0 ? Number.POSITIVE_INFINITY : Math.max(Number(count), ids.length);
}

function isAllowed(patterns: readonly string[] | undefined, text: string, subject: Subject): boolean {
  return patterns === undefined || patterns.some((pattern) => matchesFor(pattern, text, subject));
}

function among(patterns: readonly string[] = []): string {
  if (patterns.length === 0) return 'none is allowed here';
  return `allowed are ${showList(patterns)}`;
}
