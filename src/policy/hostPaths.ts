import { cleanPath } from '../model/paths.ts';
import type { Protect } from '../model/protect.ts';

/** A place of the host that containers must not have. */
export interface Place {
  readonly path: string;
  /** What it is, to stand behind the path and a comma. */
  readonly what: string;
}

/** A place together with how a path lies to it: `at` it, `below` it, or `above` it, so that it is reached on the way down. */
export interface Reached extends Place {
  readonly how: 'at' | 'below' | 'above';
}

/** Folders that are links on whole families of systems; where one is none, it is protected all the same. */
const links: readonly [RegExp, string][] = [
  // ostree (Fedora Silverblue, CoreOS, IoT) keeps what is writable below /var: `/home` is the link. Elsewhere there is none.
  [/^\/var\/(?=(?:home|srv|mnt)(?:\/|$))/, '/'],
  [/^\/var\/roothome(?=\/|$)/, '/root'],
  // Merged /usr.
  [/^\/var\/run(?=\/|$)/, '/run'],
  [/^\/var\/lock(?=\/|$)/, '/run/lock'],
  [/^\/(?=(?:bin|sbin|lib[^/]*)(?:\/|$))/, '/usr/'],
];

/** A host path, or a pattern of them, by the name that the well-known links of a Linux host lead to. Cleans it first. */
export function realPath(path: string): string {
  const clean = cleanPath(path);
  for (const [link, target] of links) {
    if (link.test(clean)) return clean.replace(link, target);
  }
  return clean;
}

/** Whoever writes here, or reads some of it, has the host. Each with all that lies below it. */
const protectedPlaces: readonly Place[] = [
  { path: '/etc', what: "the host's configuration and password hashes" },
  { path: '/root', what: 'the home of root' },
  { path: '/proc', what: "the host's processes and kernel settings" },
  { path: '/sys', what: "the kernel's own files" },
  { path: '/dev', what: "the host's devices" },
  { path: '/boot', what: "the host's kernel and boot loader" },
  { path: '/usr', what: "the host's programs and libraries" },
  { path: '/run', what: "the sockets of the host's services" },
  { path: '/var', what: "the data of the host's services and of all containers" },
  // containerd puts /opt/containerd/bin in front of its PATH (S, its plugins/services/opt).
  { path: '/opt/containerd', what: 'where containerd looks for programs that it runs as root' },
  // The system itself on NixOS, Guix and the ostree distributions.
  { path: '/nix', what: "the host's programs" },
  { path: '/gnu', what: "the host's programs" },
  { path: '/ostree', what: "the host's system" },
  { path: '/sysroot', what: "the host's system" },
];

/** Protected as a whole, while what lies below belongs to users. */
const protectedAlone: readonly Place[] = [{ path: '/home', what: 'the homes of all users' }];

const open = ['/var/tmp', '/var/www'];
const openReadOnly = [
  '/etc/zoneinfo', // Alpine, NixOS
  '/gnu/store',
  '/nix/store',
  '/usr/lib/os.release.d', // Fedora
  '/usr/share/zoneinfo',
  '/var/lib/ca-certificates', // openSUSE
  '/var/log',
];
/**
 * World-readable and without secrets, bound by many images that ask for the host's time zone or certificates; and where
 * these lead as links.
 */
const openFilesReadOnly = [
  '/etc/ca-certificates/extracted/tls-ca-bundle.pem', // Arch
  '/etc/localtime',
  '/etc/os-release',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/timezone',
  '/usr/lib/os-release',
  '/usr/lib64/os-release', // where /usr/lib is a link: Flatcar
];

/**
 * What protected place of the host a bind of this path gives away, if any. `/` comes out as `at` itself.
 * Lexical: where links lead must be asked as a path of its own.
 * @param readOnly whether the bind is: some places may be read by everybody
 */
export function protectedBy(path: string, readOnly: boolean, protect: Protect): Reached | undefined {
  const real = realPath(path);
  if (real === '/') return { path: '/', what: 'the root of the host', how: 'at' };
  const own = ownReached(real, protect);
  if (own !== undefined && own.how !== 'above') return own;
  const known = isOpen(real, readOnly) ? undefined : placeReached(real);
  return known !== undefined && known.how !== 'above' ? known : (own ?? known);
}

