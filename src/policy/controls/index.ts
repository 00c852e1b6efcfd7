import type { AnyControl } from '../control.ts';
import { actions } from './actions.ts';
import { appArmor } from './appArmor.ts';
import { archive } from './archive.ts';
import { binds } from './binds.ts';
import { blkio } from './blkio.ts';
import { build } from './build.ts';
import { capabilities } from './capabilities.ts';
import { cpus } from './cpus.ts';
import { cpuset } from './cpuset.ts';
import { dockerSocket } from './dockerSocket.ts';
import { env } from './env.ts';
import { exec } from './exec.ts';
import { hostNamespaces } from './hostNamespaces.ts';
import { images } from './images.ts';
import { joinNamespaces } from './joinNamespaces.ts';
import { labels } from './labels.ts';
import { memory } from './memory.ts';
import { memorySwap } from './memorySwap.ts';
import { oom } from './oom.ts';
import { pids } from './pids.ts';
import { ports } from './ports.ts';
import { privileged } from './privileged.ts';
import { restart } from './restart.ts';
import { seLinux } from './seLinux.ts';
import { shmSize } from './shmSize.ts';
import { systemPaths } from './systemPaths.ts';
import { ulimits } from './ulimits.ts';
import { unknownFields } from './unknownFields.ts';
import { user } from './user.ts';
import { volumes } from './volumes.ts';

/** Every control, in the order in which a denial lists them: the most dangerous first. */
export const controls: readonly AnyControl[] = [
  privileged,
  dockerSocket,
  binds,
  capabilities,
  hostNamespaces,
  joinNamespaces,
  appArmor,
  seLinux,
  systemPaths,
  volumes,
  exec,
  build,
  actions,
  unknownFields,
  user,
  images,
  ports,
  archive,
  env,
  labels,
  memory,
  memorySwap,
  cpus,
  pids,
  shmSize,
  cpuset,
  ulimits,
  oom,
  blkio,
  restart,
];
