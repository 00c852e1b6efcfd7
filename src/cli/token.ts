import { Command, InvalidArgumentError, Option } from 'commander';
import { adminSecretKey } from '../admin/keys.ts';
import { lifeSchema } from '../config/duration.ts';
import { Refusal } from '../model/error.ts';
import { addDataOptions, type DataFlags, dataFolder } from './dataFolder.ts';
import { exits } from './exits.ts';
import { misuse } from './openLedger.ts';

interface IssueFlags extends DataFlags {
  readonly admin?: true;
  readonly life: number;
  readonly output: 'table' | 'json';
}

/** The command `bulwark token`: tokens that say who somebody is. `exit` takes the exit code. */
export function tokenCommand(exit: (code: number) => void): Command {
  const issue = addDataOptions(new Command('issue'), 'the keys')
    .description(
      'Make a token and print it. With --admin it opens the admin API over TCP; the first one makes the key.',
    )
    .addOption(new Option('--admin', 'A token of an administrator. There are no others yet.'))
    .addOption(
      new Option('--life <duration>', 'How long it holds, at most 90d. It cannot be taken back before.')
        .argParser(life)
        .default(8 * 60 * 60_000, '8h'),
    )
    .addOption(
      new Option('--output <format>', 'table: the token alone, the rest on stderr.')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(async (flags: IssueFlags) => exit(await runIssue(flags)));
  return new Command('token')
    .description('Make tokens for the admin API.')
    .helpCommand(false)
    .addCommand(issue);
}

async function runIssue({ admin, life, output, ...where }: IssueFlags): Promise<number> {
  if (admin === undefined) {
    return misuse(
      'say what the token is for',
      'Add `--admin`: this version has tokens for the admin API alone.',
    );
  }
  const folder = await dataFolder(where);
  if (folder === undefined) return exits.no;
  try {
    const { issueAdminToken } = await import('../admin/token.ts');
    const { token, id, expires } = issueAdminToken(adminSecretKey(folder), life);
    if (output === 'json') {
      process.stdout.write(`${JSON.stringify({ token, id, expires: expires.toISOString() }, null, 2)}\n`);
    } else {
      process.stdout.write(`${token}\n`);
      process.stderr.write(`It holds until ${expires.toISOString()}. Whoever has it reads every decision.\n`);
    }
    return exits.yes;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return misuse(error.message, error.fix);
  }
}

function life(text: string): number {
  const value = lifeSchema.safeParse(text);
  if (value.success) return value.data;
  throw new InvalidArgumentError(value.error.issues[0]?.message ?? '');
}
