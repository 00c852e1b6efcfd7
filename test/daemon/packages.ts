/**
 * Real daemons for the tests, without installing anything: Debian's packages are downloaded from the mirror
 * that this machine's own apt already uses, and unpacked with `dpkg -x` into a cache outside the tree. No package
 * script runs, no service starts, dpkg's database is not touched.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { type Apt, aptFor, reason } from './apt.ts';
import { isExecutable, onPath } from './onpath.ts';

const run = promisify(execFile);

/** The daemons the tests run on, by the release of Docker: bookworm's (or `DOCKERD`) and trixie's. */
export type Release = '20.10' | '26.1';

/** What one daemon needs to run. All paths are absolute. */
export interface Programs {
  readonly release: Release;
  readonly dockerd: string;
  /** Folders that go first in the daemon's PATH, in this order. */
  readonly path: readonly string[];
  /** Folders with the libraries that this machine lacks, for LD_LIBRARY_PATH; often empty. */
  readonly libraries: readonly string[];
  /** Extensions of an unpacked iptables, for XTABLES_LIBDIR; absent when the machine has its own iptables. */
  readonly xtables?: string;
  /** Whether any iptables works here; without, the daemon gets no bridge. */
  readonly iptables: boolean;
}

export interface Packages {
  /** bookworm's 20.10.24, or what `DOCKERD` points at. */
  readonly '20.10': Programs;
  /** trixie's 26.1.5; absent, after a loud line on stderr, when it alone cannot be had. */
  readonly '26.1'?: Programs;
  /** The docker CLI: the one on PATH, else bookworm's. */
  readonly docker: string;
  /** A static busybox, from which the test images are made. */
  readonly busybox: string;
  /** Debian's docker-registry; absent only with `DOCKERD` on a machine where Debian's packages cannot be had. */
  readonly registry?: string;
  /** Compose v2 and buildx as CLI plugins (trixie's); absent with 26.1. */
  readonly cliPlugins?: { readonly compose: string; readonly buildx: string };
}

// Changing what is unpacked, or how, changes this number: an old cache is then left alone and a new one made.
const LAYOUT = 1;

const BOOKWORM = ['docker.io', 'containerd', 'runc', 'tini', 'busybox-static', 'docker-registry'];
const TRIXIE = ['docker.io', 'containerd', 'docker-compose', 'docker-buildx'];
const IPTABLES = ['iptables'];
// Everything below the daemon and iptables that a slim Debian may lack, with what these need in turn. They are
// fetched only when the loader misses something, and used only for what it misses.
const LIBRARIES = [
  'libdevmapper1.02.1',
  'libsystemd0',
  'libseccomp2',
  'libselinux1',
  'libpcre2-8-0',
  'libudev1',
  'libcap2',
  'libgcrypt20',
  'libgpg-error0',
  'liblz4-1',
  'liblzma5',
  'libzstd1',
  'libip4tc2',
  'libip6tc2',
  'libxtables12',
  'libmnl0',
  'libnfnetlink0',
  'libnetfilter-conntrack3',
  'libnftnl11',
];

/**
 * Brings the daemons into the cache, or finds them there (then it takes some ten milliseconds).
 *
 * @returns where everything is.
 * @throws Error that says what to do when the packages of bookworm cannot be had and `DOCKERD` does not help.
 */
export async function packages(): Promise<Packages> {
  const { DOCKERD: own } = process.env;
  if (own !== undefined && own !== '' && !(await isExecutable(own))) {
    throw new Error(
      `DOCKERD is \`${own}\`, which is not an executable file. Give the full path of a dockerd.`,
    );
  }
  const dockerd = own === '' ? undefined : own;
  let bookworm: string | undefined;
  try {
    bookworm = await fetched('bookworm', unpackBookworm);
  } catch (error) {
    if (dockerd === undefined) throw new Error(cannotFetch('bookworm', error), { cause: error });
    loudly(`Debian bookworm's packages cannot be had (${reason(error)}); going on with DOCKERD alone.`);
  }
  let trixie: string | undefined;
  if (bookworm !== undefined) {
    try {
      trixie = await fetched('trixie', unpackTrixie);
    } catch (error) {
      loudly(`Debian trixie's Docker 26.1 cannot be had; the tests on it are SKIPPED. ${reason(error)}`);
    }
  }
  return assemble(dockerd, bookworm, trixie);
}

