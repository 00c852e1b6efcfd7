import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Config, resolveConfig } from '../config/config.ts';
import { configSource, sources } from '../config/settings.ts';
import { diagnose } from '../host/doctor/diagnose.ts';
import { gather } from '../host/doctor/gather/gather.ts';
import { safeJson } from '../model/inert.ts';
import { formatFileError } from '../policyfiles/fileerror.ts';
import { addDataOptions, type DataFlags } from './dataFolder.ts';
import { doctorJson, doctorText } from './doctorText.ts';
import { exits } from './exits.ts';
import { socketPath } from './hostOptions.ts';
import { screenOf } from './textTable.ts';

interface DoctorFlags extends DataFlags {
  /** A path. */
  readonly dockerHost?: string;
  readonly configFile?: string;
  readonly output: 'table' | 'json';
}

/** The command `bulwark doctor`: what is wrong with this host. `exit` takes the exit code. */
export function doctorCommand(exit: (code: number) => void): Command {
  return addDataOptions(
    new Command('doctor').description(
      'Look for what leaves this host open, or would stop Docker: the daemon, its plugins, Bulwark and what they rest on. Changes nothing; exit code 1 if there is an error.',
    ),
    'the ledger',
  )
    .addOption(
      new Option(sources.dockerHost.flag, 'The socket of the daemon. (default: as `serve`)').argParser(
        socketPath,
      ),
    )
    .addOption(
      new Option('--config-file <file>', "The daemon's own file. (default: as the daemon that runs says)"),
    )
    .addOption(new Option('--output <format>', 'How to answer.').choices(['table', 'json']).default('table'))
    .action(async (flags: DoctorFlags) => exit(await runDoctor(flags)));
}

async function runDoctor({ output, ...flags }: DoctorFlags): Promise<number> {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  const host = await gather({
    ...(await configured(flags)),
    configFile: absolute(flags.config ?? process.env[configSource.variable]),
    daemonJson: absolute(flags.configFile),
  });
  const findings = diagnose(host);
  process.stdout.write(
    output === 'json'
      ? `${safeJson(doctorJson(host, findings), 2)}\n`
      : doctorText(host, findings, screenOf(process.stdout, process.env)),
  );
  return findings.some(({ severity }) => severity === 'error') ? exits.no : exits.yes;
}

/** The configuration of `serve`, or what holds without its file and variables, with what is wrong with them. */
async function configured({ config: configFile, data, dockerHost }: Omit<DoctorFlags, 'output'>): Promise<{
  readonly config: Config;
  readonly configErrors: readonly string[];
}> {
  const uid = process.getuid?.() ?? 0;
  const flags = {
    ...(data !== undefined && { data }),
    ...(dockerHost !== undefined && { dockerHost: { kind: 'unix' as const, path: dockerHost } }),
  };
  const whole = await resolveConfig({ configFile, flags, env: process.env, uid });
  if (whole.ok) return { config: whole.config, configErrors: [] };
  const bare = await resolveConfig({ configFile: undefined, flags, env: {}, uid });
  if (!bare.ok) throw new Error('the configuration by default is broken');
  return { config: bare.config, configErrors: whole.errors.map((error) => formatFileError(error)) };
}
