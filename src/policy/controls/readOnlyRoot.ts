import { z } from 'zod';
import { isWhole } from '../../model/container.ts';
import { control } from '../control.ts';

export const readOnlyRoot = control({
  name: 'readOnlyRoot',
  flags: ['docker run --read-only', 'docker service create --read-only'],
  about:
    "With a read-only root an intruder cannot change the container's programs. What the container writes goes to volumes and tmpfs.",
  reads: ['container'],
  fields: ['HostConfig.ReadonlyRootfs', 'ContainerSpec.ReadOnly'],
  parameters: z.strictObject({
    require: z.boolean().default(false).describe('Whether the root of every container must be read-only.'),
  }),
  profiles: {},
  check({ object: { container } }, { require }) {
    if (!require || container === undefined || container.readOnlyRoot) return [];
    if (!isWhole(container)) return [];
    return [
      {
        message: "--read-only is missing: the container's own files can be changed while it runs.",
        fix:
          container.origin === 'service'
            ? 'add --read-only, and --mount type=tmpfs,dst=/tmp for what it must write.'
            : 'add --read-only, and --tmpfs /tmp for what it must write.',
      },
    ];
  },
  examples: [
    { docker: 'docker run alpine', with: { require: false } },
    { docker: 'docker run --read-only --tmpfs /tmp alpine', with: { require: true } },
    { docker: 'docker service create --read-only alpine', with: { require: true } },
    { docker: 'docker update --memory 1g --memory-swap 1g c1', with: { require: true } },
    { docker: 'docker run alpine', with: { require: true }, breaks: [''] },
    { docker: 'docker run --read-only=false alpine', with: { require: true }, breaks: [''] },
    { docker: 'docker service create alpine', with: { require: true }, breaks: [''] },
  ],
});
