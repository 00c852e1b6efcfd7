import { join } from 'node:path';
import { Command, Option } from 'commander';
import { resolveConfig } from '../config/config.ts';
import { configSource, sources } from '../config/settings.ts';
import { LedgerReader } from '../ledger/reader.ts';
import { Refusal } from '../model/error.ts';
import { formatFileError } from '../policyfiles/fileerror.ts';
import { exits } from './exits.ts';

export interface LedgerFlags {
  readonly config?: string;
  readonly data?: string;
}

/** A command that reads the ledger: the options that say where it is and how to answer. */
export function ledgerCommand(name: string, output = 'How to answer.'): Command {
  return new Command(name)
    .addOption(new Option(configSource.flag, "Take the ledger's folder from this Config file."))
    .addOption(
      new Option(
        sources.data.flag,
        `The folder of the ledger. (${sources.data.variable}; default: as \`serve\`)`,
      ),
    )
    .addOption(new Option('--output <format>', output).choices(['table', 'json']).default('table'));
}

/**
 * Does something with the ledger, opened so that it cannot be written. What it gives is the exit code; without a
 * ledger, or where it throws a `Refusal`, the error is on stderr and the exit code that of a misuse.
 */
export async function withLedger(
  { config, data }: LedgerFlags,
  work: (ledger: LedgerReader, path: string) => number | Promise<number>,
): Promise<number> {
  const uid = process.getuid?.() ?? 0;
  const flags = data === undefined ? {} : { data };
  const resolved = await resolveConfig({ configFile: config, flags, env: process.env, uid });
  if (!resolved.ok) {
    const lines = resolved.errors.map((error) => `${formatFileError(error)}\n`);
    process.stderr.write(
      `${lines.join('')}error: the configuration cannot be used; mend it, or name the ledger's folder with \`--data\`.\n`,
    );
    return exits.no;
  }
  const path = join(resolved.config.data, 'ledger.db');
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
