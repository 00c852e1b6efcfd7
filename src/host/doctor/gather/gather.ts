import { readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Status, statusSchema } from '../../../admin/routes/status.ts';
import type { Config } from '../../../config/config.ts';
import { addressText } from '../../../model/address.ts';
import { codes } from '../../../model/codes.ts';
import { type FileError, placeOf } from '../../../policyfiles/fileerror.ts';
import { type LoadResult, loadPolicySet } from '../../../policyfiles/load.ts';
import { askServe } from '../../askServe.ts';
import { unitProperties } from '../../systemd.ts';
import { shellWord } from '../check.ts';
import type { Host, PluginFacts, Remark } from '../host.ts';
import { gatherDaemon } from './daemon.ts';
import { gatherFiles, type Program } from './files.ts';
import { Looks } from './looks.ts';
import { gatherPlugins } from './plugins.ts';
import { gatherSystem, otherFiles } from './system.ts';

export interface Given {
  readonly config: Config;
  readonly configErrors: readonly string[];
  /** The Config file of `serve`, where one is named. */
  readonly configFile: string | undefined;
  /** The daemon's file, where another is meant than the daemon itself says. */
  readonly daemonJson: string | undefined;
}

/** Bulwark's unit, as `install` calls it. */
const unit = 'bulwark.service';

/** Looks at the host, changes nothing, and takes half a minute at most where things hang. Never throws. */
export async function gather({ config, configErrors, configFile, daemonJson }: Given): Promise<Host> {
  const looks = new Looks();
  const socket = config.dockerHost.kind === 'unix' ? config.dockerHost.path : '/var/run/docker.sock';
  const wanted = { socket, ...(daemonJson !== undefined && { configFile: daemonJson }) };
  const [daemon, serve, loaded, system, start] = await Promise.all([
    gatherDaemon(looks, wanted),
    gatherServe(looks, config),
    looks.at('the policies', () => loadPolicySet(config.policies), 20_000),
    gatherSystem(looks, config.data),
    startCommand(looks, configFile),
  ]);
  const { authzSocket } = config;
  const plugins = await gatherPlugins(looks, { authzSocket, rootless: daemon.process.rootless });
  const program = await programOf(looks, plugins.server);
  const files = await gatherFiles(looks, {
    config,
    configFile,
    daemonJson: daemon.process.configFile,
    dockerSocket: socket,
    program,
    serverUid: typeof plugins.server === 'object' ? plugins.server.uid : undefined,
  });
  const other = await viewOf(looks, config, plugins.server, daemon.process.pid);
  return {
    now: Date.now(),
    configErrors,
    config,
    start,
    daemon,
    plugins,
    ...(serve && { serve }),
    policies: policiesOf(looks, config, loaded, serve?.policySet),
    files,
    system: { ...system, ...(other && { otherFiles: other }) },
    unseen: looks.unseen,
  };
}

async function gatherServe(looks: Looks, { admin }: Config) {
  return looks.at(
    'what `serve` says of itself',
    () => {
      if (admin.kind === 'unix') return askServe(admin.path, '/v1/status', statusSchema);
      throw new Error(`it has no admin socket, its \`--admin\` is ${addressText(admin)}`);
    },
    12_000,
  );
}

/** What is wrong with the policies, as far as those that the configuration names are those of the running `serve`. */
function policiesOf(
  looks: Looks,
  { policies }: Config,
  loaded: LoadResult | undefined,
  inForce: Status['policySet'] | undefined,
): Host['policies'] {
  const digest = loaded?.ok ? loaded.set.digest : undefined;
  if (inForce !== undefined && !inForce.broken && inForce.digest !== digest) {
    const why = `\`serve\` has read others than there are in ${policies.join(', ')}; name its file by \`--config\``;
    looks.unseen.push({ what: 'the policies in force', why });
    return { errors: [], warnings: [] };
  }
  return {
    errors: loaded?.ok === false ? loaded.errors.map(remarkOf) : [],
    warnings: loaded?.ok ? loaded.warnings.map(remarkOf) : [],
  };
}

function remarkOf(error: FileError): Remark {
  const { code, message, hint } = error;
  return { text: `${placeOf(error)}: ${message}`, fix: hint === undefined ? codes[code].fix : `${hint}.` };
}

async function startCommand(looks: Looks, configFile: string | undefined): Promise<string> {
  const found = await looks.at(`the unit ${unit}`, () => unitProperties(unit, ['LoadState']));
  if (found?.get('LoadState') === 'loaded') return `systemctl restart ${unit}`;
  return `bulwark serve${configFile === undefined ? '' : ` --config ${shellWord(configFile)}`}`;
}

/** The program of the running `serve`; this one where that cannot be seen. */
async function programOf(looks: Looks, server: PluginFacts['server']): Promise<Program> {
  const own = { home: join(import.meta.dirname, '../../../..'), node: process.execPath };
  if (typeof server !== 'object') return own;
  const found = await looks.at('the program of `serve`', async () => {
    const args = (await readFile(`/proc/${server.pid}/cmdline`, 'utf8')).split('\0');
    const main = args.find((arg) => /\/cli\/main\.[jt]s$/.test(arg));
    const node = await readlink(`/proc/${server.pid}/exe`);
    return main === undefined ? { ...own, node } : { home: dirname(dirname(dirname(main))), node };
  });
  return found ?? own;
}

/** Where Bulwark's view of the host is another than the daemon's. */
async function viewOf(
  looks: Looks,
  { hostRoot }: Config,
  server: PluginFacts['server'],
  daemon: number | undefined,
): Promise<readonly string[] | undefined> {
  if (hostRoot === undefined) return undefined;
  return looks.at('whether Bulwark sees the files of the daemon', () => {
    if (process.getuid?.() !== 0) throw new Error('only root can see the root of other processes');
    if (daemon === undefined) throw new Error('the process of the daemon cannot be seen');
    if (server === 'elsewhere') throw new Error('Bulwark runs in a container, whose files are its own');
    return otherFiles(join(server === undefined ? '/' : `/proc/${server.pid}/root`, hostRoot), daemon);
  });
}
