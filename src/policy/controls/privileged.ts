import { z } from 'zod';
import { control } from '../control.ts';

export const privileged = control({
  name: 'privileged',
  flags: ['docker run --privileged'],
  about:
    'A privileged container has every capability and every device of the host, without seccomp, AppArmor and masked paths: whoever is in it is root on the host.',
  reads: ['container'],
  fields: ['HostConfig.Privileged', 'PluginPrivilege.*'],
  parameters: z.strictObject({
    allow: z.boolean().default(false).describe('Whether containers may be privileged.'),
  }),
  profiles: { baseline: { allow: false }, restricted: { allow: false } },
  check({ object }, { allow }) {
    if (allow || object.container?.privileged !== true) return [];
    return [
      {
        message: '--privileged gives the container full control of the host.',
        fix: 'drop --privileged; for one capability use --cap-add NET_BIND_SERVICE.',
      },
    ];
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --privileged=false alpine' },
    { docker: 'docker run --privileged alpine', breaks: [''] },
    { docker: 'docker run --privileged alpine', with: { allow: true } },
  ],
});
