import { z } from 'zod';
import type { Int } from '../../gojson/types.ts';
import { printable } from '../../model/printable.ts';
import { control } from '../control.ts';

interface Ulimit {
  readonly name: string;
  readonly soft: Int;
  readonly hard: Int;
}

/** -1 is no limit, more than every number. */
function exceeds(asked: Int, max: number): boolean {
  return asked < 0 || asked > max;
}

const upTo = { max: { nofile: 65_536, core: 0 } };

/** With a real-time priority, which root is not needed for then, a process runs before all others and past --cpus. */
const restricted = { max: { rtprio: 0 } };

export const ulimits = control({
  name: 'ulimits',
  flags: ['docker run --ulimit', 'docker service create --ulimit', 'docker build --ulimit'],
  about:
    'Open files, locked memory and core files are shared by the whole host; --ulimit raises what one container may have.',
  reads: ['container', 'build'],
  fields: ['Resources.Ulimits', 'ContainerSpec.Ulimits', 'Ulimit.*', 'BuildQuery.ulimits'],
  parameters: z.strictObject({
    max: z
      .record(z.string(), z.int().nonnegative())
      .default({})
      .describe('The most that may be asked for by name, as in `nofile: 65536`; what is not named is free.'),
  }),
  profiles: { restricted: restricted },
  check({ object: { container, build } }, { max }) {
    // The daemon upper-cases names (RLIMIT_NOFILE), so their case says nothing (S, 20.10 to 29.7).
    const limits = new Map(Object.entries(max).map(([name, value]) => [name.toLowerCase(), value]));
    const asked: readonly Ulimit[] = [...(container?.limits.ulimits ?? []), ...(build?.ulimits ?? [])];
    return asked.flatMap(({ name, soft, hard }) => {
      const limit = limits.get(name.toLowerCase());
      if (limit === undefined || !(exceeds(soft, limit) || exceeds(hard, limit))) return [];
      const shown = printable(`${name}=${soft}:${hard}`);
      return [
        {
          part: 'max',
          message: `--ulimit ${shown} is more than the ${limit} that are allowed here.`,
          fix: `use --ulimit ${printable(name)}=${limit} or less.`,
          value: shown,
        },
      ];
    });
  },
  examples: [
    { docker: 'docker run --ulimit nofile=1048576 alpine', with: { max: {} } },
    { docker: 'docker run --ulimit nofile=1024:65536 --ulimit nproc=-1 alpine', with: upTo },
    { docker: 'docker run --ulimit nofile=1024:65537 alpine', with: upTo, breaks: ['max'] },
    { docker: 'docker run --ulimit nofile=-1 alpine', with: upTo, breaks: ['max'] },
    { docker: 'docker run --ulimit core=1 alpine', with: upTo, breaks: ['max'] },
    { docker: 'docker service create --ulimit nofile=100000 alpine', with: upTo, breaks: ['max'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --ulimit nofile=100000 .', with: upTo, breaks: ['max'] },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/containers/create',
        body: { Image: 'alpine', HostConfig: { Ulimits: [{ Name: 'NOFILE', Soft: 1, Hard: 100_000 }] } },
      },
      with: upTo,
      breaks: ['max'],
    },
    { docker: 'docker run --ulimit nofile=65536 --ulimit rtprio=0 alpine', with: restricted },
    { docker: 'docker run --ulimit rtprio=99 alpine', with: restricted, breaks: ['max'] },
  ],
});
