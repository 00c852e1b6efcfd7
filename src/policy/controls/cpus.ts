import { z } from 'zod';
import type { Int } from '../../gojson/types.ts';
import type { Container, Limits } from '../../model/container.ts';
import { control, type Finding } from '../control.ts';
import { type AskedLimit, judgeLimit, type LimitKind, type LimitParameters } from '../limit.ts';
import { showCpus } from '../show.ts';
import { nanoCpus } from '../values.ts';

const kind: LimitKind = {
  run: '--cpus',
  service: '--limit-cpu',
  example: '1',
  without: "one container can take all of the host's CPUs",
  show: (value) => (value < 0 ? '-1' : showCpus(value)),
};

/** A build has no --cpus, but a quota of each 100 ms, in microseconds. */
const buildKind: LimitKind = {
  ...kind,
  build: '--cpu-quota',
  show: (value) => `${BigInt(value) / 10_000n}`,
};

/** The weight of one CPU, after Kubernetes and Docker's own default. */
const sharesPerCpu = 1024;

function asked(value: Int | undefined): AskedLimit {
  return value === undefined || value === 0 ? {} : { value, lifts: value < 0 };
}

/** What changes the share of the CPUs beside the limit itself. */
function judgeBeside(
  { cpuPeriodAlone, cpuRealtime, cpuShares }: Limits,
  origin: Container['origin'],
  { max }: LimitParameters,
): Finding[] {
  const findings: Finding[] = [];
  if (origin === 'update' && cpuPeriodAlone !== undefined && cpuPeriodAlone !== 0) {
    findings.push({
      part: 'period',
      message: `--cpu-period ${cpuPeriodAlone} without --cpu-quota changes what the quota set before is worth.`,
      fix: `use --cpus ${max === undefined ? kind.example : showCpus(max)}.`,
      value: `${cpuPeriodAlone}`,
    });
  }
  if (cpuRealtime !== undefined && cpuRealtime > 0) {
    findings.push({
      part: 'realtime',
      message: `--cpu-rt-runtime ${cpuRealtime} lets the container's processes run before all others, past every limit.`,
      fix: 'drop --cpu-rt-runtime.',
      value: `${cpuRealtime}`,
    });
  }
  const weight = max === undefined ? undefined : Math.max(Math.floor((max / 1e9) * sharesPerCpu), 2);
  if (weight !== undefined && cpuShares !== undefined && cpuShares > Math.max(weight, sharesPerCpu)) {
    findings.push({
      part: 'shares',
      message: `--cpu-shares ${cpuShares} weighs more than the ${showCpus(max ?? 0)} CPUs that are allowed here, at ${sharesPerCpu} a CPU.`,
      fix: `use --cpu-shares ${weight} or less.`,
      value: `${cpuShares}`,
    });
  }
  return findings;
}

// In CPUs, as a policy file has it.
const upTo2 = { required: true, max: 2 };

export const cpus = control({
  name: 'cpus',
  flags: [
    'docker run --cpus',
    'docker run --cpu-quota',
    'docker run --cpu-period',
    'docker run --cpu-shares',
    'docker run --cpu-rt-runtime',
    'docker update --cpus',
    'docker service create --limit-cpu',
  ],
  about: "Without a limit one container can take all of the host's CPUs.",
  reads: ['container', 'build'],
  fields: [
    'Resources.NanoCpus',
    'Resources.CpuQuota',
    'Resources.CpuPeriod',
    'Resources.CpuShares',
    'Resources.CpuRealtimeRuntime',
    'ResourceLimits.NanoCPUs',
    'BuildQuery.cpuquota',
    'BuildQuery.cpuperiod',
  ],
  parameters: z.strictObject({
    required: z
      .boolean()
      .default(false)
      .describe('Whether every new container and service must have a limit. Builds need none.'),
    max: nanoCpus.optional().describe('The most CPUs that may be asked for, as in `1.5`.'),
  }),
  profiles: { restricted: { required: true } },
  check({ object }, parameters) {
    const { container, build } = object;
    if (!parameters.required && parameters.max === undefined) return [];
    const value = container ? container.limits.nanoCpus : build?.nanoCpus;
    const findings = judgeLimit(object, container ? kind : buildKind, asked(value), parameters);
    if (container === undefined) return findings;
    return [...findings, ...judgeBeside(container.limits, container.origin, parameters)];
  },
  examples: [
    { docker: 'docker run alpine', with: { required: false } },
    { docker: 'docker run --cpus 1.5 alpine', with: upTo2 },
    { docker: 'docker run --cpu-quota 150000 alpine', with: upTo2 },
    { docker: 'docker run --cpu-quota 150000 --cpu-period 50000 alpine', with: upTo2, breaks: ['max'] },
    { docker: 'docker run --cpus 2.5 alpine', with: upTo2, breaks: ['max'] },
    { docker: 'docker run alpine', with: upTo2, breaks: ['required'] },
    { docker: 'docker run --cpu-period 50000 alpine', with: upTo2, breaks: ['required'] },
    { docker: 'docker run --cpus 1 --cpu-shares 2048 alpine', with: upTo2 },
    { docker: 'docker run --cpus 1 --cpu-shares 4096 alpine', with: upTo2, breaks: ['shares'] },
    { docker: 'docker run --cpus 1 --cpu-rt-runtime 950000 alpine', with: upTo2, breaks: ['realtime'] },
    { docker: 'docker update --memory 1g web', with: upTo2 },
    { docker: 'docker update --cpus 3 web', with: upTo2, breaks: ['max'] },
    { docker: 'docker update --cpu-quota -1 web', with: upTo2, breaks: ['max'] },
    { docker: 'docker update --cpu-quota -1 web', with: { required: true }, breaks: ['required'] },
    { docker: 'docker update --cpu-period 1000 web', with: upTo2, breaks: ['period'] },
    { docker: 'docker service create --limit-cpu 1 alpine', with: upTo2 },
    { docker: 'docker service create --limit-cpu 3 alpine', with: upTo2, breaks: ['max'] },
    { docker: 'docker service create alpine', with: upTo2, breaks: ['required'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --cpu-quota 300000 .', with: upTo2, breaks: ['max'] },
  ],
});
