import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Config } from '../../config/config.ts';
import { lifeSchema } from '../../config/duration.ts';
import { configSource, sources } from '../../config/settings.ts';
import { account } from '../../host/account.ts';
import { places } from '../../host/places.ts';
import { type LeftNote, leaveNote } from '../../ledger/leftNotes.ts';
import { Refusal } from '../../model/error.ts';
import { printable, quote } from '../../model/printable.ts';
import { configOf, type DataFlags } from '../dataFolder.ts';
import { exits } from '../exits.ts';
import { misuse } from '../openLedger.ts';

export interface OutputFlags extends DataFlags {
  readonly output: 'table' | 'json';
}

/** The folder with a file for each token that was made here. */
export function issuedFolder({ identity }: Config): string {
  return join(dirname(identity.tokens.revoked), 'issued');
}

/**
 * Does something with the keys and tokens of the `serve` that the options name; what it gives is the exit code. Where it
 * throws a `Refusal`, or the system does not let it, the error is on stderr and the exit code that of a misuse.
 */
export async function withKeys(
  flags: DataFlags,
  work: (config: Config) => number | Promise<number>,
): Promise<number> {
  const config = await configOf({ ...flags, ...installed(flags) });
  if (config === undefined) return exits.no;
  try {
    return await work(config);
  } catch (error) {
    if (error instanceof Refusal) return misuse(error.message, error.fix);
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return misuse(
      `the keys and tokens in ${quote(config.data, 4096)} cannot be used: ${printable(error.message, 4096)}.`,
      'Run the command as the user of `serve`, as with `sudo`, or name its folder with `--data`, or its Config file with `--config`.',
    );
  }
}

/** Of root, who names nothing, the Config of the installed `serve`: a token of another audience would be refused there. */
function installed({ config, data }: DataFlags): DataFlags {
  const named = [config, data, process.env[configSource.variable], process.env[sources.data.variable]];
  const isMeant = process.getuid?.() === 0 && named.every((name) => name === undefined);
  return isMeant && existsSync(places.config) ? { config: places.config } : {};
}

type Done<N> = N extends LeftNote ? Omit<N, 'by' | 'happened'> : never;

/** Notes what was done, for the ledger. It is done even where no note can be left. */
export function noteDone(config: Config, done: Done<LeftNote>): void {
  try {
    leaveNote(config.data, { ...done, by: account(), happened: new Date().toISOString() });
  } catch (error) {
    const reason = error instanceof Error ? printable(error.message, 4096) : 'an unknown error';
    process.stderr.write(`warning: it will not be in the ledger: ${reason}.\n`);
  }
}

export function life(text: string): number {
  const value = lifeSchema.safeParse(text);
  if (value.success) return value.data;
  throw new InvalidArgumentError(value.error.issues[0]?.message ?? '');
}

export function outputOption(help: string): Option {
  return new Option('--output <format>', help).choices(['table', 'json']).default('table');
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
