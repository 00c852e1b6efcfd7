import { join } from 'node:path';
import { Command, Option } from 'commander';
import { LedgerReader } from '../ledger/reader.ts';
import { Refusal } from '../model/error.ts';
import { addDataOptions, type DataFlags, dataFolder } from './dataFolder.ts';
import { exits } from './exits.ts';

/** A command that reads the ledger: the options that say where it is and how to answer. */
export function ledgerCommand(
  name: string,
  output = 'How to answer.',
  formats: readonly string[] = ['table', 'json'],
): Command {
  return addDataOptions(new Command(name), 'the ledger').addOption(
    new Option('--output <format>', output).choices(formats).default('table'),
  );
}

/**
 * Does something with the ledger, opened so that it cannot be written. What it gives is the exit code; without a
 * ledger, or where it throws a `Refusal`, the error is on stderr and the exit code that of a misuse.
 */
export async function withLedger(
  flags: DataFlags,
  work: (ledger: LedgerReader, path: string) => number | Promise<number>,
): Promise<number> {
  const folder = await dataFolder(flags);
  if (folder === undefined) return exits.no;
  const path = join(folder, 'ledger.db');
  let ledger: LedgerReader | undefined;
  try {
    ledger = new LedgerReader(path);
    return await work(ledger, path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return misuse(error.message, error.fix);
  } finally {
    ledger?.close();
  }
}

/** Says what is wrong and the way out; gives the exit code. */
export function misuse(message: string, remedy: string): number {
  process.stderr.write(`error: ${message}\n${remedy}\n`);
  return exits.misuse;
}
