import { type Check, shellWord, when } from '../check.ts';
import type { Host } from '../host.ts';

/** The host around: its clock, and the disk of the ledger. */
export const systemChecks: readonly Check[] = [
  {
    id: 'clock-unsynchronised',
    severity: 'warning',
    means:
      'Nothing sets the clock by others. Exceptions and tokens end by it, and the times of the ledger are worth as much as it is.',
    find: ({ system: { clock } }) =>
      when(clock !== undefined && !clock.isSynchronised, '`timedatectl show`: NTPSynchronized=no.'),
    remedy: () => '`timedatectl set-ntp true`, or start another service that sets the clock, such as chrony.',
  },
  {
    id: 'clock-behind',
    severity: 'error',
    means:
      'The clock shows an earlier time than one that is written down already: exceptions and tokens that have ended hold again.',
    find: ({ now, system: { latest } }) =>
      when(
        latest !== undefined && latest.time > now + tolerance,
        `It is ${isoTime(now)}, and ${latest?.where} is of ${isoTime(latest?.time ?? 0)}.`,
      ),
    remedy: () => 'Set the clock right: `timedatectl set-ntp true`, or `date --set`.',
  },
  {
    id: 'disk-full',
    severity: 'error',
    means:
      'The disk of the ledger has less room than its reserve. When that is used up Bulwark denies all but what frees space.',
    find: (host) => when(room(host) === 'full', diskText(host), host.config.data),
    remedy: freeSpace,
    example: '/var/lib/bulwark',
  },
  {
    id: 'disk-low',
    severity: 'warning',
    means:
      'The ledger may grow to the size that its retention allows, and the disk has not room for that beside the reserve.',
    find: (host) => when(room(host) === 'low', diskText(host), host.config.data),
    remedy: (names, data) =>
      `${freeSpace(names, data)} Or let the ledger keep less: \`ledger: { retention: { size: 2GiB } }\` in the Config file of \`serve\`.`,
    example: '/var/lib/bulwark',
  },
  {
    id: 'disk-without-inodes',
    severity: 'warning',
    means: 'The disk of the ledger has hardly any room for further files, however many bytes are free.',
    find: ({ system: { disk }, config }) =>
      when(
        disk !== undefined && disk.inodes > 0 && disk.freeInodes < disk.inodes / 100,
        `${disk?.freeInodes} of ${disk?.inodes} inodes are free at ${config.data}.`,
        config.data,
      ),
    remedy: freeSpace,
    example: '/var/lib/bulwark',
  },
];

/** What is written down may be ahead of this clock by so much, in milliseconds. */
const tolerance = 60_000;

function room({ system: { disk }, config: { ledger } }: Host): 'full' | 'low' | 'enough' | undefined {
  if (disk === undefined) return undefined;
  if (disk.free < ledger.reserve) return 'full';
  const growth = Math.max(0, ledger.retention.size - disk.ledger);
  return disk.free < growth + ledger.reserve ? 'low' : 'enough';
}

function diskText({ system: { disk }, config: { data, ledger } }: Host): string {
  const [free, now, most, reserve] = [disk?.free, disk?.ledger, ledger.retention.size, ledger.reserve].map(
    (bytes = 0) => `${(bytes / 1024 ** 3).toFixed(2)} GiB`,
  );
  return `${free} are free at ${data}; the ledger has ${now} and may have ${most}, its reserve is ${reserve}.`;
}

function freeSpace(_: unknown, data: string): string {
  return `Free space on the disk of ${shellWord(data)}: \`docker system prune\`, or \`du -x --max-depth=1 /\` to see what is large.`;
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
