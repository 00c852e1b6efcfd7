import { z } from 'zod';
import type { SecurityOptions } from '../../model/container.ts';
import { control } from '../control.ts';
import { matches } from '../pattern.ts';
import { sha256 } from '../sha256.ts';

/** A profile that blocks nothing, as some hand-written ones do. */
const allowAll = '{}';

export const seccomp = control({
  name: 'seccomp',
  flags: ['docker run --security-opt seccomp='],
  about:
    "Docker's seccomp profile blocks the system calls that led out of containers before. A profile of one's own comes inside the request and may allow anything; it is known by the SHA-256 of its JSON as the docker CLI sends it, without blanks: `jq -cj . profile.json | sha256sum`, or as the denial prints it.",
  reads: ['container'],
  fields: ['HostConfig.SecurityOpt', 'ContainerSpec.Privileges', 'Privileges.Seccomp', 'SeccompOpts.*'],
  parameters: z.strictObject({
    allowProfiles: z
      .array(z.string())
      .optional()
      .describe(
        "Profiles that may be named, as patterns: `builtin` is Docker's own, `unconfined` none at all, `sha256:...` one in the request. The daemon's default without being named always passes. Absent: any.",
      ),
  }),
  profiles: { baseline: { allowProfiles: ['builtin'] }, restricted: { allowProfiles: ['builtin'] } },
  check({ object }, { allowProfiles }) {
    const { security } = object.container ?? {};
    if (security?.seccomp === undefined || allowProfiles === undefined) return [];
    const profile = nameOf(security);
    if (allowProfiles.some((pattern) => matches(pattern, profile))) return [];
    if (security.seccomp !== 'custom') {
      const gives =
        profile === 'unconfined'
          ? 'lets the container make every system call, also those that led out of containers before'
          : "sets Docker's own profile in the place of the one that this daemon is set up with";
      return [
        {
          message: `--security-opt seccomp=${profile} ${gives}.`,
          fix: "drop it; the daemon's default profile is used then.",
          value: profile,
        },
      ];
    }
    return [
      {
        message: `--security-opt seccomp=PROFILE replaces Docker's profile with one of your own (${profile}), which may allow any system call.`,
        fix: `drop it, or have an administrator look at the profile and add its digest to allowProfiles.`,
        value: profile,
      },
    ];
  },
  examples: [
    { docker: 'docker run alpine' },
    { docker: 'docker run --security-opt seccomp=builtin alpine' },
    { docker: 'docker run --security-opt seccomp=unconfined alpine', breaks: [''] },
    { docker: 'docker run --security-opt seccomp:unconfined alpine', breaks: [''] },
    {
      docker: 'docker run --security-opt seccomp=builtin --security-opt seccomp=unconfined alpine',
      breaks: [''],
    },
    { request: withProfile(allowAll), breaks: [''] },
    { request: withProfile('UNCONFINED'), breaks: [''] },
    { request: withProfile('') },
    {
      request: {
        method: 'POST',
        uri: '/v1.44/services/create',
        body: {
          Name: 's',
          TaskTemplate: {
            ContainerSpec: { Image: 'alpine', Privileges: { Seccomp: { Mode: 'unconfined' } } },
          },
        },
      },
      breaks: [''],
    },
    {
      request: withProfile('{"defaultAction":"SCMP_ACT_ALLOW"}'),
      with: { allowProfiles: [`sha256:${sha256(allowAll)}`] },
      breaks: [''],
    },
    {
      docker: 'docker run --security-opt seccomp=unconfined alpine',
      with: { allowProfiles: ['builtin', 'unconfined'] },
    },
  ],
});

function withProfile(profile: string): { method: string; uri: string; body: unknown } {
  const body = { Image: 'alpine', HostConfig: { SecurityOpt: [`seccomp=${profile}`] } };
  return { method: 'POST', uri: '/v1.44/containers/create', body };
}

/** As it stands in `allowProfiles`. A custom profile whose text is not known is none that could be listed. */
function nameOf({ seccomp: kind = 'custom', seccompProfile, seccompDigest }: SecurityOptions): string {
  if (kind !== 'custom') return kind;
  const digest = seccompProfile === undefined ? seccompDigest : sha256(seccompProfile);
  return digest === undefined ? 'custom' : `sha256:${digest}`;
}
