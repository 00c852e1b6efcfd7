import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwn, isPublicFile, protectedBy, realPath, socketBy } from './hostPaths.ts';

const protect = {
  paths: ['/srv/bulwark/data', '/var/tmp/bulwark'],
  sockets: ['/mnt/docker/api.sock'],
  container: undefined,
  plugin: 'bulwark',
};

describe('protectedBy', () => {
  it.each([
    // The protected places, what lies below, what lies above.
    ['/', '/', 'at'],
    ['/etc', '/etc', 'at'],
    ['/etc/cdi', '/etc', 'below'],
    ['/etc/shadow', '/etc', 'below'],
    ['/root/.ssh', '/root', 'below'],
    ['/proc/1/root', '/proc', 'below'],
    ['/sys/fs/cgroup', '/sys', 'below'],
    ['/dev/sda', '/dev', 'below'],
    ['/boot', '/boot', 'at'],
    ['/usr/local', '/usr', 'below'],
    ['/var/lib/docker', '/var', 'below'],
    ['/var/lib/containerd', '/var', 'below'],
    ['/var/lib/kubelet', '/var', 'below'],
    ['/run/cdi', '/run', 'below'],
    ['/run/nri', '/run', 'below'],
    ['/opt/containerd/bin', '/opt/containerd', 'below'],
    ['/opt', '/opt/containerd', 'above'],
    ['/home', '/home', 'at'],
    ['/nix/var', '/nix', 'below'],
    // The well-known links lead to the same.
    ['/var/run', '/run', 'at'],
    ['/var/run/nri', '/run', 'below'],
    ['/var/lock', '/run', 'below'],
    ['/bin', '/usr', 'below'],
    ['/sbin/init', '/usr', 'below'],
    ['/lib', '/usr', 'below'],
    ['/lib64', '/usr', 'below'],
    ['/libx32/x', '/usr', 'below'],
    // As ostree systems keep them.
    ['/var/home', '/home', 'at'],
    ['/var/roothome/.ssh', '/root', 'below'],
    ['/var/opt/gitlab', '/var', 'below'],
    ['/var/homes', '/var', 'below'],
    // However it is written.
    ['//etc/./passwd', '/etc', 'below'],
    ['/home/../etc', '/etc', 'at'],
    ['/srv/../..', '/', 'at'],
    ['etc', '/etc', 'at'],
    // Bulwark's own, in the middle of what is open too.
    ['/srv', '/srv/bulwark/data', 'above'],
    ['/srv/bulwark/data/ledger.db', '/srv/bulwark/data', 'below'],
    ['/var/tmp', '/var/tmp/bulwark', 'above'],
    ['/var/tmp/bulwark', '/var/tmp/bulwark', 'at'],
    ['/mnt/docker', '/mnt/docker/api.sock', 'above'],
  ])('%s gives away %s (%s)', (path, place, how) => {
    expect(protectedBy(path, true, protect)).toMatchObject({ path: place, how });
    expect(protectedBy(path, false, protect)).toMatchObject({ path: place, how });
  });

  it.each([
    '/home/alice',
    '/home/alice/etc',
    '/srv/app',
    '/opt/app',
    '/tmp',
    '/tmp/x',
    '/mnt/disk',
    '/media',
    '/data',
    '/var/www/html',
    '/var/tmp/x',
    '/etcetera',
    '/variable',
    '/Users/alice',
    '/workspaces/app',
    '/builds/group/project',
    // ostree
    '/var/home/alice',
    '/var/srv/app',
    '/var/mnt/disk',
  ])('%s is free', (path) => {
    expect(protectedBy(path, false, protect)).toBeUndefined();
  });

  it.each([
    ['/var/log'],
    ['/var/log/nginx/access.log'],
    ['/etc/localtime'],
    ['/etc/timezone'],
    ['/etc/os-release'],
    ['/lib/os-release'],
    ['/usr/share/zoneinfo/Europe/Berlin'],
    ['/etc/ssl/certs/ca-certificates.crt'],
    ['/nix/store/x'],
  ])('%s is free when it is read-only', (path) => {
    expect(protectedBy(path, true, protect)).toBeUndefined();
    expect(protectedBy(path, false, protect)).toBeDefined();
  });

  // What images bind read-only for the host's time zone, name and certificates, and where the file lies at last.
  it.each([
    ['Debian, Fedora, Arch, openSUSE', '/etc/localtime', '/usr/share/zoneinfo/Europe/Berlin'],
    ['Alpine', '/etc/localtime', '/etc/zoneinfo/Europe/Berlin'],
    ['NixOS', '/etc/localtime', '/nix/store/0a-tzdata-2026a/share/zoneinfo/Europe/Berlin'],
    ['Guix', '/etc/localtime', '/gnu/store/0a-tzdata-2026a/share/zoneinfo/Europe/Berlin'],
    ['Debian, Arch, Alpine, openSUSE', '/etc/os-release', '/usr/lib/os-release'],
    ['Fedora', '/etc/os-release', '/usr/lib/os.release.d/os-release-workstation'],
    ['Flatcar', '/etc/os-release', '/usr/lib64/os-release'],
    ['NixOS', '/etc/os-release', '/nix/store/0a-etc-os-release'],
    ['Arch', '/etc/ssl/certs/ca-certificates.crt', '/etc/ca-certificates/extracted/tls-ca-bundle.pem'],
    ['Fedora', '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'],
    ['openSUSE', '/etc/ssl/certs/ca-certificates.crt', '/var/lib/ca-certificates/pem/ca-certificates.crt'],
    ['NixOS', '/etc/ssl/certs/ca-certificates.crt', '/nix/store/0a-nss-cacert/etc/ssl/certs/ca-bundle.crt'],
    ['Fedora', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'],
  ])('on %s lets %s pass read-only: it lies at %s', (_, written, real) => {
    expect(isPublicFile(written)).toBe(true);
    expect(protectedBy(written, true, protect)).toBeUndefined();
    expect(protectedBy(real, true, protect)).toBeUndefined();
    expect(protectedBy(real, false, protect)).toBeDefined();
  });

  it('protects what is below and what is above alike', () => {
    const place = fc.constantFrom('/etc', '/root', '/usr', '/run', '/opt/containerd', '/srv/bulwark/data');
    const segment = fc.stringMatching(/^[a-z0-9_.-]{1,12}$/).filter((name) => !/^\.{1,2}$/.test(name));
    fc.assert(
      fc.property(place, fc.array(segment, { maxLength: 5 }), (protectedPlace, names) => {
        const below = [protectedPlace, ...names].join('/');
        expect(protectedBy(below, false, protect)).toMatchObject({ path: protectedPlace });
        // Whatever is above a place reaches it.
        for (let path: string = protectedPlace; path !== ''; path = path.slice(0, path.lastIndexOf('/'))) {
          expect(protectedBy(path, false, protect)).toBeDefined();
        }
      }),
    );
  });

  it('sees through any way to write a path', () => {
    const detour = fc.constantFrom('/', '//', '/./', '/x/../', '/x/y/../../');
    fc.assert(
      fc.property(detour, detour, fc.constantFrom('', '/', '/.'), (first, second, end) => {
        expect(protectedBy(`${first}var${second}run${end}`, true, protect)).toMatchObject({ path: '/run' });
        expect(socketBy(`${first}var${second}run/docker.sock${end}`, protect)).toMatchObject({ how: 'at' });
      }),
    );
  });
});

describe('socketBy', () => {
  it.each([
    ['/run/docker.sock', '/run/docker.sock', 'at'],
    ['/var/run/docker.sock', '/run/docker.sock', 'at'],
    ['/run/containerd/containerd.sock', '/run/containerd', 'below'],
    ['/run/docker/plugins', '/run/docker/plugins', 'at'],
    ['/run/docker/plugins/x.sock', '/run/docker/plugins', 'below'],
    ['/etc/docker/plugins/x.spec', '/etc/docker/plugins', 'below'],
    ['/lib/docker/plugins', '/usr/lib/docker/plugins', 'at'],
    ['/run/nri/nri.sock', '/run/nri', 'below'],
    ['/run/podman/podman.sock', '/run/podman', 'below'],
    ['/run/user/1000/podman/podman.sock', '/run/user/1000/podman/podman.sock', 'at'],
    ['/home/alice/.docker/run/docker.sock', '/home/alice/.docker/run/docker.sock', 'at'],
    ['/mnt/docker/api.sock', '/mnt/docker/api.sock', 'at'],
    // Folders with a socket in them.
    ['/run', '/run/docker.sock', 'above'],
    ['/run/docker', '/run/docker/plugins', 'above'],
    ['/', '/mnt/docker/api.sock', 'above'],
    ['/mnt', '/mnt/docker/api.sock', 'above'],
  ])('%s gives away %s (%s)', (path, place, how) => {
    expect(socketBy(path, protect)).toMatchObject({ path: place, how });
  });

  it.each([
    '/etc',
    '/etc/docker',
    '/usr/lib/docker',
    '/var/lib',
    '/srv/app.sock',
    '/run/docker.sock.d',
    '/home',
  ])('%s holds no socket', (path) => {
    expect(socketBy(path, protect)).toBeUndefined();
  });
});

describe('isOwn', () => {
  it.each([
    ['/srv/bulwark/data', true],
    ['/srv/bulwark/data/x', true],
    ['/mnt/docker/api.sock', true],
    ['/srv/bulwark', false],
    ['/', false],
    ['/etc', false],
  ])('%s: %s', (path, expected) => {
    expect(isOwn(path, protect)).toBe(expected);
  });
});

describe('realPath', () => {
  it.each([
    ['/var/run/x', '/run/x'],
    ['/var/running', '/var/running'],
    ['/bin/../bin/sh', '/usr/bin/sh'],
    ['/var/home/alice', '/home/alice'],
    ['/var/roothome', '/root'],
    ['/var/home/{subject}/**', '/home/{subject}/**'],
    ['/binary', '/binary'],
    ['/', '/'],
    // Patterns go the same way.
    ['/var/run/app/**', '/run/app/**'],
    ['/srv/{subject}/**', '/srv/{subject}/**'],
  ])('%s is %s', (path, expected) => {
    expect(realPath(path)).toBe(expected);
  });
});
