/**
 * A private dockerd for a test. It lives in namespaces of its own (mounts, network, process ids), so that it
 * shares nothing with the host's Docker or with other tests' daemons, and so that killing one process, the first of
 * its process namespace, ends it with its containerd, shims, containers and mounts, whatever state they are in.
 *
 * Seen from the daemon, everything is at its usual place: `/run/docker.sock`, `/run/docker/plugins`, `/etc/docker`.
 * `/run` is a folder of the test's; `/etc`, `/home`, `/srv` and others (`DISPOSABLE`) are overlays: the daemon and
 * its containers see the host's files there, and what they write ends in the test's folder. `/tmp` and `/var/tmp`
 * are the host's own, for projects that a test binds.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seededData } from './images.ts';
import { spawnIsolated } from './isolate.ts';
import { hookExit, PREFIX, ROOT, removeCgroups, running, startTime, sweep } from './leftovers.ts';
import { type Packages, type Programs, packages, type Release } from './packages.ts';
import { exchange, type RawRequest, type RawResponse, request } from './rawhttp.ts';
import { collect, isOver, must, onTerminal, type RunOptions, type RunResult } from './run.ts';

export interface DockerdOptions {
  readonly release: Release;
  /** Names for `authorization-plugins`. Their sockets must answer before dockerd asks: see `before`. */
  readonly plugins?: readonly string[];
  /** More keys for daemon.json. */
  readonly daemonJson?: Readonly<Record<string, unknown>>;
  /** More flags for dockerd, as `['--host', 'tcp://127.0.0.1:2376']`. */
  readonly args?: readonly string[];
  /** Runs when the folders exist and before dockerd starts: the place to let a plugin listen in `pluginDir`. */
  readonly before?: (place: Place) => Promise<void> | void;
  /** False starts with an empty data root; by default the images of `images.ts` are there. */
  readonly images?: boolean;
  /** True makes `/` a shared mount, as on a systemd host, so that `rshared` binds work; default false. */
  readonly sharedRoot?: boolean;
  /**
   * True boots systemd as the host's first process, with dockerd as its `docker.service`, which reads
   * `/etc/docker/daemon.json`; then `systemctl` by `onHost` takes the place of `reload`, `halt` and `restart`. Default false.
   */
  readonly systemd?: boolean;
  /** True starts dockerd again whenever it ends by itself, as systemd does, beside its containers; default false. */
  readonly respawns?: boolean;
  /** Milliseconds for the first answer to `/_ping`; default 60,000. */
  readonly timeout?: number;
}

/** Where a daemon lives, as seen from outside of it. */
export interface Place {
  /** The folder that holds everything and goes away at the end. */
  readonly dir: string;
  /** The daemon's `/run/docker/plugins`. */
  readonly pluginDir: string;
  /** The daemon's `/etc/docker`, for `.spec` files and certificates. */
  readonly etcDocker: string;
  readonly dataRoot: string;
  /** The root of the host as the daemon sees it, for as long as it runs: a link. Before that, the machine's own. */
  readonly hostRoot: string;
  /** The daemon's socket, `/run/docker.sock` to the daemon. */
  readonly socket: string;
}

export type { RunOptions, RunResult };

export interface Registry {
  /** `127.0.0.1:5000`, a prefix for image names. */
  readonly address: string;
  logs(): string;
}

/** A type, not an interface: only so it passes for the record of strings that a child process takes. */
export type CliEnvironment = {
  readonly PATH: string;
  readonly HOME: string;
  readonly TERM: string;
  readonly DOCKER_HOST: string;
  readonly DOCKER_CONFIG: string;
};

