import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { type Claimed, Tokens } from '../../identity/tokens.ts';
import { Refusal } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { addDataOptions } from '../dataFolder.ts';
import { exits } from '../exits.ts';
import { type OutputFlags, outputOption, printJson, withKeys } from './keyFolder.ts';

/** The command `bulwark token verify`. */
export function verifyCommand(exit: (code: number) => void): Command {
  return addDataOptions(new Command('verify'), 'the keys')
    .argument(
      '[token]',
      'The token; `-`, or nothing: from stdin, so that it is in no list of processes.',
      '-',
    )
    .description('Say whom a token names on this host now, or why it names nobody.')
    .addOption(outputOption('How to answer.'))
    .action(async (token: string, flags: OutputFlags) =>
      exit(await withKeys(flags, (config) => verify(config, token, flags.output))),
    );
}

async function verify(config: Config, word: string, output: 'table' | 'json'): Promise<number> {
  const token = word === '-' ? (await text(process.stdin)).trim() : word;
  try {
    const { expires, ...claimed } = await new Tokens(config.identity.tokens).verify(token);
    if (output === 'json') printJson({ valid: true, ...claimed, expires: expires.toISOString() });
    else process.stdout.write(namesText({ expires, ...claimed }));
    return exits.yes;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, fix } = error;
    if (output === 'json') printJson({ valid: false, code, message, fix });
    else process.stdout.write(`It names nobody: ${code}: ${message}\n${fix}\n`);
    return exits.no;
  }
}

function namesText({ name, groups, id, expires }: Claimed): string {
  return [
    ['names', printable(name)],
    ['groups', groups.length === 0 ? 'none of its own' : groups.join(', ')],
    ['until', expires.toISOString()],
    ['id', id],
  ]
    .map(([title = '', value]) => `${title.padEnd(8)}${value}\n`)
    .join('');
}
