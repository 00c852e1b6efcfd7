import { Command } from 'commander';
import { findDaemon } from '../host/daemon.ts';
import { places } from '../host/places.ts';
import { uninstall } from '../host/uninstall.ts';
import { exits } from './exits.ts';
import {
  addDaemonOptions,
  type DaemonFlags,
  installedConfig,
  tellError,
  wantedDaemon,
} from './hostOptions.ts';

interface UninstallFlags extends DaemonFlags {
  readonly purge?: boolean;
}

/** The command `bulwark uninstall`: the way back from `install`. `exit` takes the exit code. */
export function uninstallCommand(exit: (code: number) => void): Command {
  return addDaemonOptions(new Command('uninstall'))
    .description('Take Bulwark out of Docker and then off the host. Policies and ledger stay.')
    .option('--purge', `Remove ${places.policies}, ${places.config} and the ledger too.`)
    .action(async (flags: UninstallFlags) => exit(await runUninstall(flags)));
}

async function runUninstall({ purge = false, ...flags }: UninstallFlags): Promise<number> {
  try {
    const wanted = wantedDaemon(flags, await installedConfig());
    const daemon = await findDaemon(wanted);
    await uninstall(daemon, wanted.socket, purge, (line) => process.stdout.write(`${line}\n`));
    return exits.yes;
  } catch (error) {
    tellError(error);
    return exits.no;
  }
}
