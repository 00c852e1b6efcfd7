import { Command, Option } from 'commander';
import { statusSchema } from '../admin/routes/status.ts';
import { askServe } from '../host/askServe.ts';
import { addressText } from '../model/address.ts';
import { Refusal } from '../model/error.ts';
import { safeJson } from '../model/inert.ts';
import { addDataOptions, configOf, type DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { misuse } from './openLedger.ts';
import { statusText } from './statusText.ts';
import { localClock } from './times.ts';

interface StatusFlags extends DataFlags {
  readonly output: 'table' | 'json';
}

/** The command `bulwark status`: how the running `serve` fares. `exit` takes the exit code. */
export function statusCommand(exit: (code: number) => void): Command {
  return addDataOptions(new Command('status'), 'the running `serve`')
    .description(
      'Tell whether dockerd asks Bulwark, what is in force and what is wrong; exit code 1 if anything is, or if `serve` does not run.',
    )
    .addOption(new Option('--output <format>', 'How to answer.').choices(['table', 'json']).default('table'))
    .action(async (flags: StatusFlags) => exit(await runStatus(flags)));
}

async function runStatus({ output, ...where }: StatusFlags): Promise<number> {
  const config = await configOf(where);
  if (config === undefined) return exits.no;
  const { admin } = config;
  if (admin.kind !== 'unix') {
    return misuse(
      `\`serve\` has no admin socket here: its \`--admin\` is ${addressText(admin)}.`,
      'Give `serve` an `--admin unix:PATH`, or none, which is a socket too; over TCP ask `GET /v1/status` with a token.',
    );
  }
  try {
    const status = await askServe(admin.path, '/v1/status', statusSchema);
    process.stdout.write(
      output === 'json' ? `${safeJson(status, 2)}\n` : statusText(status, localClock().zone),
    );
    return status.problems.length === 0 ? exits.yes : exits.no;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`error: ${error.message}\n${error.fix}\n`);
    return exits.no;
  }
}
