import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';
import { matchesFor } from '../pattern.ts';
import { showList } from '../show.ts';

export const groupAdd = control({
  name: 'groupAdd',
  flags: ['docker run --group-add', 'docker service create --group'],
  about:
    "Groups beside those of the container's user. On bound files and sockets they count as groups of the host of the same number: that of `docker`, of `disk`, of root.",
  reads: ['container'],
  fields: ['HostConfig.GroupAdd', 'ContainerSpec.Groups'],
  parameters: z.strictObject({
    allow: z
      .array(z.string())
      .optional()
      .describe('Groups that may be added, names and numbers as they are given, as patterns. Absent: any.'),
  }),
  profiles: { restricted: { allow: [] } },
  check({ object }, { allow }, { subject }) {
    if (allow === undefined) return [];
    return (object.container?.groupAdd ?? [])
      .filter((group) => !allow.some((pattern) => matchesFor(pattern, group, subject)))
      .map(
        (group): Finding => ({
          message: `--group-add ${printable(group)} gives the container's processes a group that is not among those allowed here.`,
          fix: `drop it; allowed are ${showList(allow)}.`,
          value: printable(group),
        }),
      );
  },
  examples: [
    { docker: 'docker run --group-add 999 alpine', with: {} },
    { docker: 'docker run alpine', with: { allow: [] } },
    { docker: 'docker run --group-add audio alpine', with: { allow: ['audio', 'video'] } },
    { docker: 'docker run --group-add 999 alpine', with: { allow: ['audio', 'video'] }, breaks: [''] },
    { docker: 'docker run --group-add 0 alpine', with: { allow: [] }, breaks: [''] },
    {
      docker: 'docker run --group-add audio --group-add +0 alpine',
      with: { allow: ['audio'] },
      breaks: [''],
    },
    { docker: 'docker service create --group 999 alpine', with: { allow: ['audio'] }, breaks: [''] },
  ],
});
