import { join } from 'node:path';
import { Command, Option } from 'commander';
import { statusSchema } from '../admin/routes/status.ts';
import { askServe } from '../host/askServe.ts';
import { LedgerReader } from '../ledger/reader.ts';
import { addressText } from '../model/address.ts';
import { Refusal } from '../model/error.ts';
import { safeJson } from '../model/inert.ts';
import { addDataOptions, configOf, type DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { hostText } from './hostText.ts';
import { misuse } from './openLedger.ts';
import { statusText } from './statusText.ts';
import { type Clock, localClock, startOfDay } from './times.ts';

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
    const clock = localClock();
    const deniedToday = deniedIn(join(config.data, 'ledger.db'), clock);
    process.stdout.write(
      output === 'json'
        ? `${safeJson({ ...status, deniedToday: deniedToday ?? null }, 2)}\n`
        : statusText(status, deniedToday, clock.zone),
    );
    return status.problems.length === 0 ? exits.yes : exits.no;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`error: ${error.message}\n${error.fix}\n${await hostText(config)}`);
    return exits.no;
  }
}

/** How many requests were denied since the beginning of the day; undefined where the ledger cannot be read. */
function deniedIn(path: string, clock: Clock): number | undefined {
  let ledger: LedgerReader | undefined;
  try {
    ledger = new LedgerReader(path);
    return ledger.deniedSince(startOfDay(clock));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  } finally {
    ledger?.close();
  }
}
