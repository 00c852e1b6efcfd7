import { Command, Option } from 'commander';
import { type OwnedKind, type OwnerFilter, type OwnerFound, ownedKinds } from '../ledger/account/owners.ts';
import { ownerFoundJson, ownersJson } from '../ledger/account/showOwners.ts';
import { safeJson } from '../model/inert.ts';
import { printable, quote } from '../model/printable.ts';
import { suggest } from '../policyfiles/suggest.ts';
import type { DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { ledgerCommand, misuse, withLedger } from './openLedger.ts';
import { ownersText, ownerText } from './ownerText.ts';
import { screenOf } from './textTable.ts';
import { limit } from './timeFlags.ts';
import { localClock } from './times.ts';
import { behindText } from './usageText.ts';

interface ListFlags extends DataFlags, OwnerFilter {
  readonly limit: number;
  readonly cursor?: string;
  readonly output: 'table' | 'json';
}

interface ShowFlags extends DataFlags {
  readonly limit: number;
  readonly output: 'table' | 'json';
}

type Found = Extract<OwnerFound, { is: 'one' }>;

/** The command `bulwark owner`: who made what. `exit` takes the exit code. */
export function ownerCommand(exit: (code: number) => void): Command {
  const ls = ledgerCommand('ls')
    .description('List what somebody has made and is still there, newest first.')
    .addOption(new Option('--kind <kind>', 'Of this kind. (default: all but exec)').choices([...ownedKinds]))
    .addOption(new Option('--subject <name>', 'Made by this subject.'))
    .addOption(new Option('--all', 'What is gone, too.'))
    .addOption(new Option('--limit <count>', 'At most so many.').argParser(limit).default(50))
    .addOption(new Option('--cursor <cursor>', 'Go on where a page ended: its `next`.'))
    .action(async (flags: ListFlags) => exit(await runList(flags)));
  const show = ledgerCommand('show')
    .description('Tell who made a thing, when, and by which decision.')
    .argument('<kind>', ownedKinds.join(', '))
    .argument('<name>', 'Its name, its id or the beginning of that; an image as you would pull it.')
    .addOption(
      new Option('--limit <count>', 'Of an image, at most so many of those who made it.')
        .argParser(limit)
        .default(20),
    )
    .action(async (kind: string, name: string, flags: ShowFlags) => exit(await runShow(kind, name, flags)));
  return new Command('owner')
    .description('Tell who made what: containers, volumes, networks, images, execs, services ...')
    .helpCommand(false)
    .addCommand(ls)
    .addCommand(show);
}

function runList(flags: ListFlags): Promise<number> {
  return withLedger(flags, (ledger) =>
    ledger.account((account) => {
      const page = account.owners().list(flags, flags.limit, flags.cursor);
      const { zone } = localClock();
      if (flags.output === 'json') {
        process.stdout.write(`${safeJson(ownersJson(page, account.reach), 2)}\n`);
        return exits.yes;
      }
      if (page.items.length === 0) process.stderr.write('Nothing that fits has an owner.\n');
      else
        process.stdout.write(
          ownersText(page.items, flags.all === true, zone, screenOf(process.stdout, process.env)),
        );
      process.stderr.write(text(behindText(account.reach, zone)));
      if (page.next !== undefined) process.stderr.write(`There are older ones: add --cursor ${page.next}\n`);
      return exits.yes;
    }),
  );
}

async function runShow(kind: string, name: string, flags: ShowFlags): Promise<number> {
  if (!isOwnedKind(kind)) {
    const near = suggest(kind, ownedKinds);
    return misuse(
      `nothing of the kind ${quote(kind)} has an owner.`,
      near === undefined ? `Take one of ${ownedKinds.join(', ')}.` : `Did you mean ${quote(near)}?`,
    );
  }
  return withLedger(flags, (ledger) =>
    ledger.account((account) => {
      const found = account.owners().find(kind, name, flags.limit);
      const { zone } = localClock();
      if (found.is === 'one') {
        showOne(found, flags, zone);
        process.stderr.write(text(behindText(account.reach, zone)));
        return exits.yes;
      }
      if (found.is === 'several') {
        const ids = found.ids.map((id) => printable(id)).join(', ');
        return misuse(
          `owner-ambiguous: several things of the kind ${kind} are meant by ${quote(name)}: ${ids}`,
          'Write the whole id.',
        );
      }
      process.stderr.write(
        `error: owner-unknown: nobody is known to have made the ${kind} ${quote(name)}.\n\`bulwark owner ls --kind ${kind} --all\` lists what is known; what was made without Bulwark, or long ago, is not.\n${text(behindText(account.reach, zone))}`,
      );
      return exits.no;
    }),
  );
}

function showOne(found: Found, { output }: ShowFlags, zone: string): void {
  process.stdout.write(
    output === 'json'
      ? `${safeJson(ownerFoundJson(found), 2)}\n`
      : ownerText(found, zone, screenOf(process.stdout, process.env)),
  );
}

function isOwnedKind(kind: string): kind is OwnedKind {
  return ownedKinds.some((known) => known === kind);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
