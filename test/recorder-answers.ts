/** An answer of the fake daemon. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is if a string. */
  readonly value?: unknown;
}

const id = 'c0ffee'.padEnd(64, '0');
/** Swarm's ids are 25 letters and digits. */
const swarmId = 'bulwark0recorder0000000id';
const version = { Index: 1 };

/** Go's os.ModeDir, as `docker cp` reads it from a path's stat. */
const modeDir = 2 ** 31;

function container(name: string): unknown {
  return {
    Id: id,
    Name: `/${name}`,
    Image: `sha256:${id}`,
    State: { Status: 'running', Running: true },
    Config: { Image: 'alpine', Tty: false },
    HostConfig: { NetworkMode: 'bridge' },
    NetworkSettings: { Networks: {} },
  };
}

function service(name: string): unknown {
  const spec = {
    Name: name,
    TaskTemplate: { ContainerSpec: { Image: 'alpine' } },
    Mode: { Replicated: { Replicas: 1 } },
  };
  return { ID: swarmId, Version: version, Spec: spec };
}

const node = {
  ID: swarmId,
  Version: version,
  Spec: { Role: 'worker', Availability: 'active' },
  Description: { Hostname: 'n1', Platform: { Architecture: 'x86_64', OS: 'linux' } },
  Status: { State: 'ready' },
};

/** What the CLI may read on its way to the request that matters, by path without version. */
const reads: readonly (readonly [path: RegExp, value: (name: string) => unknown])[] = [
  [/^\/_ping$/, () => 'OK'],
  [/^\/version$/, () => ({ Version: '28.5.2', ApiVersion: '1.48', MinAPIVersion: '1.24', Os: 'linux' })],
  [/^\/info$/, () => ({ OSType: 'linux', Swarm: { LocalNodeState: 'active', ControlAvailable: true } })],
  [/^\/(?:containers|images)\/json$/, () => []],
  [/^\/containers\/(.+)\/json$/, container],
  [/^\/images\/(.+)\/json$/, (name) => ({ Id: `sha256:${id}`, RepoTags: [name], Config: {} })],
  [/^\/plugins\/privileges$/, () => []],
  [/^\/plugins\/(.+)\/json$/, (name) => ({ Id: id, Name: name, PluginReference: name, Enabled: false })],
  [/^\/(?:networks|plugins|services|tasks|nodes|secrets|configs)\/?$/, () => []],
  [/^\/volumes$/, () => ({ Volumes: [] })],
  [/^\/networks\/(.+)$/, (name) => ({ Id: name, Name: name, Scope: 'swarm', Driver: 'overlay' })],
  [/^\/volumes\/(.+)$/, (name) => ({ Name: name, Driver: 'local', Scope: 'local' })],
  [/^\/services\/([^/]+)$/, service],
  [/^\/nodes\/([^/]+)$/, () => node],
  [/^\/swarm$/, () => ({ ID: swarmId, Version: version, Spec: { Name: 'default' } })],
];

/** Reads that hand out content or change nothing but are what their command is about. */
const refusedReads =
  /^\/(?:images\/get|images\/.+\/get|containers\/.+\/(?:archive|export)|distribution\/.+)$/;

/**
 * What the fake daemon says to a request: an answer to a read, 403 to whatever would do something, 404 to
 * a read of which it knows nothing.
 */
export function answer(method: string, uri: string): Answer {
  const { pathname, searchParams } = new URL(uri, 'http://docker');
  const path = decodeURIComponent(pathname).replace(/^\/v\d+\.\d+(?=\/)/, '');
  if (method === 'HEAD' && path.endsWith('/archive')) return pathStat(searchParams.get('path') ?? '');
  if ((method !== 'GET' && method !== 'HEAD') || refusedReads.test(path))
    return { status: 403, value: { message: `recorded: ${method} ${path}` } };
  for (const [pattern, value] of reads) {
    const found = pattern.exec(path);
    if (found) return { status: 200, value: value(found[1] ?? '') };
  }
  return { status: 404, value: { message: `no such object: ${path}` } };
}

/** For `docker cp`: a path with a dot in its last name is taken for a file, every other for a folder. */
function pathStat(path: string): Answer {
  const name = path.split('/').findLast((part) => part !== '') ?? '/';
  const folder = path.endsWith('/') || !/[^.]\./.test(name);
  const stat = { name, size: 0, mode: folder ? modeDir + 0o755 : 0o644, mtime: '2026-01-01T00:00:00Z' };
  const header = Buffer.from(JSON.stringify(stat)).toString('base64');
  return { status: 200, headers: { 'X-Docker-Container-Path-Stat': header } };
}
