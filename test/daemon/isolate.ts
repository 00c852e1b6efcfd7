/**
 * Starts a program in namespaces of its own: mounts, network, processes, host name, IPC. Killing its first process
 * ends everything in there.
 */
import { type ChildProcess, spawn } from 'node:child_process';

// What tests and attacks write below these must not stay on the machine that runs them.
const DISPOSABLE = ['boot', 'etc', 'home', 'opt', 'root', 'srv', 'usr', 'var/lib'];

// $1 the test's folder, $2 `shared` or `slave`, the rest is the daemon's command line. It runs as the first process of
// the new process namespace; the /proc that it sees at first is still the host's, which tells its number outside.
const INSIDE = `set -eu
dir=$1 propagation=$2
shift 2
read -r pid rest </proc/self/stat
echo "$pid" >"$dir/init.pid.new"
mount -t proc proc /proc
ip link set lo up
# An address that is not loopback's, which swarm asks for; it leads nowhere, and there is no route to the world.
ip link add eth0 type veth peer name eth0-peer
ip addr add 192.0.2.2/24 dev eth0
ip link set eth0 up
ip link set eth0-peer up
overlay() {
  over="$dir/over/$(echo "$1" | tr / -)"
  mkdir -p "$over/upper" "$over/work"
  chmod --reference="/$1" "$over/upper"
  mount -t overlay -o "lowerdir=/$1,upperdir=$over/upper,workdir=$over/work" overlay "/$1"
}
mkdir -p "$dir/over"
for place in ${DISPOSABLE.join(' ')}; do
  [ -d "/$place" ] && [ ! -L "/$place" ] || continue
  overlay "$place" && continue
  # In a container the folder itself lies on an overlay, which cannot carry another one; memory can.
  mountpoint -q "$dir/over" || mount -t tmpfs tmpfs "$dir/over"
  overlay "$place"
done
mkdir -p /etc/docker
mount --bind "$dir/etc-docker" /etc/docker
[ ! -d /usr/lib/docker/plugins ] || mount -t tmpfs -o size=64k tmpfs /usr/lib/docker/plugins
mount --bind "$dir/run" /run
[ "$propagation" = slave ] || mount --make-rshared /
# As a systemd host, with no units but the test's and the targets: those of the machine would clean /tmp, mount, and more.
if [ -d "$dir/units" ]; then
  mountpoint -q /usr && mountpoint -q /etc
  rm -rf /usr/lib/systemd/system/*.wants /usr/lib/systemd/system-generators /etc/systemd/system
  mkdir /etc/systemd/system
  group=\${dir##*/}
  for top in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [ -e "$top/cgroup.procs" ] || continue
    mkdir -p "$top/$group"
    echo 1 >"$top/$group/cgroup.procs"
  done
  cp -RP "$dir/units/." /etc/systemd/system/
  mv "$dir/init.pid.new" "$dir/init.pid"
  exec env -i container=bulwark-test PATH="$PATH" LANG=C /lib/systemd/systemd --unit=multi-user.target
fi
mv "$dir/init.pid.new" "$dir/init.pid"
exec "$@"
`;

/**
 * Runs `command` as the first process of new namespaces, where `dir/run` is `/run` and `dir/etc-docker` is
 * `/etc/docker`. Its process id outside is in `dir/init.pid` as soon as all is mounted.
 *
 * @returns the process that waits for it, which ends when it has ended, and with it all that it started
 */
export function spawnIsolated(
  dir: string,
  command: readonly string[],
  { env, log, sharedRoot }: { env: Readonly<Record<string, string>>; log: string; sharedRoot: boolean },
): ChildProcess {
  // The daemon must not outlive this process, however that ends: the kernel kills `unshare` with it
  // (pdeathsig), and with `unshare` the whole process namespace (kill-child).
  const isolate = ['--pdeathsig', 'KILL', '--', 'unshare', '--mount', '--propagation', 'slave'];
  const own = ['--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child=KILL'];
  const script = [
    'sh',
    '-c',
    `exec >>'${log}' 2>&1\n${INSIDE}`,
    'dockerd',
    dir,
    sharedRoot ? 'shared' : 'slave',
  ];
  return spawn('setpriv', [...isolate, ...own, ...script, ...command], {
    env: { ...env },
    cwd: '/',
    stdio: 'ignore',
    detached: true,
  });
}
