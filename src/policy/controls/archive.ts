import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control } from '../control.ts';
import { matchesFor } from '../pattern.ts';
import { showPatterns } from '../show.ts';

const paths = z.array(z.string()).optional();

export const archive = control({
  name: 'archive',
  flags: ['docker cp'],
  about:
    "docker cp reads and writes a container's files as root, those of its volumes and binds too. A path is judged by its text: a link inside the container may lead elsewhere.",
  reads: ['archive'],
  fields: ['ArchiveQuery.path'],
  parameters: z.strictObject({
    in: paths.describe('Folders inside containers to which files may be copied, as patterns; absent: any.'),
    out: paths.describe('Paths inside containers that may be copied out, as patterns; absent: any.'),
  }),
  profiles: {},
  check({ object }, parameters, { subject }) {
    if (object.archive === undefined) return [];
    const { direction, path } = object.archive;
    const allowed = parameters[direction];
    if (allowed === undefined || allowed.some((pattern) => matchesFor(pattern, path, subject))) return [];
    const shown = printable(path);
    return [
      {
        part: direction,
        message:
          direction === 'in'
            ? `docker cp to ${shown} changes files of the container where that is not allowed.`
            : `docker cp from ${shown} reads files of the container where that is not allowed.`,
        fix:
          allowed.length === 0
            ? 'share files through a volume instead.'
            : `use a path that is allowed: ${showPatterns(allowed, subject)}.`,
        value: shown,
      },
    ];
  },
  examples: [
    { docker: 'docker cp file.txt web:/etc/', with: {} },
    { docker: 'docker cp file.txt web:/srv/app/', with: { in: ['/srv/**'] } },
    { docker: 'docker cp file.txt web:/etc/', with: { in: ['/srv/**'] }, breaks: ['in'] },
    { docker: 'docker cp file.txt web:/srv/../etc/', with: { in: ['/srv/**'] }, breaks: ['in'] },
    { docker: 'docker cp web:/etc/passwd -', with: { in: ['/srv/**'] } },
    { docker: 'docker cp web:/etc/passwd -', with: { out: [] }, breaks: ['out'] },
    { docker: 'docker cp web:/var/log/app.log -', with: { out: ['/var/log/*'] } },
    {
      request: { method: 'GET', uri: '/v1.41/containers/web/archive?path=var/log/../lib/app.db' },
      with: { out: ['/var/log/**'] },
      breaks: ['out'],
    },
  ],
});
