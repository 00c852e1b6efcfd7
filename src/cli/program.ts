import { Command, CommanderError } from 'commander';
import { version } from '../config/version.ts';
import { checkCommand } from './check.ts';
import { denialsCommand, logCommand } from './decisions.ts';
import { exits } from './exits.ts';
import { explainCommand } from './explain.ts';
import { serveCommand } from './serve.ts';
import { tokenCommand } from './token.ts';
import { tryDockerCommand } from './try.ts';

/**
 * Runs one command line, without the program's own name. Gives the exit code; never throws for what a user can
 * get wrong.
 */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = exits.yes;
  const exit = (value: number) => {
    code = value;
  };
  const program = new Command('bulwark')
    .description('Admission control for Docker hosts: an authorization plugin for dockerd.')
    .version(version(), '-V, --version')
    .helpCommand(false)
    .showHelpAfterError(
      'Run `bulwark --help` for the commands and `bulwark COMMAND --help` for their options.',
    )
    .addCommand(serveCommand(exit))
    .enablePositionalOptions()
    .addCommand(checkCommand(exit))
    .addCommand(tryDockerCommand(exit))
    .addCommand(denialsCommand(exit))
    .addCommand(logCommand(exit))
    .addCommand(explainCommand(exit))
    .addCommand(tokenCommand(exit));
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ])
    command.copyInheritedSettings(program).exitOverride();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has written the help or the error by then.
    return error.exitCode === 0 ? exits.yes : exits.misuse;
  }
  return code;
}
