import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control } from '../control.ts';
import { matches } from '../pattern.ts';

export const appArmor = control({
  name: 'appArmor',
  flags: ['docker run --security-opt apparmor='],
  about:
    "The AppArmor profile keeps a container's root from mounting, from the kernel's files and from other processes. Where the host has no AppArmor the option does nothing.",
  reads: ['container'],
  fields: [
    'HostConfig.SecurityOpt',
    'ContainerInspect.AppArmorProfile',
    'ContainerSpec.Privileges',
    'Privileges.AppArmor',
    'AppArmorOpts.*',
  ],
  parameters: z.strictObject({
    allowProfiles: z
      .array(z.string())
      .optional()
      .describe(
        "Profiles that may be named, as patterns; `unconfined` is none at all. Docker's own without being named always passes. Absent: any.",
      ),
  }),
  profiles: {
    baseline: { allowProfiles: ['docker-default'] },
    restricted: { allowProfiles: ['docker-default'] },
  },
  check({ object }, { allowProfiles }) {
    const profile = object.container?.security.appArmor ?? '';
    if (profile === '' || allowProfiles === undefined) return [];
    if (allowProfiles.some((pattern) => matches(pattern, profile))) return [];
    const shown = printable(profile);
    const gives =
      profile === 'unconfined'
        ? 'switches AppArmor off for the container: its root may mount and write kernel files'
        : "puts the container under another AppArmor profile than Docker's, which may allow anything";
    return [
      {
        message: `--security-opt apparmor=${shown} ${gives}.`,
        fix: "drop it; Docker's own profile, docker-default, is used then.",
        value: shown,
      },
    ];
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --security-opt apparmor=docker-default alpine' },
    { docker: 'docker run --security-opt apparmor=unconfined alpine', breaks: [''] },
    { docker: 'docker run --security-opt apparmor:unconfined alpine', breaks: [''] },
    { docker: 'docker run --security-opt apparmor=my-profile alpine', breaks: [''] },
    {
      docker: 'docker run --security-opt apparmor=docker-default --security-opt apparmor=unconfined alpine',
      breaks: [''],
    },
    {
      docker: 'docker run --security-opt apparmor=web-nginx alpine',
      with: { allowProfiles: ['docker-default', 'web-*'] },
    },
    {
      request: {
        method: 'POST',
        uri: '/v1.44/services/create',
        body: {
          Name: 's',
          TaskTemplate: {
            ContainerSpec: { Image: 'alpine', Privileges: { AppArmor: { Mode: 'disabled' } } },
          },
        },
      },
      breaks: [''],
    },
  ],
});
