import { actions } from './actions.js';
import { annotations } from './annotations.js';
import { appArmor } from './appArmor.js';
import { archive } from './archive.js';
import { binds } from './binds.js';
import { blkio } from './blkio.js';
import { build } from './build.js';
import { capabilities } from './capabilities.js';
import { cgroupParent } from './cgroupParent.js';
import { cpus } from './cpus.js';
import { cpuset } from './cpuset.js';
import { devices } from './devices.js';
import { dockerSocket } from './dockerSocket.js';
import { env } from './env.js';
import { exec } from './exec.js';
import { groupAdd } from './groupAdd.js';
import { hostNamespaces } from './hostNamespaces.js';
import { images } from './images.js';
import { joinNamespaces } from './joinNamespaces.js';
import { labels } from './labels.js';
import { logging } from './logging.js';
import { memory } from './memory.js';
import { memorySwap } from './memorySwap.js';
import { networks } from './networks.js';
import { noNewPrivileges } from './noNewPrivileges.js';
import { oom } from './oom.js';
import { pids } from './pids.js';
import { ports } from './ports.js';
import { privileged } from './privileged.js';
import { readOnlyRoot } from './readOnlyRoot.js';
import { restart } from './restart.js';
import { runtime } from './runtime.js';
import { seccomp } from './seccomp.js';
import { seLinux } from './seLinux.js';
import { shmSize } from './shmSize.js';
import { sysctls } from './sysctls.js';
import { systemPaths } from './systemPaths.js';
import { tmpfs } from './tmpfs.js';
import { ulimits } from './ulimits.js';
import { unknownFields } from './unknownFields.js';
import { user } from './user.js';
import { volumes } from './volumes.js';
import { volumesFrom } from './volumesFrom.js';
/** Every control, in the order in which a denial lists them: the most dangerous first. */
export const controls = [
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
