import { Command, CommanderError } from 'commander';
import { version } from '../config/version.ts';
import { exits } from './exits.ts';

/** Makes a command; `exit` takes its exit code. */
type Make = (exit: (code: number) => void) => Command;

/** The commands in the order of the help. Each is loaded when it is wanted: `serve` starts in half the time. */
const commands: ReadonlyMap<string, () => Promise<Make>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serveCommand],
  ['status', async () => (await import('./status.ts')).statusCommand],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand],
  ['check', async () => (await import('./check.ts')).checkCommand],
  ['test', async () => (await import('./test.ts')).testCommand],
  ['try', async () => (await import('./try.ts')).tryDockerCommand],
  ['denials', async () => (await import('./decisions.ts')).denialsCommand],
  ['log', async () => (await import('./decisions.ts')).logCommand],
  ['usage', async () => (await import('./usage.ts')).usageCommand],
  ['owner', async () => (await import('./owner.ts')).ownerCommand],
  ['export', async () => (await import('./export.ts')).exportCommand],
  ['explain', async () => (await import('./explain.ts')).explainCommand],
  ['install', async () => (await import('./install.ts')).installCommand],
  ['uninstall', async () => (await import('./uninstall.ts')).uninstallCommand],
  ['break-glass', async () => (await import('./breakGlass.ts')).breakGlassCommand],
  ['token', async () => (await import('./token.ts')).tokenCommand],
]);

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
    .enablePositionalOptions();
  const [name = ''] = args;
  // Without a command, or with an unknown one, the help wants them all.
  const wanted = commands.get(name);
  for (const load of wanted === undefined ? commands.values() : [wanted])
    program.addCommand((await load())(exit));
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
