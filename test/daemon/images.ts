/**
 * The images that every test daemon starts with. They are all one small root file system of static busybox, and are
 * imported once into a data root that later daemons get a copy of: no import goes past the plugin under test.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, statfsSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Dockerd } from './dockerd.ts';
import { cacheFolder, type Packages, type Programs } from './packages.ts';

const run = promisify(execFile);

// statfs(2)'s number for overlayfs.
const OVERLAYFS = 0x794c7630;

// Changing the images changes this number.
const VERSION = 1;

/** Name, and what `docker import --change` sets. Aliases share the first name's image. */
const IMAGES: readonly { readonly names: readonly string[]; readonly changes: readonly string[] }[] = [
  {
    names: [
      'busybox:latest',
      'alpine:latest',
      'alpine:3.20',
      'debian:latest',
      'debian:bookworm-slim',
      'ubuntu:latest',
      'ubuntu:24.04',
    ],
    changes: ['CMD ["/bin/sh"]', 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  },
  {
    // A web server on port 80 that serves /www and logs to stderr.
    names: ['web:latest', 'nginx:latest', 'nginx:alpine'],
    changes: ['CMD ["httpd","-f","-vv","-p","80","-h","/www"]', 'EXPOSE 80', 'WORKDIR /www'],
  },
  {
    // Runs as the user app, uid 1000.
    names: ['app:latest'],
    changes: ['USER app', 'CMD ["/bin/sh"]', 'WORKDIR /home/app'],
  },
];

/**
 * The folder of a data root that holds the images, for copying. Made on the first call for a daemon, which takes a
 * few seconds.
 */
export async function seededData(
  programs: Programs,
  found: Packages,
  start: (programs: Programs, found: Packages) => Promise<Dockerd>,
): Promise<string> {
  const { mtimeMs, size } = statSync(programs.dockerd);
  // In a container the data root lies on an overlay, where dockerd takes another storage driver.
  const nested = statfsSync('/var/tmp').type === OVERLAYFS ? '-nested' : '';
  const name = `images-${programs.release}${nested}-${size.toString(36)}${Math.round(mtimeMs).toString(36)}-${VERSION}`;
  const done = join(await cacheFolder(), name);
  if (existsSync(done)) return done;
  const daemon = await start(programs, found);
  const making = join(await cacheFolder(), `.making-${process.pid}-${randomUUID()}`);
  try {
    await importImages(daemon, found.busybox);
    await daemon.halt();
    // The daemon's identity is its own.
    for (const own of ['engine-id', 'tmp'])
      await rm(join(daemon.dataRoot, own), { recursive: true, force: true });
    await run('cp', ['-a', daemon.dataRoot, making]);
    await rename(making, done).catch((error: unknown) => {
      if (!existsSync(done)) throw error;
    });
    return done;
  } finally {
    await rm(making, { recursive: true, force: true });
    await daemon.stop();
  }
}

async function importImages(daemon: Dockerd, busybox: string): Promise<void> {
  const folder = await makeRootfs(busybox);
  try {
    const { stdout: tar } = await run('tar', ['-C', folder, '-c', '--owner=0', '--group=0', '.'], {
      encoding: 'buffer',
      maxBuffer: 1 << 28,
    });
    for (const { names, changes } of IMAGES) {
      const [first = '', ...aliases] = names;
      const flags = changes.flatMap((change) => ['--change', change]);
      const { code, stderr } = await daemon.dockerWith({ stdin: tar }, 'import', ...flags, '-', first);
      if (code !== 0) throw new Error(`docker import ${first} failed: ${stderr}`);
      for (const alias of aliases) await daemon.docker('tag', first, alias);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A root file system with every applet of busybox, the users root, app (1000) and nobody, and a page in /www. */
async function makeRootfs(busybox: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-rootfs-'));
  await chmod(folder, 0o755);
  for (const name of [
    'bin',
    'dev',
    'etc',
    'home/app',
    'lib',
    'proc',
    'root',
    'srv',
    'sys',
    'tmp',
    'usr/local/bin',
    'var',
    'www',
  ]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  for (const link of ['sbin', 'usr/bin', 'usr/sbin']) {
    await symlink(link.startsWith('usr/') ? '../bin' : 'bin', join(folder, link));
  }
  await copyFile(busybox, join(folder, 'bin/busybox'));
  await chmod(join(folder, 'bin/busybox'), 0o755);
  const { stdout } = await run(busybox, ['--list']);
  for (const applet of stdout.trim().split('\n')) {
    if (applet !== 'busybox') await symlink('busybox', join(folder, 'bin', applet));
  }
  const files = {
    'etc/passwd':
      'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
    'etc/group': 'root:x:0:\napp:x:1000:\nnogroup:x:65534:\n',
    'etc/os-release': 'ID=bulwark-test\nPRETTY_NAME="busybox for Bulwark\'s tests"\n',
    'www/index.html': 'hello from the web image\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await chmod(join(folder, 'tmp'), 0o1777);
  return folder;
}
