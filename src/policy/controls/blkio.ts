import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control } from '../control.ts';

const flags: ReadonlyMap<string, string> = new Map([
  ['BlkioWeight', '--blkio-weight'],
  ['BlkioWeightDevice', '--blkio-weight-device'],
  ['BlkioDeviceReadBps', '--device-read-bps'],
  ['BlkioDeviceWriteBps', '--device-write-bps'],
  ['BlkioDeviceReadIOps', '--device-read-iops'],
  ['BlkioDeviceWriteIOps', '--device-write-iops'],
]);

export const blkio = control({
  name: 'blkio',
  flags: [...flags.values()].map((flag) => `docker run ${flag}`),
  about:
    'Weights and rates of a disk: they give no access to it, but a weight takes from others, and an update can lift rates that were set.',
  reads: ['container'],
  fields: [
    'Resources.BlkioWeight',
    'Resources.BlkioWeightDevice',
    'Resources.BlkioDeviceReadBps',
    'Resources.BlkioDeviceWriteBps',
    'Resources.BlkioDeviceReadIOps',
    'Resources.BlkioDeviceWriteIOps',
    'WeightDevice.*',
    'ThrottleDevice.*',
  ],
  parameters: z.strictObject({
    allow: z.boolean().default(false).describe('Whether weights and rates of disks may be set.'),
  }),
  profiles: { restricted: { allow: false } },
  check({ object: { container } }, { allow }) {
    if (allow) return [];
    return (container?.limits.blkio ?? []).map((name) => {
      const flag = flags.get(name) ?? printable(name);
      return { message: `${flag} changes how the disks are shared here.`, fix: `drop ${flag}.` };
    });
  },
  examples: [
    { docker: 'docker run alpine', with: { allow: false } },
    { docker: 'docker run --blkio-weight 0 alpine', with: { allow: false } },
    { docker: 'docker run --blkio-weight 1000 alpine', with: { allow: false }, breaks: [''] },
    { docker: 'docker run --device-read-bps /dev/sda:1mb alpine', with: { allow: false }, breaks: [''] },
    { docker: 'docker update --blkio-weight 1000 web', with: { allow: false }, breaks: [''] },
    { docker: 'docker run --device-read-bps /dev/sda:1mb alpine', with: { allow: true } },
  ],
});
