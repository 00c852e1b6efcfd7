import { type Command, Option } from 'commander';
import type { Filter } from '../ledger/filter.ts';
import type { GroupKey, LedgerReader } from '../ledger/reader.ts';
import { safeJson } from '../model/inert.ts';
import type { DataFlags } from './dataFolder.ts';
import { decisionColumns, decisionRow, groupColumns, groupJson, groupRow, isRoomy } from './decisionRows.ts';
import { exits } from './exits.ts';
import { follow } from './follow.ts';
import { ledgerCommand, misuse, withLedger } from './openLedger.ts';
import { screenOf, TextTable } from './textTable.ts';
import { limit, type TimeFlags, timesOf, timeWords } from './timeFlags.ts';
import { localClock } from './times.ts';

interface ListFlags extends DataFlags, TimeFlags, Omit<Filter, 'decision' | 'since' | 'until'> {
  readonly limit?: number;
  readonly cursor?: string;
  readonly follow?: true;
  readonly groupBy?: GroupKey;
  readonly output: 'table' | 'json';
}

/** Records of a page, and what `--follow` begins with, where `--limit` does not say. */
const pageSize = 50;
const followSize = 10;

/** The command `bulwark denials`: what was refused, to whom and why. `exit` takes the exit code. */
export function denialsCommand(exit: (code: number) => void): Command {
  return listCommand('denials', false, exit).description(
    'List what was denied, newest first. `bulwark explain ID` tells all about one.',
  );
}

/** The command `bulwark log`: all decisions. `exit` takes the exit code. */
export function logCommand(exit: (code: number) => void): Command {
  return listCommand('log', true, exit).description(
    'List all decisions, newest first. `bulwark explain ID` tells all about one.',
  );
}

function listCommand(name: string, all: boolean, exit: (code: number) => void): Command {
  return ledgerCommand(name, 'One document {items, next}; with --follow an object a line.')
    .addOption(
      new Option('--subject <name>', 'Of this subject; `*` stands for any characters, here and below.'),
    )
    .addOption(new Option('--action <name>', 'Of this action, such as container.create or container.*'))
    .addOption(new Option('--rule <rule>', 'That broke this rule, or a part of it: house/memory, house/*'))
    .addOption(
      new Option(
        '--mode <mode>',
        'That broke a rule which only watches: of a policy that audits or warns, or of the set that `serve --shadow` tries.',
      ).choices(['audit', 'warn', 'shadow']),
    )
    .addOption(new Option('--image <pattern>', 'About this image, as in a policy: alpine is any tag of it.'))
    .addOption(new Option('--resource <name>', 'About what was named so: a container, a volume ...'))
    .addOption(new Option('--since <time>', `From then on: ${timeWords}.`))
    .addOption(new Option('--until <time>', 'Before then; a day is meant to its end.'))
    .addOption(
      new Option(
        '--limit <count>',
        `At most so many. (default: ${pageSize}; with --follow the ${followSize} newest to begin with)`,
      ).argParser(limit),
    )
    .addOption(new Option('--cursor <cursor>', 'Go on where a page ended: its `next`.'))
    .addOption(
      new Option('--follow', 'Show new ones as they come, oldest first.').conflicts([
        'cursor',
        'until',
        'groupBy',
      ]),
    )
    .addOption(
      new Option('--group-by <what>', 'Count them instead, the most frequent first.')
        .choices(['subject', 'rule', 'action', 'image'])
        .conflicts('cursor'),
    )
    .action(async (flags: ListFlags) => exit(await runList(flags, all)));
}

async function runList(flags: ListFlags, all: boolean): Promise<number> {
  const clock = localClock();
  const times = timesOf(flags, clock);
  if ('problem' in times) return misuse(times.problem, times.remedy);
  const { subject, action, rule, mode, image, resource } = flags;
  // What only watches may have been allowed.
  const every = all || mode !== undefined;
  const filter: Filter = {
    ...(!every && { decision: 'deny' }),
    ...(subject !== undefined && { subject }),
    ...(action !== undefined && { action }),
    ...(rule !== undefined && { rule }),
    ...(mode !== undefined && { mode }),
    ...(image !== undefined && { image }),
    ...(resource !== undefined && { resource }),
    ...times,
  };
  const shown: Shown = { flags, filter, all: every, zone: clock.zone };
  return withLedger(flags, (ledger, path) => {
    if (flags.follow) return showNew(path, shown);
    return flags.groupBy === undefined ? showPage(ledger, shown) : showGroups(ledger, flags.groupBy, shown);
  });
}

interface Shown {
  readonly flags: ListFlags;
  readonly filter: Filter;
  readonly all: boolean;
  readonly zone: string;
}

function showPage(ledger: LedgerReader, { flags, filter, all, zone }: Shown): number {
  const { items, next } = ledger.query(filter, flags.limit ?? pageSize, flags.cursor);
  if (flags.output === 'json') {
    process.stdout.write(`${safeJson({ items, next: next ?? null }, 2)}\n`);
    return exits.yes;
  }
  const screen = screenOf(process.stdout, process.env);
  const shape = { all, owners: isRoomy(screen) && items.some(({ owner }) => owner !== undefined) };
  const table = new TextTable(decisionColumns(shape), screen);
  if (items.length === 0) none(all);
  else process.stdout.write(text(table.lines(items.map((item) => decisionRow(item, shape, zone)))));
  if (next !== undefined) process.stderr.write(`There are older ones: add --cursor ${next}\n`);
  return exits.yes;
}

function showGroups(ledger: LedgerReader, by: GroupKey, { flags, filter, all, zone }: Shown): number {
  const most = flags.limit ?? pageSize;
  const found = ledger.groups(filter, by, most + 1);
  const groups = found.slice(0, most);
  if (flags.output === 'json') {
    const items = groups.map((group) => groupJson(by, group));
    process.stdout.write(`${safeJson({ items, next: null }, 2)}\n`);
  } else {
    const table = new TextTable(groupColumns(by, all), screenOf(process.stdout, process.env));
    if (groups.length === 0) none(all);
    else process.stdout.write(text(table.lines(groups.map((group) => groupRow(group, all, zone)))));
  }
  if (found.length > most) process.stderr.write('There are more: raise --limit, or narrow the search.\n');
  return exits.yes;
}

/** Until the first SIGINT or SIGTERM, or until nobody reads any longer. */
async function showNew(path: string, { flags, filter, all, zone }: Shown): Promise<number> {
  const controller = new AbortController();
  const end = () => controller.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, end);
  process.stdout.once('error', end);
  const screen = screenOf(process.stdout, process.env);
  // What comes is not known yet.
  const shape = { all, owners: isRoomy(screen) };
  const table = new TextTable(decisionColumns(shape), screen);
  try {
    for await (const items of follow(path, filter, flags.limit ?? followSize, controller.signal)) {
      const lines =
        flags.output === 'json'
          ? items.map((item) => safeJson(item))
          : table.lines(items.map((item) => decisionRow(item, shape, zone)));
      process.stdout.write(text(lines));
    }
  } finally {
    process.stdout.off('error', end);
    for (const signal of signals) process.off(signal, end);
  }
  return exits.yes;
}

function none(all: boolean): void {
  process.stderr.write(all ? 'No decision fits.\n' : 'No denial fits.\n');
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
