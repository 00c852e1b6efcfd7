import { type Check, when } from '../check.ts';
import type { Remark } from '../host.ts';

/** Bulwark itself: its configuration, its policies, and what it says of itself. */
export const bulwarkChecks: readonly Check[] = [
  {
    id: 'config-broken',
    severity: 'error',
    means:
      '`serve` would not start on its configuration. The other findings look at what holds without that.',
    find: ({ configErrors }) => configErrors.map((evidence) => ({ evidence })),
    remedy: () => 'Mend what the evidence names, or name another file with `--config`.',
  },
  {
    id: 'policies-broken',
    severity: 'error',
    means:
      'The policies on the disk are no whole set: a running `serve` keeps the last good one, and would not start again.',
    find: ({ policies }) => policies.errors.map(remarkFound),
    remedy: (_, fix) => fix,
    example: 'What its code asks for in [errors.md](errors.md).',
  },
  {
    id: 'policy-weak',
    severity: 'warning',
    means:
      'What `bulwark check` warns of: exceptions that have ended, end soon or never do, rules that say nothing, grants to everybody.',
    find: ({ policies }) => policies.warnings.map(remarkFound),
    remedy: (_, fix) => fix,
    example: 'What its code asks for in [errors.md](errors.md).',
  },
  {
    id: 'bulwark-problem',
    severity: 'error',
    means: 'The running `serve` says itself that it does not decide or record as it should.',
    // Said by `daemon-does-not-ask` and `policies-broken`, each with more of the host.
    find: ({ serve }) =>
      (serve?.problems ?? [])
        .filter(({ code }) => code !== 'daemon-silent' && code !== 'policies-broken')
        .map(({ code, detail, fix }) => ({ evidence: `${code}: ${detail}`, subject: fix })),
    remedy: (_, fix) => fix,
    example: 'What its code asks for in [errors.md](errors.md).',
  },
  {
    id: 'bulwark-warning',
    severity: 'warning',
    means: 'The running `serve` says itself what it does without, though it decides as it should.',
    // Of the daemon `asking-unknown` says it.
    find: ({ serve }) =>
      (serve?.warnings ?? [])
        .filter(({ code }) => !code.startsWith('facts-'))
        .map(({ code, detail, fix }) => ({ evidence: `${code}: ${detail}`, subject: fix })),
    remedy: (_, fix) => fix,
    example: 'What its code asks for in [errors.md](errors.md).',
  },
  {
    id: 'policies-not-in-force',
    severity: 'error',
    means:
      'What is in force is not what is on the disk, which is broken: whoever edits the policies believes in rules that nobody applies.',
    find: ({ serve }) =>
      when(
        serve?.policySet.broken,
        `In force is the set ${serve?.policySet.digest.slice(0, 12)} of ${serve?.policySet.since}; the disk is broken since ${serve?.policySet.brokenSince}.`,
      ),
    remedy: () =>
      'Mend what `bulwark check` names; once it is saved it comes into force by itself, within 4 s.',
  },
  {
    id: 'host-root-wrong',
    severity: 'error',
    means:
      'Bulwark sees other files than the daemon at these places, so that links in the way of a bind lead it elsewhere than the daemon: whoever can make one gets what it leads to.',
    find: ({ system, config }) =>
      when(
        system.otherFiles !== undefined && system.otherFiles.length > 0,
        `With the root of the host in ${config.hostRoot}, these are others to Bulwark than to the daemon: ${system.otherFiles?.join(', ')}.`,
      ),
    remedy: () =>
      "Give `serve` the folder in which it sees the daemon's root, `--host-root /` for a service of the host, and let its unit hide nothing from it: no PrivateTmp, ProtectHome or TemporaryFileSystem.",
  },
  {
    id: 'host-root-off',
    severity: 'warning',
    means:
      'With `--host-root off` host paths are judged as they are written: who can make a link in a folder that may be bound gets what it leads to.',
    find: ({ config }) => when(config.hostRoot === undefined, 'Links on the host are not followed.'),
    remedy: () => 'Mount the root of the host read-only where Bulwark runs, and name it with `--host-root`.',
  },
];

function remarkFound({ text, fix }: Remark) {
  return { evidence: text, subject: fix };
}