/** Whether a path is one of Bulwark's own or lies below one: these stay out of reach under any policy. */
export function isOwn(path: string, protect: Protect): boolean {
  const own = ownReached(realPath(path), protect);
  return own !== undefined && own.how !== 'above';
}

function ownReached(real: string, { paths, sockets: daemonSockets }: Protect): Reached | undefined {
  const what = 'which belongs to Bulwark or the daemon';
  const own = [...paths, ...daemonSockets].map((path) => ({ path: realPath(path), what }));
  return firstReached(real, own);
}

function placeReached(real: string): Reached | undefined {
  const alone = protectedAlone.find((place) => place.path === real);
  return alone === undefined ? firstReached(real, protectedPlaces) : { ...alone, how: 'at' };
}

function isOpen(real: string, readOnly: boolean): boolean {
  if (open.some((place) => isWithin(real, place))) return true;
  if (!readOnly) return false;
  return openFilesReadOnly.includes(real) || openReadOnly.some((place) => isWithin(real, place));
}

/** Whether a path is one of the host's files that everybody may read, by the name under which images ask for it. */
export function isPublicFile(path: string): boolean {
  return openFilesReadOnly.includes(realPath(path));
}

/** Sockets that command a daemon which runs as root, and folders that are full of them. */
const sockets: readonly Place[] = [
  { path: '/run/docker.sock', what: 'the socket of the Docker daemon' },
  { path: '/run/docker/plugins', what: "the sockets of the Docker daemon's plugins" },
  { path: '/run/docker/containerd', what: 'the socket of containerd' },
  { path: '/run/docker/swarm', what: 'the control socket of the swarm' },
  { path: '/run/containerd', what: 'the sockets of containerd' },
  { path: '/run/nri', what: 'the socket by which plugins rewrite every container' },
  { path: '/run/podman', what: 'the socket of Podman' },
  { path: '/run/crio', what: 'the socket of CRI-O' },
  { path: '/run/cri-dockerd.sock', what: 'a socket that creates containers' },
  { path: '/run/dockershim.sock', what: 'a socket that creates containers' },
  { path: '/run/k3s/containerd', what: 'the socket of containerd' },
  { path: '/run/buildkit', what: 'the socket of BuildKit' },
];

/** Where files tell the daemon of sockets. Their parents hold no sockets, so those are a matter of `protectedBy` alone. */
const pluginFolders: readonly Place[] = [
  { path: '/etc/docker/plugins', what: 'the folder that tells the Docker daemon where its plugins are' },
  { path: '/usr/lib/docker/plugins', what: 'the folder that tells the Docker daemon where its plugins are' },
];

/** The same sockets wherever a rootless daemon, Docker Desktop or an administrator put them. */
const socketNames = new Set([
  'buildkitd.sock',
  'containerd.sock',
  'containerd.sock.ttrpc',
  'cri-dockerd.sock',
  'crio.sock',
  'docker.raw.sock',
  'docker.sock',
  'dockershim.sock',
  'podman.sock',
]);

/** What socket of a daemon a bind of this path gives away, if any: the socket itself, or a folder above it. */
export function socketBy(path: string, protect: Protect): Reached | undefined {
  const real = realPath(path);
  const own = protect.sockets.map((socket) => ({ path: realPath(socket), what: 'the socket of the daemon' }));
  const known = firstReached(real, [...own, ...sockets]);
  if (known !== undefined && known.how !== 'above') return known;
  const folder = pluginFolders.find((place) => isWithin(real, place.path));
  if (folder !== undefined) return { ...folder, how: folder.path === real ? 'at' : 'below' };
  const name = real.slice(real.lastIndexOf('/') + 1);
  return socketNames.has(name) ? { path: real, what: 'the socket of a daemon', how: 'at' } : known;
}

/** The first place that the path is in, else the first that it is above. */
function firstReached(real: string, places: readonly Place[]): Reached | undefined {
  const around = places.find((place) => isWithin(real, place.path));
  if (around !== undefined) return { ...around, how: around.path === real ? 'at' : 'below' };
  const inside = places.find((place) => isWithin(place.path, real));
  return inside === undefined ? undefined : { ...inside, how: 'above' };
}

/** Whether a clean path is a folder or lies below it. */
function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
