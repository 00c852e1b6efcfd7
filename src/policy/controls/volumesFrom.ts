import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';

export const volumesFrom = control({
  name: 'volumesFrom',
  flags: ['docker run --volumes-from'],
  about:
    "Takes over every mount of another container, binds of the host's folders as well, which may be more than this one would be allowed.",
  reads: ['container'],
  fields: ['HostConfig.VolumesFrom'],
  parameters: z.strictObject({
    allow: z.boolean().default(true).describe('Whether containers may take over the mounts of others.'),
  }),
  profiles: { restricted: { allow: false } },
  check({ object }, { allow }) {
    if (allow) return [];
    return (object.container?.volumesFrom ?? []).map(
      (from): Finding => ({
        message: `--volumes-from ${printable(from)} hands this container every mount of the other one.`,
        fix: 'mount the volume that is needed by its name: -v data:/data.',
        value: printable(from),
      }),
    );
  },
  examples: [
    { docker: 'docker run --volumes-from web alpine', with: { allow: true } },
    { docker: 'docker run -v data:/data alpine', with: { allow: false } },
    { docker: 'docker run --volumes-from web alpine', with: { allow: false }, breaks: [''] },
    { docker: 'docker run --volumes-from web:ro alpine', with: { allow: false }, breaks: [''] },
  ],
});
