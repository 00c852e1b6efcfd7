import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { cursorOf, type Portion } from '../ledger/stored.ts';
import { Refusal } from '../model/error.ts';
import { inert } from '../model/inert.ts';
import { addDataOptions, type DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { misuse, withLedger } from './openLedger.ts';
import { recordLine, recordTitles } from './recordCsv.ts';
import { limit, type TimeFlags, timesOf, timeWords } from './timeFlags.ts';
import { localClock } from './times.ts';

interface ExportFlags extends DataFlags, TimeFlags {
  readonly format: 'jsonl' | 'csv';
  readonly cursor?: string;
  readonly limit?: number;
}

/** The command `bulwark export`: all records, for whoever keeps or reviews them elsewhere. `exit` takes the exit code. */
export function exportCommand(exit: (code: number) => void): Command {
  return addDataOptions(new Command('export'), 'the ledger')
    .description('Write all records to stdout, in their order; go on another time where that ended.')
    .addOption(
      new Option('--format <format>', 'jsonl: each as it is stored. csv: a line of columns each.')
        .choices(['jsonl', 'csv'])
        .default('jsonl'),
    )
    .addOption(new Option('--since <time>', `Of then and later: ${timeWords}.`))
    .addOption(new Option('--until <time>', 'Of before then; a day is meant to its end.'))
    .addOption(new Option('--limit <count>', 'At most so many.').argParser(limit))
    .addOption(new Option('--cursor <cursor>', 'Go on behind this place: the `next` of an earlier export.'))
    .addHelpText('after', help)
    .action(async (flags: ExportFlags) => exit(await runExport(flags)));
}

const help = `
At its end it tells on stderr where to go on (\`next: SEQ-HASH\`): the seq of the last record that was written, and the first
16 digits of its hash. Titles of columns are written where there is no --cursor.
Records are byte for byte as in the ledger, so that their chain of hashes can be checked elsewhere; but on a terminal,
and in csv always, what would steer a terminal is written as an escape.`;

async function runExport(flags: ExportFlags): Promise<number> {
  const times = timesOf(flags, localClock());
  if ('problem' in times) return misuse(times.problem, times.remedy);
  const { format, cursor, limit } = flags;
  const options = {
    ...times,
    ...(cursor !== undefined && { cursor }),
    ...(limit !== undefined && { limit }),
  };
  return withLedger(flags, async (ledger) => {
    try {
      return await writeAll(ledger.stored(options), linesIn(format, process.stdout.isTTY), cursor);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'ledger-cursor') throw error;
      return misuse(`${error.code}: ${error.message}`, error.fix);
    }
  });
}

interface Lines {
  readonly titles: string;
  of(records: readonly Uint8Array[]): string | Uint8Array;
}

/** How records are written. */
function linesIn(format: ExportFlags['format'], toTerminal: boolean): Lines {
  if (format === 'csv') return { titles: recordTitles, of: (records) => records.map(recordLine).join('') };
  const lines = (records: readonly Uint8Array[]) =>
    Buffer.concat(records.flatMap((record) => [record, newline]));
  return { titles: '', of: toTerminal ? (records) => inert(lines(records).toString()) : lines };
}

const newline = Buffer.from('\n');

/** Writes as fast as it is read; where nobody reads any longer, it ends there. */
async function writeAll(portions: Iterable<Portion>, lines: Lines, cursor?: string): Promise<number> {
  const closed = new AbortController();
  const close = () => closed.abort();
  process.stdout.once('error', close);
  try {
    if (cursor === undefined) await write(lines.titles, closed.signal);
    let next = cursor;
    for (const { records, lost } of portions) {
      if (lost > 0) process.stderr.write(lostText(lost));
      await write(lines.of(records), closed.signal);
      if (closed.signal.aborted) return exits.yes;
      const last = records.at(-1);
      next = last === undefined ? next : cursorOf(last);
    }
    if (next !== undefined) process.stderr.write(`next: ${next}\n`);
    return exits.yes;
  } finally {
    process.stdout.off('error', close);
  }
}

/** Returns when there is room for more, or nobody reads. */
async function write(chunk: string | Uint8Array, signal: AbortSignal): Promise<void> {
  // Listened for at once: it may come before the next turn.
  const room = process.stdout.write(chunk) || once(process.stdout, 'drain', { signal }).catch(() => {});
  // That nobody reads is told afterwards.
  await setImmediate();
  await room;
}

function lostText(count: number): string {
  const records = count === 1 ? 'a record is' : `${count} records are`;
  return `warning: ${records} not in the ledger any longer that would have come next: older, or more, than it keeps.\n`;
}
