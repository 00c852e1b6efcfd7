import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { unitProperties } from './systemd.ts';

/** A dockerd of this host, as its process or its unit says. */
export interface Daemon {
  /** Absent where it does not run, or cannot be seen: other users' processes are root's to see. */
  readonly pid?: number;
  /** The systemd unit that it is or would be of. */
  readonly unit?: string;
  /** Its command line, without its own name. */
  readonly args: readonly string[];
  /** Values of its flags by their long names, in order; of one without a value `true`. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** Where its `daemon.json` is, or would be. */
  readonly configFile: string;
  /** It runs as a user (`dockerd-rootless.sh`). */
  readonly rootless: boolean;
}

/** Where an answer on a socket comes from, for who may see all processes; `configFile` where the caller knows it. */
export interface Wanted {
  readonly socket: string;
  readonly configFile?: string;
}

/** The daemon that listens on a socket; or that would, for who has stopped it. */
export async function findDaemon({ socket, configFile }: Wanted): Promise<Daemon> {
  const pid = processOn(socket);
  const found = pid === undefined ? await stoppedDaemon() : runningDaemon(pid);
  return configFile === undefined ? found : { ...found, configFile };
}

function runningDaemon(pid: number): Daemon {
  const [, ...args] = textOf(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
  const environment = new Map(
    textOf(`/proc/${pid}/environ`)
      .split('\0')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const unit = unitOf(textOf(`/proc/${pid}/cgroup`));
  return { ...described(args, environment), pid, ...(unit !== undefined && { unit }) };
}

/** What the packages of Docker call it. */
const usualUnit = 'docker.service';

async function stoppedDaemon(): Promise<Daemon> {
  const unit = await unitProperties(usualUnit, ['LoadState', 'ExecStart']);
  const [, command = ''] = /argv\[\]=(.*?) ; /.exec(unit.get('ExecStart') ?? '') ?? [];
  const [, ...args] = command.split(' ');
  const known = unit.get('LoadState') === 'loaded' ? { unit: usualUnit } : {};
  return { ...described(args, new Map()), ...known };
}

function described(args: readonly string[], environment: ReadonlyMap<string, string>) {
  const flags = flagsOf(args);
  const rootless = flags.has('rootless');
  const given = flags.get('config-file')?.at(-1);
  return {
    args,
    flags,
    rootless,
    configFile: given ?? join(configFolder(rootless, environment), 'daemon.json'),
  };
}

/** Where dockerd looks by default (20.10 to 29). */
function configFolder(rootless: boolean, environment: ReadonlyMap<string, string>): string {
  if (!rootless) return '/etc/docker';
  return join(
    environment.get('XDG_CONFIG_HOME') || join(environment.get('HOME') ?? '/', '.config'),
    'docker',
  );
}

const shortFlags: Readonly<Record<string, string>> = {
  H: 'host',
  D: 'debug',
  l: 'log-level',
  G: 'group',
  b: 'bridge',
};

/** Reads a command line as pflag does. dockerd takes no words beside its flags, so that one behind a flag is its value. */
export function flagsOf(args: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const flags = new Map<string, string[]>();
  let open: string | undefined;
  const add = (name: string, value: string) => flags.set(name, [...(flags.get(name) ?? []), value]);
  const close = () => {
    if (open !== undefined) add(open, 'true');
    open = undefined;
  };
  for (const arg of args) {
    const [, long, short, rest = ''] = /^(?:--([^=]+)|-(\w))(.*)$/s.exec(arg) ?? [];
    const name = long ?? (short === undefined ? undefined : (shortFlags[short] ?? short));
    if (name === undefined) {
      if (open !== undefined) add(open, arg);
      open = undefined;
      continue;
    }
    close();
    if (rest === '') open = name;
    else add(name, rest.replace(/^=/, ''));
  }
  close();
  return flags;
}

/** The dockerd among the processes that hold the listening socket of a path. */
function processOn(socket: string): number | undefined {
  const wanted = realPath(socket);
  return listeners((path) => realPath(path) === wanted).find((pid) => nameOf(pid) === 'dockerd');
}

/** Processes that hold a listening unix socket of this network namespace, by the path under which it was bound. */
export function listeners(isWanted: (path: string) => boolean): readonly number[] {
  const inodes = new Set(
    textOf('/proc/net/unix')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , flags, , , , path]) => flags === '00010000' && path !== undefined && isWanted(path))
      .map(([, , , , , , inode]) => `socket:[${inode}]`),
  );
  return processIds().filter((pid) => holds(pid, inodes));
}

/** Processes of this name, each with its command line. */
export function processesNamed(name: string): readonly { readonly pid: number; readonly command: string }[] {
  return processIds()
    .filter((pid) => nameOf(pid) === name)
    .map((pid) => ({ pid, command: textOf(`/proc/${pid}/cmdline`).split('\0').join(' ').trim() }));
}

function nameOf(pid: number): string {
  return textOf(`/proc/${pid}/comm`).trim();
}

function processIds(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

function holds(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => inodes.has(readLink(join(folder, fd))));
  } catch {
    return false;
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The path itself where nothing is there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Of `0::/system.slice/docker.service`, or a line of an older hierarchy; of a user's the last one (`user@1000.service/...`). */
function unitOf(groups: string): string | undefined {
  return /.*\/([^/\n]+\.service)(?:\/|$)/m.exec(groups)?.[1];
}
