import { z } from 'zod';
import type { Volume } from '../../model/objects.ts';
import { printable, quote } from '../../model/printable.ts';
import type { Subject } from '../../model/subject.ts';
import { control, type Finding } from '../control.ts';
import { harmlessTypes, isLocal, shownFlag, volumePaths, volumeType } from '../hostMounts.ts';
import { matches, matchesFor } from '../pattern.ts';
import { showList, showPatterns } from '../show.ts';

const parameters = z.strictObject({
  drivers: z
    .array(z.string())
    .optional()
    .describe("Volume drivers that may be used, as patterns; the daemon's own is `local`. Absent: any."),
  types: z
    .array(z.string())
    .optional()
    .describe(
      "What volumes of the `local` driver may mount, as patterns of their `type` option; `bind` for one that binds, whatever its type, and `remount` for one that changes a mount. Volumes without options always pass. A path that is bound is `binds`' matter as well. Absent: any.",
    ),
  names: z
    .array(z.string())
    .optional()
    .describe(
      'Names of volumes that may be made or mounted, as patterns. Volumes without a name always pass. Absent: any.',
    ),
});
type Parameters = z.infer<typeof parameters>;

/** A volume plugin is root on the host, and its options may name any folder; a file server takes the caller's word for who writes. */
const restricted: Parameters = { drivers: ['local'], types: ['tmpfs'] };

export const volumes = control({
  name: 'volumes',
  flags: [
    'docker volume create',
    'docker run -v',
    'docker run --mount type=volume',
    'docker run --volume-driver',
  ],
  about:
    'By its driver options a volume of the `local` driver can bind any path of the host, lay an overlay over it or mount its disks and kernel file systems; behind its name nobody sees that. Volumes in memory and from file servers are harmless.',
  reads: ['container', 'volumes'],
  fields: [
    'VolumeCreate.Name',
    'VolumeCreate.Driver',
    'VolumeCreate.DriverOpts',
    'HostConfig.VolumeDriver',
    'HostConfig.Binds',
    'HostConfig.Mounts',
    'MountPoint.*',
    'VolumeInspect.*',
    'Config.Volumes',
    'ContainerSpec.Mounts',
    'Mount.Type',
    'Mount.Source',
    'Mount.VolumeOptions',
    'VolumeOptions.DriverConfig',
    'DriverConfig.*',
  ],
  parameters,
  needs: () => ['volumes'],
  profiles: { baseline: { types: [...harmlessTypes] }, restricted },
  check({ object }, parameters, { subject }) {
    const findings = (object.volumes ?? []).flatMap((volume) => checkVolume(volume, parameters, subject));
    for (const { type, source = '', flag } of object.container?.mounts ?? []) {
      if (type === 'cluster') findings.push(...checkName(source, flag, parameters.names, subject));
    }
    return findings;
  },
  examples: [
    // Everyday work.
    { docker: 'docker volume create data' },
    { docker: 'docker volume create --label team=web' },
    { docker: 'docker run -v data:/data -v /cache --mount type=volume,src=db,dst=/db alpine' },
    { docker: 'docker volume create -o type=tmpfs -o device=tmpfs -o o=size=100m,uid=1000 v' },
    { docker: 'docker volume create -o type=nfs -o o=addr=10.0.0.5,rw -o device=:/export v' },
    { docker: 'docker volume create -o type=cifs -o o=username=a,password=b -o device=//nas/share v' },
    { docker: 'docker volume create -d rclone -o remote=s3:bucket v' },
    // Volumes that bind.
    { docker: 'docker volume create -o type=none -o o=bind -o device=/ v', breaks: [''] },
    { docker: 'docker volume create -o type=none -o o=rbind -o device=/home/alice v', breaks: [''] },
    { docker: 'docker volume create -o type=tmpfs -o o=ro,nosuid,bind -o device=/etc v', breaks: [''] },
    { docker: 'docker volume create -o type=nfs -o o=bind,addr=10.0.0.5 -o device=/etc v', breaks: [''] },
    { docker: 'docker volume create -d local -o type=none -o o=bind -o device=/root', breaks: [''] },
    { docker: 'docker volume create -o type=tmpfs -o o=remount,rw -o device=tmpfs v', breaks: [''] },
    {
      docker:
        'docker run --mount type=volume,dst=/x,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/ alpine',
      breaks: [''],
    },
    {
      docker:
        'docker service create --mount type=volume,src=v,dst=/x,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/ alpine',
      breaks: [''],
    },
    // Overlays, disks, the kernel's own.
    {
      docker:
        'docker volume create -o type=overlay -o o=lowerdir=/etc,upperdir=/u,workdir=/w -o device=overlay v',
      breaks: [''],
    },
    { docker: 'docker volume create -o type=ext4 -o device=/dev/sda1 v', breaks: [''] },
    { docker: 'docker volume create -o type=proc -o device=proc v', breaks: [''] },
    { docker: 'docker volume create -o type=devtmpfs -o device=devtmpfs v', breaks: [''] },
    // Under parameters of one's own.
    {
      docker: 'docker volume create -o type=none -o o=bind -o device=/srv/x v',
      with: { types: ['bind'] },
    },
    {
      docker: 'docker volume create -o type=nfs -o device=:/x -o o=addr=h v',
      with: { types: [] },
      breaks: [''],
    },
    { docker: 'docker volume create -d rclone v', with: { drivers: ['local'] }, breaks: ['driver'] },
    {
      docker: 'docker run --volume-driver rclone -v v1:/x alpine',
      with: { drivers: ['local'] },
      breaks: ['driver'],
    },
    { docker: 'docker volume create v1', with: { drivers: ['local'] } },
    { docker: 'docker run -v alice_db:/x -v /y alpine', with: { names: ['alice_*'] } },
    { docker: 'docker run -v bob_db:/x alpine', with: { names: ['alice_*'] }, breaks: ['name'] },
    { docker: 'docker volume create bob_db', with: { names: ['{subject}_*'] }, breaks: ['name'] },
    { docker: 'docker run -v data:/data -v /cache alpine', with: restricted },
    { docker: 'docker volume create -o type=tmpfs -o device=tmpfs -o o=size=100m v', with: restricted },
    {
      docker: 'docker volume create -o type=nfs -o o=addr=10.0.0.5,rw -o device=:/export v',
      with: restricted,
      breaks: [''],
    },
    { docker: 'docker volume create -d rclone -o remote=s3:bucket v', with: restricted, breaks: ['driver'] },
  ],
});

