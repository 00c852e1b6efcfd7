import { dirname } from 'node:path';
import { Command } from 'commander';
import { type Broken, breakGlass, mendGlass } from '../host/breakGlass.ts';
import { printable } from '../model/printable.ts';
import { exits } from './exits.ts';
import {
  addDaemonOptions,
  type DaemonFlags,
  installedConfig,
  tellError,
  wantedDaemon,
} from './hostOptions.ts';

interface BreakGlassFlags extends DaemonFlags {
  readonly undo?: boolean;
}

/** The command `bulwark break-glass`: Docker without Bulwark, for root, at once. `exit` takes the exit code. */
export function breakGlassCommand(exit: (code: number) => void): Command {
  return addDaemonOptions(new Command('break-glass'))
    .description(
      'Take Bulwark out of `daemon.json` and make Docker answer without it, also where both are down. It is recorded.',
    )
    .option('--undo', 'Put it back.')
    .action(async (flags: BreakGlassFlags) => exit(await runBreakGlass(flags)));
}

async function runBreakGlass({ undo, ...flags }: BreakGlassFlags): Promise<number> {
  try {
    const config = await installedConfig();
    const { data } = config;
    const wanted = wantedDaemon(flags, config);
    const now = new Date();
    process.stdout.write(
      undo
        ? mendedText(await mendGlass(wanted, config, now), data)
        : brokenText(await breakGlass(wanted, data, now), data),
    );
    return exits.yes;
  } catch (error) {
    tellError(error);
    return exits.no;
  }
}

function brokenText({ configFile, changed, note }: Broken, data: string): string {
  const file = printable(configFile, 4096);
  const what = changed ? `Bulwark is out of ${file}` : `Bulwark was not in ${file}`;
  return `${what}, and Docker answers without it: NOTHING IS JUDGED OR RECORDED NOW.\n${noteText(note, data)}To put it back: bulwark break-glass --undo\n`;
}

function mendedText({ configFile, changed, note }: Broken, data: string): string {
  const file = printable(configFile, 4096);
  const what = changed ? `Bulwark is back in ${file}` : `Bulwark was in ${file} already`;
  return `${what}, and Docker asks it.\n${noteText(note, data)}`;
}

function noteText(note: string | undefined, data: string): string {
  if (note === undefined) return 'No disk took a note of this: tell who must know.\n';
  const path = printable(note, 4096);
  return dirname(note) === data
    ? `Noted in ${path}, which Bulwark takes into its ledger.\n`
    : `Noted in ${path}, since ${printable(data, 4096)} takes nothing: keep it, Bulwark does not look there.\n`;
}
