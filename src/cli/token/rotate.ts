import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { rotateOwnKey } from '../../identity/ownKeys.ts';
import { addDataOptions } from '../dataFolder.ts';
import { exits } from '../exits.ts';
import { noteDone, type OutputFlags, outputOption, printJson, withKeys } from './keyFolder.ts';
import { madeHere } from './list.ts';

interface RotateFlags extends OutputFlags {
  readonly now?: true;
}

/** The command `bulwark token rotate`. */
export function rotateCommand(exit: (code: number) => void): Command {
  return addDataOptions(new Command('rotate'), 'the keys')
    .description(
      'Make a new key for the tokens to come. Those that were made with the old one hold until they expire.',
    )
    .option('--now', 'The old one was stolen: trust it no more. All tokens that were made with it end.')
    .addOption(outputOption('How to answer.'))
    .action(async (flags: RotateFlags) => exit(await withKeys(flags, (config) => rotate(config, flags))));
}

async function rotate(config: Config, { now: atOnce, output }: RotateFlags): Promise<number> {
  const { maxLife, leeway } = config.identity.tokens;
  const now = Date.now();
  const { kid, kept, dropped } = rotateOwnKey(config.data, atOnce ? now : now + maxLife + leeway, now);
  noteDone(config, { event: 'token-keys-rotated' });
  const made = await madeHere(config);
  const ended = made.filter(({ key, state }) => state === 'valid' && dropped.includes(key)).length;
  const keptUntil = kept.map(({ kid, until = 0 }) => ({ kid, until: new Date(until).toISOString() }));
  if (output === 'json') {
    printJson({ kid, kept: keptUntil, dropped, ended });
    return exits.yes;
  }
  const lines = [
    `New tokens are made with the key ${kid}.`,
    ...keptUntil.map(
      ({ kid, until }) => `Those made with ${kid} hold until they expire, ${until} at the latest.`,
    ),
    ...dropped.map((kid) => `${kid} is trusted no more.`),
    ...(dropped.length > 0 ? [`Tokens that held and have ended: ${ended}.`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return exits.yes;
}
