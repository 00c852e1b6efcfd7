import { describe, expect, it } from 'vitest';
import { hostNames, namesOf, readMounts } from './hostNames.ts';

/** What a managed plugin sees: its mounts, and below /host/root those of its host. */
const plugin = readMounts(`126 92 254:0 /var/lib/docker/plugins/1f/rootfs / rw,relatime - ext4 /dev/vda rw
127 126 0:57 / /proc rw,nosuid - proc proc rw
143 126 254:0 /etc/bulwark /etc/bulwark ro,relatime master:1 - ext4 /dev/vda rw
144 126 254:16 /a\\040ledger /var/lib/bulwark rw,relatime - ext4 /dev/vdb rw
145 126 0:20 / /host/run ro - tmpfs tmpfs rw
146 126 254:0 / /host/root ro,relatime - ext4 /dev/vda rw
147 146 254:16 / /host/root/mnt/big rw - ext4 /dev/vdb rw
148 146 254:16 /a\\040ledger /host/root/srv/ledger rw - ext4 /dev/vdb rw
149 146 0:20 / /host/root/run rw - tmpfs tmpfs rw
150 126 0:20 /docker/plugins/1f /run/docker/plugins rw - tmpfs tmpfs rw
`);

describe('namesOf()', () => {
  // What is seen at the first path the host knows as the others.
  it.each([
    [
      'its own code, in the data root',
      '/usr/lib/bulwark',
      ['/var/lib/docker/plugins/1f/rootfs/usr/lib/bulwark'],
    ],
    ['a mount of the same path', '/etc/bulwark/policies', ['/etc/bulwark/policies']],
    ['a source on another disk, by both its names', '/var/lib/bulwark', ['/mnt/big/a ledger', '/srv/ledger']],
    [
      'a file in it',
      '/var/lib/bulwark/admin.sock',
      ['/mnt/big/a ledger/admin.sock', '/srv/ledger/admin.sock'],
    ],
    ["the daemon's socket", '/host/run/docker.sock', ['/run/docker.sock']],
    ["the plugin's own socket", '/run/docker/plugins', ['/run/docker/plugins/1f']],
    ['what the host does not have', '/proc/1', []],
    ['a name that begins alike', '/etc/bulwark-else', ['/var/lib/docker/plugins/1f/rootfs/etc/bulwark-else']],
  ])('finds %s', (_, path, expected) => {
    expect(namesOf(path, plugin, '/host/root')).toEqual(expected);
  });

  it('finds the bind mounts of a host itself, and of two at one point the one that is seen', () => {
    const host = readMounts(`20 1 8:1 / / rw - ext4 /dev/sda1 rw
21 20 8:1 /old /var/lib/bulwark rw - ext4 /dev/sda1 rw
22 20 8:1 /srv/new /var/lib/bulwark rw - ext4 /dev/sda1 rw
`);
    expect(namesOf('/var/lib/bulwark/x', host, '/')).toEqual(['/srv/new/x', '/var/lib/bulwark/x']);
  });
});

describe('hostNames()', () => {
  it('reads the mounts of this process', async () => {
    expect(await hostNames(['/usr'], '/')).toContain('/usr');
  });

  it('finds nothing where the root of the host is not seen', async () => {
    expect(await hostNames(['/usr'], undefined)).toEqual([]);
  });
});
