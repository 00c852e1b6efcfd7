import { z } from 'zod';
import { printable, quote } from '../../model/printable.ts';
import type { Protect } from '../../model/protect.ts';
import type { Subject } from '../../model/subject.ts';
import { type Context, control, type Finding } from '../control.ts';
import { type HostMount, judgeMounts, shownFlag } from '../hostMounts.ts';
import { isOwn, isPublicFile, protectedBy, type Reached, realPath, socketBy } from '../hostPaths.ts';
import { matchesFor } from '../pattern.ts';
import { showPatterns } from '../show.ts';

const pathPattern = z.string().regex(/^[/*]/, 'a pattern of host paths begins with `/` or `*`');

const parameters = z.strictObject({
  allowPaths: z
    .array(pathPattern)
    .optional()
    .describe(
      'Host paths that may be bound, as patterns; with `:ro` at the end only read-only. Absent: any that is not protected. A path must match as it is written and, where it passes links of this host, as what it leads to as well; links in a pattern itself are not followed: name both places. Safe are trees in which those who bind cannot write, or exact folders of which they cannot write the parents; in a tree that they can write, whoever changes a link at the right moment gets what it leads to (SECURITY.md).',
    ),
  denyPaths: z
    .array(pathPattern)
    .default([])
    .describe(
      'Host paths that may not be bound, as patterns, with all that lies below them and the folders above them (up to the first `**`).',
    ),
  allowProtected: z
    .boolean()
    .default(false)
    .describe(
      "Whether the protected paths of the host (/etc, /usr, /var ...) may be bound. Bulwark's own files never may.",
    ),
  readOnly: z
    .boolean()
    .default(false)
    .describe(
      'Whether every bind must be read-only. Below API 1.44 (Docker 25) mounts below it stay writable.',
    ),
  propagation: z
    .array(z.enum(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared']))
    .default(['private', 'rprivate', 'slave', 'rslave'])
    .describe('Kinds of propagation that may be asked for; `shared` lets mounts inside appear on the host.'),
});
type Parameters = z.infer<typeof parameters>;

/** PATH_MAX: the kernel opens nothing longer. */
const longestPath = 4096;

/** No path at all: the list is for an administrator to fill, and named volumes need none. */
const restricted: Parameters = {
  allowPaths: [],
  denyPaths: [],
  allowProtected: false,
  readOnly: false,
  propagation: ['private', 'rprivate'],
};

export const binds = control({
  name: 'binds',
  flags: [
    'docker run -v',
    'docker run --mount type=bind',
    'docker service create --mount',
    'docker volume create -o o=bind',
  ],
  about:
    "Folders of the host in a container are in reach of its root. Protected are /etc, /root, /proc, /sys, /dev, /boot, /lib*, /usr, /bin, /sbin, /run, /var (but for /var/www, /var/tmp, and /var/log read-only), containerd's /opt/containerd, /nix, /gnu, /ostree, /sysroot and Bulwark's own files, each with all that lies below it and all its parents, and /home itself. A few harmless files and folders pass read-only: /etc/localtime, /etc/timezone, os-release, the certificate bundles, /usr/share/zoneinfo. A volume that binds is judged by its path as well. Links are followed on this host, and a path is judged as written and as what it leads to. Sockets are the matter of `dockerSocket`.",
  reads: ['container', 'volumes', 'leads'],
  fields: [
    'HostConfig.Binds',
    'HostConfig.Mounts',
    'MountPoint.*',
    'ContainerSpec.Mounts',
    'Mount.Type',
    'Mount.Source',
    'Mount.Target',
    'Mount.ReadOnly',
    'Mount.BindOptions',
    'BindOptions.*',
    'DriverConfig.Options',
    'VolumeCreate.DriverOpts',
    'PluginPrivilege.*',
  ],
  parameters,
  needs: () => ['volumes', 'hostFiles'],
  profiles: {
    baseline: {
      denyPaths: [],
      allowProtected: false,
      readOnly: false,
      propagation: ['private', 'rprivate', 'slave', 'rslave'],
    },
    restricted,
  },
  check({ object }, parameters, context) {
    const findings = judgeMounts(object, (mount) => {
      const socket = socketBy(mount.path, context.protect);
      const isSocket = socket !== undefined && socket.how !== 'above';
      return isSocket ? undefined : checkPath(mount, parameters, context);
    });
    const mounts = object.container?.mounts ?? [];
    for (const { type, propagation, flag } of mounts) {
      // Newer than this table, or a text that the daemon takes for nothing it knows.
      if (type === 'other') {
        findings.push({
          message: `${shownFlag(flag)} names neither a folder of the host by its absolute path nor a volume.`,
          fix: 'write an absolute path, -v /home/alice/project:/app, or the name of a volume, -v data:/data.',
        });
      }
      if (propagation !== undefined && !parameters.propagation.some((known) => known === propagation)) {
        findings.push({
          part: 'propagation',
          message: `${shownFlag(flag)} asks for ${quote(propagation)} propagation, which lets mounts made in the container appear on the host.`,
          fix: `drop ${printable(propagation)}; rslave shows the container what the host mounts later.`,
          value: printable(propagation),
        });
      }
    }
    return findings;
  },
  examples: [
    // Everyday work.
    { docker: 'docker run -v /home/alice/project:/app alpine' },
    { docker: 'docker run -v /srv/data:/data -v /opt/app:/app:ro -v /tmp:/tmp alpine' },
    { docker: 'docker run -v data:/etc -v /etc alpine' },
    { docker: 'docker run --mount type=bind,src=/mnt/disk,dst=/data alpine' },
    { docker: 'docker run -v /var/www:/w -v /var/tmp/x:/t -v /var/log:/l:ro alpine' },
    { docker: 'docker run -v /etc/localtime:/etc/localtime:ro -v /etc/timezone:/etc/timezone:ro alpine' },
    { docker: 'docker run -v /home/alice/etc:/e -v /etcetera:/f -v /homes:/g alpine' },
    { docker: 'docker run -v /media:/media:rslave alpine' },
    { docker: 'docker run -v /var/run/docker.sock:/s alpine' },
    // The protected paths, what lies below, and above.
    { docker: 'docker run -v /:/host alpine', breaks: [''] },
    { docker: 'docker run -v /:/host:ro alpine', breaks: [''] },
    { docker: 'docker run -v /etc:/h alpine', breaks: [''] },
    { docker: 'docker run -v /etc/shadow:/s:ro alpine', breaks: [''] },
    { docker: 'docker run -v /home/../etc//passwd:/p alpine', breaks: [''] },
    { docker: 'docker run -v /root/.ssh:/s alpine', breaks: [''] },
    { docker: 'docker run -v /proc:/p alpine', breaks: [''] },
    { docker: 'docker run -v /proc/1/root:/p alpine', breaks: [''] },
    { docker: 'docker run -v /sys/fs/cgroup:/c:ro alpine', breaks: [''] },
    { docker: 'docker run -v /dev:/d alpine', breaks: [''] },
    { docker: 'docker run -v /boot:/b alpine', breaks: [''] },
    { docker: 'docker run -v /lib/modules:/lib/modules:ro alpine', breaks: [''] },
    { docker: 'docker run -v /lib64:/l alpine', breaks: [''] },
    { docker: 'docker run -v /usr/local/bin:/b alpine', breaks: [''] },
    { docker: 'docker run -v /bin/sh:/s -v /sbin:/t alpine', breaks: [''] },
    { docker: 'docker run -v /run/dbus:/d alpine', breaks: [''] },
    { docker: 'docker run -v /var/lib/docker:/d alpine', breaks: [''] },
    { docker: 'docker run -v /var:/v:ro alpine', breaks: [''] },
    { docker: 'docker run -v /var/log:/l alpine', breaks: [''] },
    { docker: 'docker run -v /etc/localtime:/l alpine', breaks: [''] },
    { docker: 'docker run -v /etc/localtime/x:/l:ro alpine', breaks: [''] },
    { docker: 'docker run -v /opt:/o alpine', breaks: [''] },
    { docker: 'docker run -v /opt/containerd/bin:/b alpine', breaks: [''] },
    { docker: 'docker run -v /home:/h alpine', breaks: [''] },
    { docker: 'docker run --mount type=bind,src=/etc,dst=/h,readonly alpine', breaks: [''] },
    { docker: 'docker service create --mount type=bind,src=/etc,dst=/h alpine', breaks: [''] },
    { docker: 'docker volume create -o type=none -o o=bind -o device=/etc v', breaks: [''] },
    { docker: 'docker volume create -o type=tmpfs -o o=bind -o device=/ v', breaks: [''] },
    { docker: 'docker run -v /srv/x:/x:rshared alpine', breaks: ['propagation'] },
    {
      docker: 'docker run --mount type=bind,src=/srv,dst=/x,bind-propagation=shared alpine',
      breaks: ['propagation'],
    },
    // Under parameters of one's own.
    { docker: 'docker run -v /srv/x:/x alpine', with: own({ allowPaths: ['/srv/**'] }) },
    { docker: 'docker run -v /srv:/x alpine', with: own({ allowPaths: ['/srv/*'] }), breaks: [''] },
    { docker: 'docker run -v /tmp:/x alpine', with: own({ allowPaths: ['/srv/**'] }), breaks: [''] },
    { docker: 'docker run -v /data:/x:ro alpine', with: own({ allowPaths: ['/data:ro'] }) },
    { docker: 'docker run -v /data:/x alpine', with: own({ allowPaths: ['/data:ro'] }), breaks: [''] },
    { docker: 'docker run -v /etc/app:/x alpine', with: own({ allowPaths: ['/etc/app'] }), breaks: [''] },
    {
      docker: 'docker run -v /etc/app:/x alpine',
      with: own({ allowPaths: ['/etc/app'], allowProtected: true }),
    },
    { docker: 'docker run -v /srv:/x alpine', with: own({ denyPaths: ['/srv/secret'] }), breaks: [''] },
    {
      docker: 'docker run -v /srv/secret/a:/x alpine',
      with: own({ denyPaths: ['/srv/secret'] }),
      breaks: [''],
    },
    {
      docker: 'docker run -v /srv/open:/x alpine',
      with: own({ denyPaths: ['/srv/secret', '/home/**/.ssh'] }),
    },
    { docker: 'docker run -v /srv/x:/x alpine', with: own({ readOnly: true }), breaks: ['readOnly'] },
    { docker: 'docker run -v /srv/x:/x:ro alpine', with: own({ readOnly: true }) },
    { docker: 'docker run -v data:/data -v /cache alpine', with: restricted },
    { docker: 'docker run -v /home/alice/project:/app alpine', with: restricted, breaks: [''] },
    { docker: 'docker run -v /etc/localtime:/etc/localtime:ro alpine', with: restricted, breaks: [''] },
    {
      docker: 'docker run -v /srv/x:/x:rslave alpine',
      with: { ...restricted, allowPaths: ['/srv/**'] },
      breaks: ['propagation'],
    },
  ],
});

function own(stated: Partial<Parameters>): Parameters {
  return parameters.parse(stated);
}

function checkPath(mount: HostMount, parameters: Parameters, context: Context): Finding | undefined {
  const { path, writtenAs, readOnly } = mount;
  const flag = shownFlag(mount.flag);
  const { allowPaths, denyPaths, allowProtected } = parameters;
  const real = realPath(path);
  if (path.length > longestPath)
    return {
      message: `${flag} names a path that is longer than any on Linux.`,
      fix: 'bind a path that exists.',
    };
  if (denyPaths.some((pattern) => touches(realPath(pattern), real, context.subject))) {
    return {
      message: `${flag} binds ${quote(path)}, which this policy keeps from containers.`,
      fix: 'bind another folder, or use a named volume: -v data:/data.',
      value: printable(path),
    };
  }
  const reached = protectedBy(path, readOnly, context.protect);
  if (reached !== undefined && (!allowProtected || isOwn(path, context.protect)))
    return protectedFinding(mount, reached, context.protect);
  // A public file lies where its system keeps it, which nobody should have to list.
  const listed = writtenAs === undefined || !isPublicFile(writtenAs) ? allowPaths : undefined;
  if (listed !== undefined && !isListed(listed, real, readOnly, context.subject))
    return unlistedFinding(mount, listed, context.subject);
  if (parameters.readOnly && !readOnly) {
    return {
      part: 'readOnly',
      message: `${flag} is writable; binds are read-only here.`,
      fix: readOnlyFix(mount),
      value: printable(path),
    };
  }
  return undefined;
}

function protectedFinding(mount: HostMount, { path, what, how }: Reached, protect: Protect): Finding {
  const ways = {
    at: `gives the container ${path === '/' ? what : `${path}, ${what}`}`,
    below: `gives the container a part of ${path}, ${what}`,
    above: `gives the container a folder with ${path} in it, ${what}`,
  };
  const openReadOnly = !mount.readOnly && protectedBy(mount.path, true, protect) === undefined;
  return {
    message: `${shownFlag(mount.flag)} ${ways[how]}.`,
    fix: openReadOnly
      ? readOnlyFix(mount)
      : 'bind a folder of your own, as in -v /home/alice/project:/app, or use a named volume: -v data:/data.',
    value: printable(mount.path),
  };
}

function unlistedFinding(mount: HostMount, allowPaths: readonly string[], subject: Subject): Finding {
  const open = isListed(allowPaths, realPath(mount.path), true, subject);
  const listed =
    allowPaths.length === 0
      ? 'use a named volume: -v data:/data.'
      : `bind one of ${showPatterns(allowPaths, subject)}.`;
  return {
    message: open
      ? `${shownFlag(mount.flag)} binds ${quote(mount.path)} writable, which may be bound read-only.`
      : `${shownFlag(mount.flag)} binds ${quote(mount.path)}, which is not among the paths that may be bound here.`,
    fix: open ? readOnlyFix(mount) : listed,
    value: printable(mount.path),
  };
}

function readOnlyFix({ flag, byVolume }: HostMount): string {
  if (byVolume) return 'add `ro` to the options in `o`.';
  return flag.startsWith('--mount') ? 'add `,readonly` to the --mount.' : 'add `:ro` to the -v.';
}

function isListed(patterns: readonly string[], real: string, readOnly: boolean, subject: Subject): boolean {
  return patterns.some((pattern) => {
    if (!pattern.endsWith(':ro')) return matchesFor(realPath(pattern), real, subject);
    return readOnly && matchesFor(realPath(pattern.slice(0, -':ro'.length)), real, subject);
  });
}

/** Whether a path is what the pattern names, lies below it, or above it. */
function touches(pattern: string, path: string, subject: Subject): boolean {
  const below = pattern.endsWith('/**') ? pattern : `${pattern}/**`;
  return matchesFor(below, path, subject) || isAbove(path, pattern, subject);
}

function isAbove(path: string, pattern: string, subject: Subject): boolean {
  const named = pattern.split('/').slice(1);
  const segments = path === '/' ? [] : path.split('/').slice(1);
  if (segments.length >= named.length) return false;
  return segments.every((segment, index) => {
    const part = named[index] ?? '**';
    return !part.includes('**') && matchesFor(part, segment, subject);
  });
}
