import { type Command, Option } from 'commander';
import { type Hours, hoursOf } from '../ledger/account/periods.ts';
import type { AccountReader } from '../ledger/account/reader.ts';
import { type Grouping, groupings, linesJson, subjectJson } from '../ledger/account/show.ts';
import { safeJson } from '../model/inert.ts';
import { quote } from '../model/printable.ts';
import { suggest } from '../policyfiles/suggest.ts';
import type { DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { ledgerCommand, misuse, withLedger } from './openLedger.ts';
import { screenOf } from './textTable.ts';
import { limit, type TimeFlags, timesOf, timeWords } from './timeFlags.ts';
import { localClock } from './times.ts';
import { boundsText, linesCsv, linesText, subjectText } from './usageText.ts';

interface UsageFlags extends DataFlags, TimeFlags {
  readonly by?: Grouping;
  readonly limit?: number;
  readonly output: 'table' | 'json' | 'csv';
}

/** Lines of a list, and things of each kind on a page, where `--limit` does not say. */
const listSize = 50;
const pageSize = 10;

/** The command `bulwark usage`: who asked how much, and what came of it. `exit` takes the exit code. */
export function usageCommand(exit: (code: number) => void): Command {
  return ledgerCommand('usage', 'How to answer; csv only lists.', ['table', 'json', 'csv'])
    .description(
      'Tell who asked how much, what was denied and what was made; of a subject, all that is counted.',
    )
    .argument('[subject]', "A subject's name: its page.")
    .addOption(new Option('--by <what>', 'Count by this. (default: user)').choices(groupings))
    .addOption(new Option('--since <time>', `From the hour of then on: ${timeWords}.`))
    .addOption(new Option('--until <time>', 'To the end of the hour of then; a day is meant to its end.'))
    .addOption(
      new Option(
        '--limit <count>',
        `At most so many lines; on a page, things of each kind. (default: ${listSize}; ${pageSize})`,
      ).argParser(limit),
    )
    .action(async (subject: string | undefined, flags: UsageFlags) => exit(await runUsage(subject, flags)));
}

async function runUsage(subject: string | undefined, flags: UsageFlags): Promise<number> {
  const clock = localClock();
  const times = timesOf(flags, clock);
  if ('problem' in times) return misuse(times.problem, times.remedy);
  const shown: Shown = { flags, hours: hoursOf(times), zone: clock.zone };
  if (subject === undefined) {
    return withLedger(flags, (ledger) => ledger.account((account) => showLines(account, shown)));
  }
  if (flags.by !== undefined) {
    return misuse('`--by` is for a list.', `Leave it out: the page of ${quote(subject)} has all of it.`);
  }
  if (flags.output === 'csv') {
    return misuse(
      'a page is no list, so there is no CSV of it.',
      'Take `--output json`, or leave the subject out.',
    );
  }
  return withLedger(flags, (ledger) => ledger.account((account) => showSubject(account, subject, shown)));
}

interface Shown {
  readonly flags: UsageFlags;
  readonly hours: Hours;
  readonly zone: string;
}

function showLines(account: AccountReader, { flags, hours, zone }: Shown): number {
  const { by = 'user', output } = flags;
  const { lines, more } = account.lines(by, hours, flags.limit ?? listSize);
  if (output === 'json') write(`${safeJson(linesJson(by, lines, hours, account.reach), 2)}\n`);
  else if (output === 'csv') write(linesCsv(by, lines));
  else if (lines.length > 0) write(text(linesText(by, lines, zone, screenOf(process.stdout, process.env))));
  if (lines.length === 0 && output === 'table') process.stderr.write('Nothing is counted in this time.\n');
  if (output !== 'json') process.stderr.write(text(boundsText(hours, account.reach, zone)));
  if (more) process.stderr.write('There are more: raise --limit.\n');
  return exits.yes;
}

function showSubject(account: AccountReader, subject: string, { flags, hours, zone }: Shown): number {
  const found = account.subject(subject, hours, flags.limit ?? pageSize);
  if (found === undefined) {
    const near = suggest(subject, account.subjects());
    process.stderr.write(
      `error: subject-unknown: nothing is counted of ${quote(subject)}.\n${near === undefined ? 'Look at the names with `bulwark usage`; upper and lower case differ.' : `Did you mean ${quote(near)}?`}\n${text(boundsText(hoursOf({}), account.reach, zone))}`,
    );
    return exits.no;
  }
  if (flags.output === 'json') write(`${safeJson(subjectJson(found, hours, account.reach), 2)}\n`);
  else {
    write(text(subjectText(found, zone, screenOf(process.stdout, process.env))));
    process.stderr.write(text(boundsText(hours, account.reach, zone)));
  }
  return exits.yes;
}

function write(output: string): void {
  process.stdout.write(output);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
