import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';

/** With the systemd cgroup driver runc makes them properties of the container's scope (S, runc). */
const systemdProperty = 'org.systemd.property.';

export const annotations = control({
  name: 'annotations',
  flags: ['docker run --annotation'],
  about:
    'Annotations speak to the runtime. By `org.systemd.property.*` runc lets them set the limits of the container anew, past all that the request says elsewhere.',
  reads: ['container'],
  fields: ['HostConfig.Annotations'],
  parameters: z.strictObject({
    allow: z
      .array(z.string())
      .optional()
      .describe(
        'Names of annotations that may be given, as patterns. Absent: any but `org.systemd.property.*`.',
      ),
  }),
  profiles: { baseline: {}, restricted: { allow: [] } },
  check({ object }, { allow }) {
    const names = [...(object.container?.annotations.keys() ?? [])];
    return names
      .filter((name) =>
        allow === undefined
          ? name.startsWith(systemdProperty)
          : !allow.some((pattern) => matches(pattern, name)),
      )
      .map(
        (name): Finding => ({
          message: name.startsWith(systemdProperty)
            ? `--annotation ${printable(name)} sets a property of the container's systemd scope, its limits among them.`
            : `--annotation ${printable(name)} tells the runtime something that is not among the annotations allowed here.`,
          fix: name.startsWith(systemdProperty)
            ? 'drop it; set limits with --memory, --cpus and --pids-limit.'
            : 'drop it; for a note of your own use --label.',
          value: printable(name),
        }),
      );
  },
  examples: [
    { docker: 'docker run --annotation com.example.team=web alpine' },
    { docker: 'docker run --annotation org.systemd.property.MemoryMax=1 alpine', breaks: [''] },
    {
      docker: 'docker run --annotation org.systemd.property.TasksMax=1 --annotation a=b alpine',
      breaks: [''],
    },
    { docker: 'docker run --annotation com.example.team=web alpine', with: { allow: ['com.example.*'] } },
    {
      docker: 'docker run --annotation run.oci.handler=krun alpine',
      with: { allow: ['com.example.*'] },
      breaks: [''],
    },
    {
      docker: 'docker run --annotation org.systemd.property.TasksMax=1 alpine',
      with: { allow: ['org.systemd.property.TasksMax'] },
    },
    { docker: 'docker run --annotation com.example.team=web alpine', with: { allow: [] }, breaks: [''] },
  ],
});
