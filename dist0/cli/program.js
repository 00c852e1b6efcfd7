import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { checkCommand } from './check.js';
import { denialsCommand, logCommand } from './decisions.js';
import { exits } from './exits.js';
import { explainCommand } from './explain.js';
import { serveCommand } from './serve.js';
import { tryDockerCommand } from './try.js';
/**
 * Runs one command line, without the program's own name. Gives the exit code; never throws for what a user can
 * get wrong.
 */
export async function run(args) {
    let code = exits.yes;
    const exit = (value) => {
        code = value;
    };
    const program = new Command('bulwark')
        .description('Admission control for Docker hosts: an authorization plugin for dockerd.')
        .version(version(), '-V, --version')
        .helpCommand(false)
        .showHelpAfterError('Run `bulwark --help` for the commands and `bulwark COMMAND --help` for their options.')
        .addCommand(serveCommand(exit))
        .enablePositionalOptions()
        .addCommand(checkCommand(exit))
        .addCommand(tryDockerCommand(exit))
        .addCommand(denialsCommand(exit))
        .addCommand(logCommand(exit))
        .addCommand(explainCommand(exit));
    for (const command of [program, ...program.commands])
        command.copyInheritedSettings(program).exitOverride();
    try {
        await program.parseAsync(args, { from: 'user' });
    }
    catch (error) {
        if (!(error instanceof CommanderError))
            throw error;
        // Commander has written the help or the error by then.
        return error.exitCode === 0 ? exits.yes : exits.misuse;
    }
    return code;
}
/** From package.json, which stands at the same distance from src/cli and from dist/cli. */
function version() {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
    const { version } = JSON.parse(text);
    return version;
}
