import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control } from '../control.ts';
import { matchesFor } from '../pattern.ts';
import { showList } from '../show.ts';

export const cgroupParent = control({
  name: 'cgroupParent',
  flags: ['docker run --cgroup-parent', 'docker build --cgroup-parent'],
  about:
    'Under a cgroup parent of its own a container leaves the limits that the host sets for containers, or enters those of a service of the host.',
  reads: ['container', 'build'],
  fields: ['Resources.CgroupParent', 'BuildQuery.cgroupparent'],
  parameters: z.strictObject({
    allow: z
      .array(z.string())
      .optional()
      .describe('Cgroup parents that may be named, as patterns. None named always passes. Absent: any.'),
  }),
  profiles: { baseline: { allow: [] }, restricted: { allow: [] } },
  check({ object }, { allow }, { subject }) {
    const stated = new Set([object.container?.cgroupParent, object.build?.cgroupParent]);
    return [...stated].flatMap((parent = '') => {
      if (parent === '' || allow === undefined) return [];
      // The runtime resolves `..`: `/lab/../system.slice` lies beside `/lab/**`.
      const plain = !parent.split('/').includes('..');
      if (plain && allow.some((pattern) => matchesFor(pattern, parent, subject))) return [];
      return [
        {
          message: `--cgroup-parent ${printable(parent)} takes the container out of the cgroup that limits containers on this host.`,
          fix:
            allow.length === 0
              ? 'drop it; limit the container with --memory and --cpus.'
              : `drop it, or use one of ${showList(allow)}.`,
          value: printable(parent),
        },
      ];
    });
  },
  examples: [
    { docker: 'docker run --memory 512m alpine' },
    { docker: 'docker run --cgroup-parent / alpine', breaks: [''] },
    { docker: 'docker run --cgroup-parent system.slice alpine', breaks: [''] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --cgroup-parent /x .', breaks: [''] },
    { docker: 'docker run --cgroup-parent lab.slice alpine', with: { allow: ['lab.slice', 'lab-*.slice'] } },
    {
      docker: 'docker run --cgroup-parent lab-a.slice alpine',
      with: { allow: ['lab.slice', 'lab-*.slice'] },
    },
    {
      docker: 'docker run --cgroup-parent lab.slice/.. alpine',
      with: { allow: ['lab.slice'] },
      breaks: [''],
    },
  ],
});
