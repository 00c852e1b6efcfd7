import { z } from 'zod';
import { isWhole } from '../../model/container.ts';
import { control } from '../control.ts';

export const noNewPrivileges = control({
  name: 'noNewPrivileges',
  flags: ['docker run --security-opt no-new-privileges'],
  about:
    'With no-new-privileges set-user-ID programs such as sudo and su give no rights: a process never gets more than it began with.',
  reads: ['container'],
  fields: ['HostConfig.SecurityOpt', 'ContainerSpec.Privileges', 'Privileges.NoNewPrivileges'],
  parameters: z.strictObject({
    require: z
      .boolean()
      .default(false)
      .describe("Whether containers must say no-new-privileges; the daemon's own default does not count."),
  }),
  profiles: { restricted: { require: true } },
  check({ object: { container } }, { require }) {
    if (!require || container === undefined || container.security.noNewPrivileges === true) return [];
    if (!isWhole(container)) return [];
    return [
      {
        message:
          '--security-opt no-new-privileges is missing: programs in the container may gain rights, as sudo and su do.',
        fix:
          container.origin === 'service'
            ? "set `Privileges.NoNewPrivileges` in the service's specification (API 1.44)."
            : 'add --security-opt no-new-privileges.',
      },
    ];
  },
  examples: [
    { docker: 'docker run alpine', with: { require: false } },
    { docker: 'docker run --security-opt no-new-privileges alpine', with: { require: true } },
    { docker: 'docker run --security-opt no-new-privileges=true alpine', with: { require: true } },
    { docker: 'docker run --security-opt no-new-privileges:true alpine', with: { require: true } },
    { docker: 'docker update --memory 1g --memory-swap 1g c1', with: { require: true } },
    { docker: 'docker run alpine', with: { require: true }, breaks: [''] },
    {
      docker: 'docker run --security-opt no-new-privileges=false alpine',
      with: { require: true },
      breaks: [''],
    },
    {
      docker: 'docker run --security-opt no-new-privileges --security-opt no-new-privileges=false alpine',
      with: { require: true },
      breaks: [''],
    },
    { docker: 'docker service create alpine', with: { require: true }, breaks: [''] },
  ],
});
