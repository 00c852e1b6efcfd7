import type { AnyControl } from '../control.ts';
import { actions } from './actions.ts';
import { annotations } from './annotations.ts';
import { appArmor } from './appArmor.ts';
import { archive } from './archive.ts';
import { binds } from './binds.ts';
import { blkio } from './blkio.ts';
import { build } from './build.ts';
import { capabilities } from './capabilities.ts';
import { cgroupParent } from './cgroupParent.ts';
import { cpus } from './cpus.ts';
import { cpuset } from './cpuset.ts';
import { devices } from './devices.ts';
import { dockerSocket } from './dockerSocket.ts';
import { env } from './env.ts';
import { exec } from './exec.ts';
import { groupAdd } from './groupAdd.ts';
import { hostNamespaces } from './hostNamespaces.ts';
import { images } from './images.ts';
import { joinNamespaces } from './joinNamespaces.ts';
import { labels } from './labels.ts';
import { logging } from './logging.ts';
import { memory } from './memory.ts';
import { memorySwap } from './memorySwap.ts';
import { networks } from './networks.ts';
import { noNewPrivileges } from './noNewPrivileges.ts';
import { oom } from './oom.ts';
import { pids } from './pids.ts';
import { ports } from './ports.ts';
import { privileged } from './privileged.ts';
import { readOnlyRoot } from './readOnlyRoot.ts';
import { restart } from './restart.ts';
import { runtime } from './runtime.ts';
import { seccomp } from './seccomp.ts';
import { seLinux } from './seLinux.ts';
import { shmSize } from './shmSize.ts';
import { sysctls } from './sysctls.ts';
import { systemPaths } from './systemPaths.ts';
import { tmpfs } from './tmpfs.ts';
import { ulimits } from './ulimits.ts';
import { unknownFields } from './unknownFields.ts';
import { user } from './user.ts';
import { volumes } from './volumes.ts';
import { volumesFrom } from './volumesFrom.ts';

/** Every control, in the order in which a denial lists them: the most dangerous first. */
export const controls: readonly AnyControl[] = [
  privileged,
  dockerSocket,
  binds,
  volumes,
  hostNamespaces,
  capabilities,
  devices,
  seccomp,
  appArmor,
  seLinux,
  systemPaths,
  sysctls,
  cgroupParent,
  runtime,
  annotations,
  logging,
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
  networks,
  joinNamespaces,
  volumesFrom,
  noNewPrivileges,
  readOnlyRoot,
  groupAdd,
  tmpfs,
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
