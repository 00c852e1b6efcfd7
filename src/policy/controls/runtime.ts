import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control } from '../control.ts';
import { matches } from '../pattern.ts';
import { showList } from '../show.ts';

export const runtime = control({
  name: 'runtime',
  flags: ['docker run --runtime'],
  about:
    'The runtime builds the walls of a container. Another one than runc may build others or none, and hand out devices by environment variables.',
  reads: ['container'],
  fields: ['HostConfig.Runtime', 'DaemonInfo.DefaultRuntime'],
  parameters: z.strictObject({
    allow: z
      .array(z.string())
      .optional()
      .describe("Runtimes that may be named, as patterns. The daemon's default always passes. Absent: any."),
  }),
  needs: () => ['defaults'],
  profiles: {
    baseline: { allow: ['runc', 'io.containerd.runc.v1', 'io.containerd.runc.v2'] },
    restricted: { allow: ['runc', 'io.containerd.runc.v1', 'io.containerd.runc.v2'] },
  },
  check({ object }, { allow }) {
    const named = object.container?.runtime ?? '';
    if (named === '' || allow === undefined || allow.some((pattern) => matches(pattern, named))) return [];
    return [
      {
        message: `--runtime ${printable(named)} hands the container to another runtime than runc, with walls of its own or none.`,
        fix: `drop it; allowed are ${showList(allow)}.`,
        value: printable(named),
      },
    ];
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --runtime runc alpine' },
    { docker: 'docker run --runtime io.containerd.runc.v2 alpine' },
    { docker: 'docker run --runtime nvidia alpine', breaks: [''] },
    { docker: 'docker run --runtime crun alpine', breaks: [''] },
    { docker: 'docker run --runtime io.containerd.kata.v2 alpine', breaks: [''] },
    { docker: 'docker run --runtime /tmp/runc alpine', breaks: [''] },
    { docker: 'docker run --runtime runsc alpine', with: { allow: ['runsc'] } },
    { docker: 'docker run --runtime runc alpine', with: { allow: ['runsc'] }, breaks: [''] },
  ],
});