function checkVolume(volume: Volume, { drivers, types, names }: Parameters, subject: Subject): Finding[] {
  const { name = '', driver = '', flag } = volume;
  const findings = checkName(name, flag, names, subject);
  const used = driver || 'local';
  if (drivers !== undefined && !drivers.some((pattern) => matches(pattern, used))) {
    findings.push({
      part: 'driver',
      message: `${shownFlag(flag)} uses the volume driver ${quote(used)}, which is not among those allowed here.`,
      fix: `use one of ${showList(drivers)}.`,
      value: printable(used),
    });
  }
  const type = volumeType(volume);
  // What a plugin makes of `type` is its own affair; what it makes of a bind flag can only be a bind.
  const judged = type !== '' && (isLocal(volume) || type === 'bind');
  if (judged && types !== undefined && !types.some((pattern) => matches(pattern, type))) {
    findings.push({
      message: `${shownFlag(flag)} ${deed(type, volume)}.`,
      fix: 'drop the driver options and use a plain named volume, or bind a folder of your own with -v so that all can see it.',
      value: printable(type),
    });
  }
  return findings;
}

function deed(type: string, volume: Volume): string {
  const paths = volumePaths(volume).map((path) => quote(path));
  const path = paths[0] ?? 'the host';
  switch (type) {
    case 'bind':
      return `makes a volume that binds ${path} of the host under the name of a harmless volume`;
    case 'remount':
      return 'makes a volume that changes a mount of the host';
    case 'overlay':
      return `makes a volume that lays an overlay over folders of the host: ${paths.join(', ')}`;
    case harmlessTypes.find((harmless) => harmless === type):
      return `makes a volume of the type ${quote(type)}, which is not among those allowed here`;
    default:
      return paths.length > 0
        ? `makes a volume that mounts ${path}, a device of the host, as ${quote(type)}`
        : `makes a volume that mounts a file system of the type ${quote(type)} from the host's kernel`;
  }
}

function checkName(name: string, flag: string, names: Parameters['names'], subject: Subject): Finding[] {
  if (name === '' || names === undefined || names.some((pattern) => matchesFor(pattern, name, subject)))
    return [];
  return [
    {
      part: 'name',
      message: `${shownFlag(flag)} uses the volume ${quote(name)}, whose name is not among those allowed here.`,
      fix: `name it after one of ${showPatterns(names, subject)}.`,
      value: printable(name),
    },
  ];
}
