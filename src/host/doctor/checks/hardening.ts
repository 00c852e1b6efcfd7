import { type Check, when } from '../check.ts';
import { isOn, settings } from '../settings.ts';

/** What the daemon gives to containers that say nothing. None of it is Bulwark's; all of it is what stands behind it. */
export const hardeningChecks: readonly Check[] = [
  {
    id: 'seccomp-weakened',
    severity: 'warning',
    means:
      'Containers that say nothing do not run under the seccomp profile of Docker, and policies that leave it alone rely on that.',
    find: (host) => {
      const { info } = host.daemon;
      const seccomp = info?.securityOptions.find((option) => option.startsWith('name=seccomp'));
      const own = settings(host, 'seccomp-profile').find(({ value }) => value !== 'builtin');
      if (own !== undefined) return when(true, `${own.where} says ${own.value}.`);
      // 20.10 calls it default, 23 and later builtin.
      const isUsual = seccomp !== undefined && /profile=(?:default|builtin)$/.test(seccomp);
      const said = seccomp ?? 'no seccomp at all';
      return when(info !== undefined && !isUsual, `The daemon runs containers with ${said}.`);
    },
    remedy: ({ daemonJson, restart }) =>
      `Take "seccomp-profile" out of ${daemonJson} and off the command line, then \`${restart}\`. A daemon without seccomp at all needs a kernel that has it.`,
  },
  {
    id: 'no-mandatory-access-control',
    severity: 'warning',
    means:
      'Neither AppArmor nor SELinux keeps containers apart from the host. Both are a second line for the day when a container breaks out.',
    find: ({ daemon: { info }, system: { security } }) => {
      const isUsed = info?.securityOptions.some((option) => /^name=(?:apparmor|selinux)/.test(option));
      const has = security.selinux ? 'SELinux' : security.appArmor ? 'AppArmor' : undefined;
      const kernel =
        has === undefined ? 'the kernel runs neither' : `the kernel has ${has}, the daemon does not use it`;
      return when(info !== undefined && isUsed === false, `None in \`docker info\`; ${kernel}.`);
    },
    remedy: ({ daemonJson, restart }) =>
      `With SELinux: put \`"selinux-enabled": true\` into ${daemonJson}, then \`${restart}\`. With AppArmor: install the package \`apparmor\` (which has \`apparmor_parser\`), then \`${restart}\`. With neither: start the kernel with one of them.`,
  },
  {
    id: 'userns-remap-off',
    severity: 'note',
    means:
      'Root in a container is root of the host, held back by capabilities, seccomp and the like. Remapping is the stronger wall, and changes who owns files in volumes: not for every host.',
    find: ({ daemon: { info, process } }) =>
      when(
        info !== undefined &&
          !process.rootless &&
          !info.securityOptions.some((option) => /^name=(?:userns|rootless)/.test(option)),
        'No "userns-remap".',
      ),
    remedy: ({ daemonJson, restart }) =>
      `If your volumes allow it: put \`"userns-remap": "default"\` into ${daemonJson}, then \`${restart}\`; images and containers of before are not seen any more.`,
  },
  {
    id: 'new-privileges-by-default',
    severity: 'note',
    means:
      'Programs with setuid gain privileges in containers that do not say `--security-opt no-new-privileges`. The control `noNewPrivileges` can require it, which tells users; the setting of the daemon does it for them.',
    find: (host) =>
      when(
        host.daemon.json !== undefined && !isOn(host, 'no-new-privileges'),
        '"no-new-privileges" is not set.',
      ),
    remedy: ({ daemonJson, restart }) =>
      `Put \`"no-new-privileges": true\` into ${daemonJson}, then \`${restart}\`; images that use sudo or su need \`--security-opt no-new-privileges=false\`.`,
  },
  {
    id: 'live-restore-on',
    severity: 'note',
    means:
      'Containers live on while the daemon is away, and the daemon takes them back, and restarts those with a restart policy, without asking: what policies refuse by now goes on until somebody stops it.',
    find: ({ daemon: { info } }) => when(info?.liveRestore, '`docker info`: Live Restore Enabled: true.'),
    remedy: () =>
      'Nothing, if that is meant. `docker ps` shows what runs; what policies refuse can be stopped, and does not start again.',
  },
  {
    id: 'ulimits-unset',
    severity: 'note',
    means:
      'Containers get the limits of the daemon itself, which are as good as none: one of them can use up the files and processes of the host.',
    find: (host) =>
      when(
        host.daemon.json !== undefined && settings(host, 'default-ulimit', 'default-ulimits').length === 0,
        '"default-ulimits" is not set.',
      ),
    remedy: ({ daemonJson, restart }) =>
      `Put \`"default-ulimits": { "nofile": { "Name": "nofile", "Hard": 65536, "Soft": 1024 } }\` into ${daemonJson}, then \`${restart}\`; the controls \`ulimits\` and \`pids\` can ask for more.`,
  },
  {
    id: 'logs-unlimited',
    severity: 'warning',
    means:
      'What a container prints is kept without limit. That fills the disk, and with a full disk Bulwark cannot record and denies all but what frees space.',
    find: (host) => {
      const { info } = host.daemon;
      const limit = settings(host, 'log-opt', 'log-opts').some(({ value }) =>
        /^max-size=/.test(String(value)),
      );
      return when(
        info?.loggingDriver === 'json-file' && !limit,
        'The log driver is json-file, without "max-size".',
      );
    },
    remedy: ({ daemonJson, restart }) =>
      `Put \`"log-driver": "local"\` into ${daemonJson} (100 MB a container), or \`"log-opts": { "max-size": "20m", "max-file": "5" }\`, then \`${restart}\`. It holds for containers that are made from then on.`,
  },
  {
    id: 'storage-unlimited',
    severity: 'note',
    means:
      'What a container writes into its own file system has no limit but the disk. Few file systems allow one (overlay2 on xfs with pquota, btrfs, zfs).',
    find: (host) => {
      const { info } = host.daemon;
      const limit = settings(host, 'storage-opt', 'storage-opts').some(({ value }) =>
        /\.size=/.test(String(value)),
      );
      return when(
        info !== undefined && !limit,
        `The storage driver is ${info?.storageDriver}, without a size.`,
      );
    },
    remedy: ({ daemonJson, restart }) =>
      `On xfs that is mounted with \`pquota\`: \`"storage-opts": ["overlay2.size=20G"]\` in ${daemonJson}, then \`${restart}\`. Else watch the disk, and let containers be \`--read-only\`.`,
  },
  {
    id: 'experimental-on',
    severity: 'note',
    means:
      'Features that are tried out are on, checkpoints among them, whose folder is any path of the host. The profile `baseline` denies these.',
    find: ({ daemon: { info } }) => when(info?.experimental, '`docker info`: Experimental: true.'),
    remedy: ({ daemonJson, restart }) =>
      `Take "experimental" out of ${daemonJson} and off the command line, if nobody needs it, then \`${restart}\`.`,
  },
];