async function assemble(
  own: string | undefined,
  bookworm: string | undefined,
  trixie: string | undefined,
): Promise<Packages> {
  const unpacked = bookworm === undefined ? [] : [join(bookworm, 'usr/sbin'), join(bookworm, 'usr/bin')];
  const docker = (await onPath('docker')) ?? (bookworm && join(bookworm, 'usr/bin/docker'));
  if (docker === undefined) {
    throw new Error(
      'there is no `docker` on PATH. Install the docker CLI, or run on Debian, where it is unpacked.',
    );
  }
  const busybox = bookworm === undefined ? await onPath('busybox') : join(bookworm, 'bin/busybox');
  if (busybox === undefined) {
    throw new Error(
      'there is no `busybox` on PATH. Install a static one (busybox-static); test images need it.',
    );
  }
  const libraries =
    bookworm !== undefined && existsSync(join(bookworm, 'lib-missing'))
      ? [join(bookworm, 'lib-missing')]
      : [];
  const tables = await iptables(bookworm, libraries);
  if (tables === undefined) loudly('no iptables works on this kernel: daemons run without bridge networks.');
  const common = {
    libraries,
    iptables: tables !== undefined,
    ...(tables?.xtables === undefined ? {} : { xtables: tables.xtables }),
  };
  const tail = [...(tables === undefined ? [] : [tables.path]), ...unpacked];
  return {
    '20.10': {
      release: '20.10',
      dockerd: own ?? join(unpacked[0] ?? '', 'dockerd'),
      path: own === undefined ? tail : [dirname(own), ...tail],
      ...common,
    },
    ...(trixie === undefined
      ? {}
      : {
          '26.1': {
            release: '26.1' as const,
            dockerd: join(trixie, 'usr/sbin/dockerd'),
            // bookworm's runc comes first: trixie's is built against a newer libc and libseccomp.
            path: [join(trixie, 'bin-first'), join(trixie, 'usr/sbin'), join(trixie, 'usr/bin'), ...tail],
            ...common,
          },
          cliPlugins: {
            compose: join(trixie, 'usr/libexec/docker/cli-plugins/docker-compose'),
            buildx: join(trixie, 'usr/libexec/docker/cli-plugins/docker-buildx'),
          },
        }),
    docker,
    busybox,
    ...(bookworm === undefined ? {} : { registry: join(bookworm, 'usr/bin/docker-registry') }),
  };
}

