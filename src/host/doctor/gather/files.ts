import { execFile } from 'node:child_process';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../../../config/config.ts';
import type { FileFacts, Permissions } from '../host.ts';
import { ifThere, type Looks } from './looks.ts';

const run = promisify(execFile);

/** A place and what it is to Bulwark. */
type Place = readonly [path: string, role: string];

/** Where Bulwark lies, and the Node that runs it. */
export interface Program {
  readonly home: string;
  readonly node: string;
}

export interface FilesOf {
  readonly config: Config;
  readonly configFile: string | undefined;
  readonly daemonJson: string;
  readonly dockerSocket: string;
  readonly program: Program;
  /** The user of a running `serve`, where it is known. */
  readonly serverUid: number | undefined;
}

/** Sockets of programs that start containers as root, at their usual places. */
const sideDoors: readonly Place[] = [
  ['/run/containerd/containerd.sock', 'containerd'],
  ['/run/docker/containerd/containerd.sock', 'the containerd of dockerd'],
  ['/run/buildkit/buildkitd.sock', 'BuildKit'],
  ['/run/podman/podman.sock', 'Podman'],
  ['/run/crio/crio.sock', 'CRI-O'],
];

/** Owners and permissions of all that Bulwark rests on. */
export async function gatherFiles(looks: Looks, given: FilesOf): Promise<FileFacts> {
  const { config, dockerSocket, serverUid } = given;
  const see = async (places: readonly Place[], look: (place: Place) => Promise<readonly Permissions[]>) => {
    const seen = await Promise.all(
      places.map((place) => looks.at(`${place[1]}, ${place[0]}`, () => look(place))),
    );
    return unique(seen.flatMap((found) => found ?? []));
  };
  const [trusted, secret, [socket], doors] = await Promise.all([
    trustedPlaces(looks, given).then((places) => see(places, withParents)),
    secretPlaces(looks, config).then((places) => see(places, reachable)),
    see([[dockerSocket, 'the socket of the daemon']], permissions),
    see(sideDoors, reachable),
  ]);
  const group = socket && (await looks.at('the group of the socket', () => groupOf(socket.gid)));
  return {
    trusted,
    secret,
    ...(socket && { socket }),
    ...(group && { group }),
    sideDoors: doors,
    owners: [0, serverUid ?? process.getuid?.() ?? 0],
  };
}

async function trustedPlaces(looks: Looks, given: FilesOf): Promise<readonly Place[]> {
  const { config, configFile, daemonJson, program } = given;
  const policies = await Promise.all(
    config.policies.map((path) => looks.at(`the policies in ${path}`, () => filesIn(path))),
  );
  return [
    [dirname(config.authzSocket), 'the folder of the plugin socket'],
    ...[...config.policies, ...policies.flatMap((files) => files ?? [])].map(
      (path): Place => [path, 'policies'],
    ),
    [config.data, 'the data folder'],
    [join(config.data, 'keys'), 'the keys'],
    ...(configFile === undefined ? [] : [[configFile, 'the configuration of Bulwark'] as const]),
    [daemonJson, 'the configuration of the daemon'],
    ...['bin', 'src', 'dist', 'node_modules'].map((name): Place => [join(program.home, name), 'the program']),
    [program.node, 'the program'],
  ];
}

async function secretPlaces(looks: Looks, { authzSocket, admin, data }: Config): Promise<readonly Place[]> {
  const keys = join(data, 'keys');
  const names = await looks.at(`the keys in ${keys}`, async () => (await ifThere(readdir(keys))) ?? []);
  return [
    [authzSocket, 'the plugin socket'],
    ...(admin.kind === 'unix' ? [[admin.path, 'the socket of administrators'] as const] : []),
    [join(data, 'ledger.db'), 'the ledger'],
    ...(names ?? [])
      .filter((name) => name.endsWith('.key.pem'))
      .map((name): Place => [join(keys, name), 'a secret key']),
  ];
}

/** What lies directly in a folder; nothing of what is none. */
async function filesIn(path: string): Promise<readonly string[]> {
  const names = (await ifThere(readdir(path))) ?? [];
  return names.filter((name) => name.endsWith('.yaml')).map((name) => join(path, name));
}

/** Of a place that is there; links are followed. */
async function permissions([path, role]: Place): Promise<readonly Permissions[]> {
  const found = await ifThere(stat(path));
  if (found === undefined) return [];
  const { uid, gid, mode } = found;
  return [{ path, role, uid, gid, mode: mode & 0o7777 }];
}

/** A place, all folders above it, and those above what it leads to. */
async function withParents([path, role]: Place): Promise<readonly Permissions[]> {
  const real = (await ifThere(realpath(path))) ?? path;
  const above = [...parents(path), ...parents(real)].map((folder): Place => [folder, `above ${role}`]);
  const found = await Promise.all([[path, role] as const, [real, role] as const, ...above].map(permissions));
  return found.flat();
}

/** A place, where others than root get to it at all. */
async function reachable(place: Place): Promise<readonly Permissions[]> {
  const real = (await ifThere(realpath(place[0]))) ?? place[0];
  const folders = (await Promise.all(parents(real).map((path) => permissions([path, ''])))).flat();
  const isClosed = folders.some(({ mode, gid }) => (mode & (gid === 0 ? 0o001 : 0o011)) === 0);
  return isClosed ? [] : permissions(place);
}

function parents(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...parents(above)];
}

function unique(places: readonly Permissions[]): readonly Permissions[] {
  return [...new Map(places.toReversed().map((place) => [place.path, place])).values()].toReversed();
}

/** By the system's own data, which may come from a directory server. The group of root has nobody else in it. */
async function groupOf(gid: number): Promise<FileFacts['group']> {
  if (gid === 0) return undefined;
  const [group = ''] = await getent('group', String(gid));
  const [name = String(gid), , , members = ''] = group.split(':');
  const first = (await getent('passwd'))
    .map((line) => line.split(':'))
    .filter(([, , , primary]) => primary === String(gid))
    .map(([user = '']) => user);
  return { name, members: [...new Set([...members.split(',').filter((user) => user !== ''), ...first])] };
}

async function getent(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run('getent', [...args], { timeout: 4000 });
  return stdout.split('\n').filter((line) => line !== '');
}
