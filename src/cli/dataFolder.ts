import { type Command, Option } from 'commander';
import { type Config, resolveConfig } from '../config/config.ts';
import { configSource, sources } from '../config/settings.ts';
import { formatFileError } from '../policyfiles/fileerror.ts';

/** The options that say where the data folder of `serve` is. */
export interface DataFlags {
  readonly config?: string;
  readonly data?: string;
}

/** Adds the options of `DataFlags`; `holds` is what the command wants of the folder. */
export function addDataOptions(command: Command, holds: string): Command {
  const { flag, variable } = sources.data;
  return command
    .addOption(new Option(configSource.flag, 'Take the data folder from this Config file.'))
    .addOption(new Option(flag, `The folder of ${holds}. (${variable}; default: as \`serve\`)`));
}

/** The folder that the options name; undefined after saying on stderr why there is none. */
export async function dataFolder(flags: DataFlags): Promise<string | undefined> {
  return (await configOf(flags))?.data;
}

/** The configuration of the `serve` that the options name; undefined after saying on stderr why there is none. */
export async function configOf({ config, data }: DataFlags): Promise<Config | undefined> {
  const uid = process.getuid?.() ?? 0;
  const flags = data === undefined ? {} : { data };
  const resolved = await resolveConfig({ configFile: config, flags, env: process.env, uid });
  if (resolved.ok) return resolved.config;
  const lines = resolved.errors.map((error) => `${formatFileError(error)}\n`);
  process.stderr.write(
    `${lines.join('')}error: the configuration cannot be used; mend it, or name the folder with \`--data\`.\n`,
  );
  return undefined;
}
