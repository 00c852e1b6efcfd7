/** Tar archives by hand: a header of 512 bytes and the content, padded, for each file; two empty blocks at the end. */

const block = 512;

/** Names ending in `/` are folders. */
export function tar(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const padding = Buffer.alloc((block - (bytes.length % block)) % block);
    return [header(name, bytes.length), bytes, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const folder = name.endsWith('/');
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  bytes.write(name, 0);
  bytes.write(octal(0o755, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(0, 12), 136);
  bytes.write('        ', 148);
  bytes.write(folder ? '5' : '0', 156);
  bytes.write('ustar\u000000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** A managed plugin that has the host's /etc, its network and its processes, for plugins/create. */
export const pluginFiles = {
  'config.json': JSON.stringify({
    Description: 'takes what it can',
    Documentation: '',
    Entrypoint: [
      '/bin/busybox',
      'sh',
      '-c',
      // The daemon wants something to listen there.
      'echo run >> /host/bulwark-plugin-ran; ln -s /run/docker.sock /run/docker/plugins/dummy.sock; sleep 100000',
    ],
    Env: [{ Name: 'WHO', Description: '', Settable: ['value'], Value: 'x' }],
    Interface: { Types: ['docker.dummy/1.0'], Socket: 'dummy.sock' },
    Linux: { AllowAllDevices: false, Capabilities: ['CAP_NET_ADMIN'], Devices: null },
    Mounts: [
      {
        Name: 'host',
        Description: '',
        Settable: ['source'],
        Source: '/etc',
        Destination: '/host',
        Type: 'bind',
        Options: ['rbind'],
      },
    ],
    Network: { Type: 'host' },
    PidHost: true,
    IpcHost: true,
    PropagatedMount: '',
    User: {},
    WorkDir: '',
    Args: { Name: '', Description: '', Settable: null, Value: null },
  }),
  'rootfs/': '',
  'rootfs/bin/': '',
  'rootfs/host/': '',
};

/** What a daemon that pulls that plugin is told to grant. */
export const pluginPrivileges = [
  { Name: 'network', Description: '', Value: ['host'] },
  { Name: 'host ipc namespace', Description: '', Value: ['true'] },
  { Name: 'host pid namespace', Description: '', Value: ['true'] },
  { Name: 'mount', Description: '', Value: ['/etc'] },
  { Name: 'capabilities', Description: '', Value: ['CAP_NET_ADMIN'] },
];