export interface Dockerd extends Place {
  readonly release: Release;
  /** `unix://...`, for DOCKER_HOST outside. */
  readonly host: string;
  /** False where no iptables works: no bridge networks, no published ports. */
  readonly bridge: boolean;
  /** The environment in which `docker` runs: DOCKER_HOST, private HOME and DOCKER_CONFIG. */
  readonly env: CliEnvironment;
  /** Runs the docker CLI, inside the daemon's network. Never throws for an exit code. */
  docker(...args: string[]): Promise<RunResult>;
  dockerWith(options: RunOptions, ...args: string[]): Promise<RunResult>;
  /** Starts the docker CLI and leaves it running (`logs -f`, `attach`); `stop` ends it. */
  dockerSpawn(options: Omit<RunOptions, 'stdin' | 'timeout'>, ...args: string[]): ChildProcess;
  /** Runs a program as the daemon's host sees the world: its mounts, network and processes. */
  onHost(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** GET by HTTP from the daemon's network, for published ports; rejects when nothing answers 200. */
  get(url: string): Promise<string>;
  /** One API request on a connection of its own; `target` as it shall stand in the request line. */
  api(method: string, target: string, options?: RawRequest): Promise<RawResponse>;
  /** Any bytes on the daemon's socket, and all that came back until it closed. */
  raw(bytes: string | Uint8Array, options?: { timeout?: number; end?: boolean }): Promise<Buffer>;
  /** Starts Debian's docker-registry on loopback in the daemon's network; the same one when asked again. */
  startRegistry(): Promise<Registry>;
  /** What dockerd and its containerd have said so far. */
  logs(): string;
  /** Replaces daemon.json whole, `authorization-plugins` too, and sends SIGHUP. What dockerd makes of it shows in `logs` and `/info`. */
  reload(daemonJson: Readonly<Record<string, unknown>>): Promise<void>;
  /** Stops dockerd as an administrator does, containers too; the folder stays, for `restart`'s second half or a look. */
  halt(): Promise<void>;
  /** `halt` where it runs, then starts it again on the same data. */
  restart(options?: {
    before?: () => Promise<void> | void;
    daemonJson?: Readonly<Record<string, unknown>>;
  }): Promise<void>;
  /** Ends everything and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

/** Runs its arguments for ever, until it is told to end. */
const forEver = `trap 'over=1; kill $!' TERM
trap 'kill -HUP $!' HUP
until [ "\${over-}" ]; do
  "$@" &
  while kill -0 $! 2>/dev/null; do wait $!; done
done`;

const { PATH: HOST_PATH = '/usr/sbin:/usr/bin:/sbin:/bin' } = process.env;

/**
 * Starts a daemon and waits until it answers.
 *
 * @throws Error with the end of the daemon's log when it exits or does not answer in time; nothing is left then.
 */
export async function startDockerd(options: DockerdOptions): Promise<Dockerd> {
  const found = await packages();
  const programs = found[options.release];
  if (programs === undefined)
    throw new Error(`Docker ${options.release} could not be fetched; skip this test.`);
  const seed = options.images === false ? undefined : await seededData(programs, found, startBare);
  return start(programs, found, options, seed);
}

/** The daemon that prepares the images of the others. */
function startBare(programs: Programs, found: Packages): Promise<Dockerd> {
  return start(programs, found, { release: programs.release, images: false }, undefined);
}

async function start(
  programs: Programs,
  found: Packages,
  options: DockerdOptions,
  seed: string | undefined,
): Promise<Dockerd> {
  if (process.getuid?.() !== 0)
    throw new Error('a private dockerd needs root: run the tests as root, or with sudo.');
  sweep();
  hookExit();
  const place = await makePlace(options, seed);
  const daemon = new PrivateDockerd(programs, found, options, place);
  running.add(daemon);
  try {
    await daemon.cli();
    await options.before?.(place);
    await daemon.launch();
    return daemon;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

async function makePlace(options: DockerdOptions, seed: string | undefined): Promise<Place> {
  const dir = await mkdtemp(join(ROOT, PREFIX));
  const started = startTime(process.pid);
  if (started === undefined) throw new Error('/proc does not know this process.');
  await writeFile(join(dir, 'owner'), `${process.pid} ${started}`);
  const place: Place = {
    dir,
    pluginDir: join(dir, 'run/docker/plugins'),
    etcDocker: join(dir, 'etc-docker'),
    dataRoot: join(dir, 'data'),
    hostRoot: join(dir, 'host'),
    socket: join(dir, 'run/docker.sock'),
  };
  for (const folder of [
    place.pluginDir,
    place.etcDocker,
    join(dir, 'home/.docker/cli-plugins'),
    join(dir, 'run/lock'),
  ]) {
    await mkdir(folder, { recursive: true });
  }
  if (seed === undefined) await mkdir(place.dataRoot);
  // A plain copy, a few MB: hard links would let one daemon change another's image.
  else await must(['cp', '-a', '--reflink=auto', seed, place.dataRoot]);
  await showHost(place, '/');
  await writeDaemonJson(dir, options);
  if (options.systemd === true) await rename(join(dir, 'daemon.json'), join(place.etcDocker, 'daemon.json'));
  return place;
}

async function showHost({ hostRoot }: Pick<Place, 'hostRoot'>, root: string): Promise<void> {
  await rm(hostRoot, { force: true });
  await symlink(root, hostRoot);
}

async function writeDaemonJson(
  dir: string,
  { plugins = [], daemonJson = {} }: Pick<DockerdOptions, 'plugins' | 'daemonJson'>,
): Promise<void> {
  const authorization = plugins.length === 0 ? {} : { 'authorization-plugins': plugins };
  await writeFile(join(dir, 'daemon.json'), JSON.stringify({ ...authorization, ...daemonJson }, null, 2));
}

/** `docker.service` as packages have it: the daemon alone is stopped, and its containers may live on. */
async function writeUnit(
  dir: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const units = join(dir, 'units');
  await mkdir(join(units, 'multi-user.target.wants'), { recursive: true });
  const lines = [
    '[Unit]',
    'StartLimitIntervalSec=0',
    '[Service]',
    'Type=notify',
    `ExecStart=${command.join(' ')}`,
    'ExecReload=/bin/kill -s HUP $MAINPID',
    ...Object.entries(env).map(([name, value]) => `Environment=${name}=${value}`),
    `StandardOutput=append:${join(dir, 'log')}`,
    `StandardError=append:${join(dir, 'log')}`,
    'Restart=always',
    'RestartSec=1',
    'Delegate=yes',
    'KillMode=process',
  ];
  await writeFile(join(units, 'docker.service'), `${lines.join('\n')}\n`);
  await symlink('../docker.service', join(units, 'multi-user.target.wants/docker.service'));
}

class PrivateDockerd implements Dockerd {
  readonly release: Release;
  readonly dir: string;
  readonly pluginDir: string;
  readonly etcDocker: string;
  readonly dataRoot: string;
  readonly hostRoot: string;
  readonly socket: string;
  readonly host: string;
  readonly bridge: boolean;
  readonly env: CliEnvironment;
  readonly #programs: Programs;
  readonly #found: Packages;
  readonly #options: DockerdOptions;
  readonly #children = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;
  #init: number | undefined;
  #registry: Promise<Registry> | undefined;

  constructor(programs: Programs, found: Packages, options: DockerdOptions, place: Place) {
    this.#programs = programs;
    this.#found = found;
    this.#options = options;
    this.release = options.release;
    this.dir = place.dir;
    this.pluginDir = place.pluginDir;
    this.etcDocker = place.etcDocker;
    this.dataRoot = place.dataRoot;
    this.hostRoot = place.hostRoot;
    this.socket = place.socket;
    this.host = `unix://${place.socket}`;
    this.bridge = programs.iptables;
    const home = join(place.dir, 'home');
    this.env = {
      PATH: HOST_PATH,
      HOME: home,
      TERM: 'xterm',
      DOCKER_HOST: this.host,
      DOCKER_CONFIG: join(home, '.docker'),
    };
  }

  /** Gives the docker CLI its plugins. */
  async cli(): Promise<void> {
    const plugins = this.#found.cliPlugins;
    if (plugins === undefined) return;
    const folder = join(this.env.DOCKER_CONFIG, 'cli-plugins');
    await symlink(plugins.compose, join(folder, 'docker-compose'));
    await symlink(plugins.buildx, join(folder, 'docker-buildx'));
  }

  async launch(): Promise<void> {
    const { dir } = this;
    const log = join(dir, 'log');
    const name = dir.slice(dir.lastIndexOf('/') + 1);
    const { systemd = false, respawns = false } = this.#options;
    const dockerd = [
      this.#programs.dockerd,
      ...(systemd ? [] : [`--config-file=${join(dir, 'daemon.json')}`]),
      '--host=unix:///run/docker.sock',
      `--data-root=${this.dataRoot}`,
      '--exec-root=/run/docker',
      '--pidfile=/run/docker.pid',
      `--cgroup-parent=/${name}`,
      ...(this.bridge ? [] : ['--bridge=none', '--iptables=false', '--ip6tables=false']),
      ...(this.#options.args ?? []),
    ];
    const { libraries, xtables } = this.#programs;
    const env = {
      PATH: [...this.#programs.path, this.env.PATH, '/usr/sbin', '/sbin'].join(':'),
      HOME: this.env.HOME,
      TMPDIR: '/var/tmp',
      ...(libraries.length > 0 && { LD_LIBRARY_PATH: libraries.join(':') }),
      ...(xtables !== undefined && { XTABLES_LIBDIR: xtables }),
    };
    if (systemd) await writeUnit(dir, dockerd, env);
    const command = [
      'docker-init',
      '-s',
      '--',
      ...(respawns ? ['sh', '-c', forEver, 'dockerd'] : []),
      ...dockerd,
    ];
    await rm(join(dir, 'init.pid'), { force: true });
    const { sharedRoot = false } = this.#options;
    const child = spawnIsolated(dir, command, { env, log, sharedRoot });
    this.#daemon = child;
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    failed.catch(() => undefined);
    await Promise.race([failed, this.#ready(child)]);
  }

  async #ready(child: ChildProcess): Promise<void> {
    const { timeout = 60_000 } = this.#options;
    const deadline = Date.now() + timeout;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(
          `dockerd ${this.release} exited (${child.exitCode ?? child.signalCode}):\n${this.#tail()}`,
        );
      }
      if (this.#init === undefined && existsSync(join(this.dir, 'init.pid'))) {
        this.#init = Number(await readFile(join(this.dir, 'init.pid'), 'utf8'));
        await showHost(this, `/proc/${this.#init}/root`);
      }
      if (this.#init !== undefined && existsSync(this.socket)) {
        const left = Math.max(1, deadline - Date.now());
        const answer = await this.api('GET', '/_ping', { timeout: left }).catch(() => undefined);
        if (answer?.status === 200) return;
      }
      if (Date.now() > deadline) {
        throw new Error(
          `dockerd ${this.release} did not answer /_ping within ${timeout} ms:\n${this.#tail()}`,
        );
      }
      await pause(20);
    }
  }

  docker(...args: string[]): Promise<RunResult> {
    return this.dockerWith({}, ...args);
  }

  dockerWith(options: RunOptions, ...args: string[]): Promise<RunResult> {
    return collect(this.dockerSpawn(options, ...args), options);
  }

  dockerSpawn(
    { tty = false, cwd, env }: Omit<RunOptions, 'stdin' | 'timeout'>,
    ...args: string[]
  ): ChildProcess {
    const command = [this.#found.docker, ...args];
    return this.#spawn(
      ['--net'],
      tty ? onTerminal(command) : command,
      { ...this.env, ...env },
      cwd ?? this.dir,
    );
  }

  onHost(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const command = options.tty === true ? onTerminal(argv) : argv;
    const env = { PATH: HOST_PATH, HOME: '/root', ...options.env };
    const wd = options.cwd === undefined ? ['--wd=/'] : [`--wd=${options.cwd}`];
    return collect(this.#spawn(['--mount', '--net', '--pid', ...wd], command, env, '/'), options);
  }

  async get(url: string): Promise<string> {
    const command = [this.#found.busybox, 'wget', '-O', '-', url];
    const { code, stdout, stderr } = await collect(this.#spawn(['--net'], command, {}, '/'), {});
    if (code !== 0) throw new Error(`GET ${url} failed: ${stderr}`);
    return stdout;
  }

  #spawn(
    enter: readonly string[],
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
  ): ChildProcess {
    if (this.#init === undefined) throw new Error('this dockerd is not running.');
    const argv = [
      '--pdeathsig',
      'KILL',
      '--',
      'nsenter',
      '--target',
      String(this.#init),
      ...enter,
      '--',
      ...command,
    ];
    const child = spawn('setpriv', argv, { env: { ...env }, cwd, stdio: 'pipe' });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }

  api(method: string, target: string, options?: RawRequest): Promise<RawResponse> {
    return request(this.socket, method, target, options);
  }

  raw(bytes: string | Uint8Array, options?: { timeout?: number; end?: boolean }): Promise<Buffer> {
    return exchange(this.socket, Buffer.from(bytes), options);
  }

  startRegistry(): Promise<Registry> {
    this.#registry ??= this.#launchRegistry();
    return this.#registry;
  }

  async #launchRegistry(): Promise<Registry> {
    if (this.#found.registry === undefined) throw new Error("Debian's docker-registry could not be fetched.");
    const address = '127.0.0.1:5000';
    const folder = join(this.dir, 'registry');
    await mkdir(folder, { recursive: true });
    const config = {
      version: '0.1',
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: folder }, delete: { enabled: true } },
      http: { addr: address, secret: 'a test' },
    };
    const file = join(folder, 'config.yml');
    await writeFile(file, JSON.stringify(config)); // JSON is YAML
    const child = this.#spawn(
      ['--mount', '--net', '--pid'],
      [this.#found.registry, 'serve', file],
      { PATH: '/usr/bin:/bin' },
      '/',
    );
    let said = '';
    child.stdout?.on('data', (part) => (said += String(part)));
    child.stderr?.on('data', (part) => (said += String(part)));
    for (const deadline = Date.now() + 20_000; ; await pause(20)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`docker-registry does not answer: ${said}`);
      const answered = await this.get(`http://${address}/v2/`).catch(() => undefined);
      if (answered !== undefined) return { address, logs: () => said };
    }
  }

  logs(): string {
    const file = join(this.dir, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  #tail(): string {
    return this.logs().trimEnd().split('\n').slice(-25).join('\n');
  }

  async reload(daemonJson: Readonly<Record<string, unknown>>): Promise<void> {
    await writeDaemonJson(this.dir, { daemonJson });
    if (this.#init === undefined) throw new Error('this dockerd is not running.');
    process.kill(this.#init, 'SIGHUP'); // docker-init passes it on
  }

  async halt(): Promise<void> {
    const child = this.#daemon;
    if (child === undefined || this.#init === undefined) throw new Error('this dockerd is not running.');
    process.kill(this.#init, 'SIGTERM');
    const deadline = Date.now() + 30_000;
    while (!isOver(child)) {
      if (Date.now() > deadline) throw new Error(`dockerd does not stop:\n${this.#tail()}`);
      await pause(20);
    }
    await showHost(this, '/');
    this.#init = undefined;
    this.#registry = undefined;
  }

  async restart(
    options: { before?: () => Promise<void> | void; daemonJson?: Readonly<Record<string, unknown>> } = {},
  ): Promise<void> {
    if (this.#init !== undefined) await this.halt();
    if (options.daemonJson !== undefined) await writeDaemonJson(this.dir, { daemonJson: options.daemonJson });
    await options.before?.();
    await this.launch();
  }

  async stop(): Promise<void> {
    running.delete(this);
    const ended = [...this.#children, ...(this.#daemon === undefined ? [] : [this.#daemon])].map(
      (child) =>
        new Promise<void>((resolve) => (isOver(child) ? resolve() : child.once('exit', () => resolve()))),
    );
    this.kill();
    await Promise.all(ended);
    this.#init = undefined;
    removeCgroups(this.dir);
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Synchronous and abrupt: the exit hook has nothing else. */
  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    // The first process of the namespace takes all others along; `unshare` follows it.
    if (this.#init !== undefined && !(this.#daemon !== undefined && isOver(this.#daemon)))
      tryKill(this.#init);
    else this.#daemon?.kill('SIGKILL');
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}
