/** An apt beside the machine's own, for another release: it downloads and unpacks, and installs nothing. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianSources, machineSources } from './aptsources.ts';
import { onPath } from './onpath.ts';

const run = promisify(execFile);

export interface Apt {
  /** Downloads these packages, without what they depend on, and unpacks them into `folder`. */
  unpack(names: readonly string[], folder?: string): Promise<void>;
  /** Removes the downloads and lists. */
  tidy(): Promise<void>;
}

/** An apt of its own for a release: own sources, lists and cache, the machine's keys, proxy and mirror. */
export async function aptFor(release: string, folder: string): Promise<Apt> {
  const missing = [];
  for (const tool of ['apt-get', 'apt-config', 'dpkg', 'ldd']) {
    if ((await onPath(tool)) === undefined) missing.push(tool);
  }
  if (missing.length > 0) throw new Error(`this is not a Debian: ${missing.join(', ')} missing.`);
  const sources = debianSources(await machineSources());
  if (sources.length === 0) {
    throw new Error('the sources of apt in /etc/apt name no Debian mirror with the component main.');
  }
  const base = join(folder, 'apt');
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'empty', 'debs']) {
    await mkdir(join(base, part), { recursive: true });
  }
  await writeFile(join(base, 'status'), '');
  // The mirrors are alternatives, in the machine's order; an entry that fails leaves the others.
  const lines = sources.map(({ uri, options }) => `deb ${options}${uri} ${release} main\n`);
  await writeFile(join(base, 'sources.list'), [...new Set(lines)].join(''));
  await writeFile(join(base, 'apt.conf'), await aptConfiguration(base));
  const env = {
    ...process.env,
    APT_CONFIG: join(base, 'apt.conf'),
    LC_ALL: 'C',
    DEBIAN_FRONTEND: 'noninteractive',
  };
  // `apt-get update` succeeds when no mirror answers, with warnings, which are the reason for what fails later.
  let warnings = '';
  const apt = async (cwd: string, ...args: string[]): Promise<void> => {
    const options = { env, cwd, timeout: 300_000, maxBuffer: 1 << 26 };
    const { stderr } = await run('apt-get', ['-q', ...args], options).catch((error: unknown) => {
      throw new Error(aptSaid(args[0] ?? '', error, warnings), { cause: error });
    });
    warnings += stderr;
  };
  await apt(base, 'update');
  return {
    async unpack(names, into = folder) {
      const debs = join(base, 'debs', randomUUID());
      await mkdir(debs);
      await mkdir(into, { recursive: true });
      await apt(debs, 'download', ...names);
      for (const deb of await readdir(debs)) await run('dpkg', ['-x', join(debs, deb), into]);
    },
    tidy: () => rm(base, { recursive: true, force: true }),
  };
}

/**
 * The machine's settings for fetching (proxy, certificates, dates), but none of its hooks, pins and places: hooks
 * of `apt-get update` would touch the host.
 */
async function aptConfiguration(base: string): Promise<string> {
  const { stdout } = await run('apt-config', ['dump'], { maxBuffer: 1 << 26 });
  const kept = stdout
    .split('\n')
    .filter((line) => line.startsWith('Acquire::') || line.startsWith('APT::Architecture'));
  const own = {
    'Dir::Etc::main': `${base}/empty/none`,
    'Dir::Etc::Parts': `${base}/empty`,
    'Dir::Etc::SourceList': `${base}/sources.list`,
    'Dir::Etc::SourceParts': `${base}/empty`,
    'Dir::Etc::Preferences': `${base}/empty/none`,
    'Dir::Etc::PreferencesParts': `${base}/empty`,
    'Dir::State': `${base}/state`,
    'Dir::State::status': `${base}/status`,
    'Dir::Cache': `${base}/cache`,
    // The folder may lie in a home that the user _apt cannot enter.
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
  };
  return [...kept, ...Object.entries(own).map(([key, value]) => `${key} "${value}";`), ''].join('\n');
}

function aptSaid(what: string, error: unknown, before: string): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = (before + stderr).split('\n').filter((line) => /^[EW]:/.test(line));
  return `\`apt-get ${what}\` failed: ${lines.slice(0, 3).join(' ') || reason(error)}`;
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
