import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { findDaemon } from '../host/daemon.ts';
import { pluginsOf, readDaemonJson } from '../host/daemonJson.ts';
import { printable } from '../model/printable.ts';

/** What the host knows of a Bulwark that does not answer: whether the daemon runs, is told to ask, and what to do. */
export async function hostText({ dockerHost, protect: { plugin } }: Config): Promise<string> {
  const socket = dockerHost.kind === 'unix' ? dockerHost.path : '/var/run/docker.sock';
  const { pid, configFile, flags } = await findDaemon({ socket });
  const runs = pid === undefined ? `no dockerd can be seen at ${socket}` : `dockerd runs (process ${pid})`;
  const inFile = await pluginsIn(configFile);
  const isNamed = [...(flags.get('authorization-plugin') ?? []), ...(inFile ?? [])].includes(plugin);
  const asks = isNamed
    ? `it is told to ask "${plugin}" and denies everything while nobody answers; \`bulwark break-glass\` gives Docker back`
    : inFile === undefined
      ? `${configFile} cannot be read, so that nobody knows whether it asks Bulwark`
      : `${configFile} does not tell it to ask Bulwark, so that nothing is judged`;
  return `${printable(`The host: ${runs}; ${asks}. \`bulwark doctor\` tells more.`, 2000)}\n`;
}

/** The plugins that the daemon's file names; undefined where it cannot be read. */
async function pluginsIn(file: string): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    return pluginsOf(readDaemonJson(text, file), file);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : undefined;
  }
}