/** The folder of tests' downloads, made when missing. */
export async function cacheFolder(): Promise<string> {
  const { BULWARK_TEST_CACHE: chosen, XDG_CACHE_HOME: xdg } = process.env;
  const folder = chosen || join(xdg || join(homedir(), '.cache'), 'bulwark-test');
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * The finished folder of a release. It is made beside its place and renamed into it, so what has that name is
 * complete, and of two runs at once the slower throws its own away.
 */
async function fetched(
  name: string,
  unpack: (folder: string, cache: string) => Promise<void>,
): Promise<string> {
  const cache = await cacheFolder();
  const done = join(cache, `${name}-${process.arch}-${LAYOUT}`);
  if (existsSync(done)) return done;
  await sweepHalfFinished(cache);
  const making = join(cache, `.making-${process.pid}-${randomUUID()}`);
  await mkdir(making);
  try {
    process.stderr.write(`bulwark tests: fetching Debian ${name}'s Docker into ${cache} (once)\n`);
    await unpack(making, cache);
    await rename(making, done).catch((error: unknown) => {
      if (!existsSync(done)) throw error;
    });
    return done;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Removes what runs left behind that were killed while fetching. */
async function sweepHalfFinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /^\.making-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
}

async function unpackBookworm(folder: string): Promise<void> {
  const apt = await aptFor('bookworm', folder);
  await apt.unpack([...BOOKWORM, ...IPTABLES]);
  await linkTables(folder);
  const programs = [
    'usr/sbin/dockerd',
    'usr/bin/containerd',
    'usr/bin/containerd-shim-runc-v2',
    'usr/sbin/runc',
    'usr/sbin/xtables-nft-multi',
    'usr/sbin/xtables-legacy-multi',
    'usr/bin/docker-registry',
    'usr/bin/docker',
  ].map((path) => join(folder, path));
  const lacking = await missingLibraries(programs, []);
  if (lacking.size > 0) await addLibraries(apt, folder, programs);
  await apt.tidy();
}

async function unpackTrixie(folder: string): Promise<void> {
  const apt = await aptFor('trixie', folder);
  await apt.unpack(TRIXIE);
  const bookworm = await fetched('bookworm', unpackBookworm);
  await mkdir(join(folder, 'bin-first'));
  await symlink(join(bookworm, 'usr/sbin/runc'), join(folder, 'bin-first/runc'));
  const programs = ['usr/sbin/dockerd', 'usr/bin/containerd', 'usr/bin/containerd-shim-runc-v2'];
  const lacking = await missingLibraries(
    programs.map((path) => join(folder, path)),
    [join(bookworm, 'lib-missing')],
  );
  if (lacking.size > 0) throw new Error(`its daemon misses ${[...lacking].join(', ')} on this machine.`);
  await apt.tidy();
}

/** Puts those libraries into `lib-missing`, and only those, that the loader does not find on this machine. */
async function addLibraries(apt: Apt, folder: string, programs: readonly string[]): Promise<void> {
  const aside = join(folder, 'libraries');
  await apt.unpack(LIBRARIES, aside);
  const triplet = (
    await run('dpkg-architecture', ['-qDEB_HOST_MULTIARCH']).catch(() => undefined)
  )?.stdout.trim();
  const triplets = triplet === undefined ? ['x86_64-linux-gnu', 'aarch64-linux-gnu'] : [triplet];
  const places = triplets.flatMap((t) => [join(aside, 'usr/lib', t), join(aside, 'lib', t)]);
  const target = join(folder, 'lib-missing');
  await mkdir(target);
  // A library that is added may miss others in turn, so this goes on until a round adds nothing.
  for (let lacking = await missingLibraries(programs, [target]); lacking.size > 0; ) {
    for (const name of lacking) {
      const found = places.map((place) => join(place, name)).find((path) => existsSync(path));
      if (found === undefined)
        throw new Error(`library ${name} is missing, and is in none of Debian's packages.`);
      // Relative, since the folder is renamed once it is complete.
      await symlink(join('..', found.slice(folder.length + 1)), join(target, name));
    }
    const next = await missingLibraries(programs, [target]);
    if ([...next].every((name) => lacking.has(name)) && next.size > 0) {
      throw new Error(`the loader does not take ${[...next].join(', ')} from ${target}.`);
    }
    lacking = next;
  }
}

async function missingLibraries(
  programs: readonly string[],
  folders: readonly string[],
): Promise<Set<string>> {
  const missing = new Set<string>();
  for (const program of programs) {
    const env = folders.length === 0 ? process.env : { ...process.env, LD_LIBRARY_PATH: folders.join(':') };
    // ldd exits 1 for a static program.
    const { stdout } = await run('ldd', [program], { env }).catch(() => ({ stdout: '' }));
    for (const [, name] of stdout.matchAll(/^\s*(\S+) => not found$/gm))
      if (name !== undefined) missing.add(name);
  }
  return missing;
}

/** Debian makes `iptables` itself by update-alternatives, which `dpkg -x` does not run. */
async function linkTables(folder: string): Promise<void> {
  for (const kind of ['nft', 'legacy']) {
    const target = join(folder, `iptables-${kind}`);
    await mkdir(target);
    for (const family of ['iptables', 'ip6tables']) {
      for (const what of ['', '-save', '-restore']) {
        await symlink(`../usr/sbin/xtables-${kind}-multi`, join(target, `${family}${what}`));
      }
    }
  }
}

/**
 * The folder of an iptables that works on this kernel: the machine's own where there is one, else bookworm's, its
 * nft form before the legacy one. It is tried in a network namespace of its own.
 *
 * @returns undefined when none works: the daemons then run without bridge networks.
 */
async function iptables(
  bookworm: string | undefined,
  libraries: readonly string[],
): Promise<{ path: string; xtables?: string } | undefined> {
  const installed = await onPath('iptables');
  const candidates: { path: string; xtables?: string }[] =
    installed === undefined ? [] : [{ path: dirname(installed) }];
  if (bookworm !== undefined) {
    const lib = join(bookworm, 'usr/lib');
    const triplet = (await readdir(lib)).find((name) => existsSync(join(lib, name, 'xtables')));
    for (const kind of ['nft', 'legacy']) {
      const path = join(bookworm, `iptables-${kind}`);
      candidates.push(triplet === undefined ? { path } : { path, xtables: join(lib, triplet, 'xtables') });
    }
  }
  for (const candidate of candidates) {
    const env = {
      ...process.env,
      ...(libraries.length > 0 && { LD_LIBRARY_PATH: libraries.join(':') }),
      ...(candidate.xtables !== undefined && { XTABLES_LIBDIR: candidate.xtables }),
    };
    // The MASQUERADE and addrtype extensions are what the daemon's own rules need beyond the bare tables.
    const rule = ['-t', 'nat', '-A', 'OUTPUT', '-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'RETURN'];
    const tried = await run('unshare', ['--net', join(candidate.path, 'iptables'), ...rule], { env }).catch(
      () => undefined,
    );
    if (tried !== undefined) return candidate;
  }
  return undefined;
}

function cannotFetch(release: string, error: unknown): string {
  return [
    `the tests on real daemons need Debian ${release}'s docker.io, and it cannot be had: ${reason(error)}`,
    'Either run them on Debian (or a container of it) whose apt reaches its mirror; try `apt-get update` first.',
    'Or give a daemon of your own, with containerd, runc and a static busybox on PATH: DOCKERD=/usr/bin/dockerd npm test',
    'To run the tests that need no daemon: npm run test:unit',
  ].join('\n');
}

function loudly(text: string): void {
  process.stderr.write(`\n*** bulwark tests: ${text}\n\n`);
}
