import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Config, resolveConfig } from '../config/config.ts';
import { sources, specSchema } from '../config/settings.ts';
import type { Wanted } from '../host/daemon.ts';
import { places } from '../host/places.ts';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { formatFileError } from '../policyfiles/fileerror.ts';

/** The options that say which daemon of this host is meant. */
export interface DaemonFlags {
  readonly dockerHost?: string;
  readonly configFile?: string;
}

/** Adds the options of `DaemonFlags`. */
export function addDaemonOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        sources.dockerHost.flag,
        `The socket of the daemon, \`unix:///PATH\`. (default: as ${places.config} says, else ${sources.dockerHost.byDefault})`,
      ).argParser(socketPath),
    )
    .addOption(
      new Option('--config-file <file>', "The daemon's `daemon.json`. (default: as its command line says)"),
    );
}

/** For an option: the path of `unix:///PATH`. */
export function socketPath(text: string): string {
  const address = specSchema.shape.dockerHost.safeParse(text).data;
  if (address?.kind === 'unix') return address.path;
  throw new InvalidArgumentError('write `unix:///PATH`, with three slashes.');
}

/** The configuration of the Bulwark that is installed here, or would be. A broken one is told on stderr, and the defaults taken. */
export async function installedConfig(): Promise<Config> {
  const given = { flags: {}, env: {}, uid: 0 };
  const configFile = existsSync(places.config) ? places.config : undefined;
  const resolved = await resolveConfig({ ...given, configFile });
  if (resolved.ok) return resolved.config;
  for (const error of resolved.errors) process.stderr.write(`${formatFileError(error)}\n`);
  const fallback = await resolveConfig({ ...given, configFile: undefined });
  if (fallback.ok) return fallback.config;
  throw new Error('the defaults do not hold');
}

/** The daemon that is meant. */
export function wantedDaemon({ dockerHost, configFile }: DaemonFlags, config: Config): Wanted {
  const known = config.dockerHost.kind === 'unix' ? config.dockerHost.path : '/var/run/docker.sock';
  return { socket: dockerHost ?? known, ...(configFile !== undefined && { configFile }) };
}

/** Says on stderr why something did not go, also where the system or a program said no; a bug is thrown on. */
export function tellError(error: unknown): void {
  if (error instanceof Refusal) process.stderr.write(`error: ${error.message}\n${error.fix}\n`);
  else if (error instanceof Error && 'code' in error)
    process.stderr.write(`error: ${printable(error.message, 2000)}\nMend that and run the command again.\n`);
  else throw error;
}
