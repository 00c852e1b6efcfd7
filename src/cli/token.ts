import { Command } from 'commander';
import { issueCommand } from './token/issue.ts';
import { listCommand } from './token/list.ts';
import { revokeCommand } from './token/revoke.ts';
import { rotateCommand } from './token/rotate.ts';
import { verifyCommand } from './token/verify.ts';

/** The command `bulwark token`: tokens that say who somebody is. `exit` takes the exit code. */
export function tokenCommand(exit: (code: number) => void): Command {
  const token = new Command('token')
    .description(
      'Tokens by which users of the unix socket have a name, and by which the admin API is opened.',
    )
    .helpCommand(false);
  for (const make of [issueCommand, listCommand, revokeCommand, verifyCommand, rotateCommand])
    token.addCommand(make(exit));
  return token;
}
