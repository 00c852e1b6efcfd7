import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { account } from '../../host/account.ts';
import { type IssuedToken, revoke } from '../../identity/issued.ts';
import { Tokens } from '../../identity/tokens.ts';
import { Refusal } from '../../model/error.ts';
import { isPrintable, quote } from '../../model/printable.ts';
import { addDataOptions, type DataFlags } from '../dataFolder.ts';
import { exits } from '../exits.ts';
import { misuse } from '../openLedger.ts';
import { noteDone, withKeys } from './keyFolder.ts';
import { madeHere } from './list.ts';

interface RevokeFlags extends DataFlags {
  readonly subject?: string;
}

/** The command `bulwark token revoke`. */
export function revokeCommand(exit: (code: number) => void): Command {
  return addDataOptions(new Command('revoke'), 'the keys')
    .argument(
      '[ids...]',
      'Their ids (`jti`), as `token list` has them; also of tokens that were made elsewhere.',
    )
    .description('Take tokens back: from the next request on they are refused, and stay so.')
    .option('--subject <name>', 'All tokens of one user that were made here and hold.')
    .action(async (ids: readonly string[], flags: RevokeFlags) =>
      exit(await withKeys(flags, (config) => revokeAll(config, ids, flags.subject))),
    );
}

async function revokeAll(
  config: Config,
  words: readonly string[],
  subject: string | undefined,
): Promise<number> {
  if (words.length === 0 && subject === undefined)
    return misuse(
      'say which tokens',
      'Name their ids, which `bulwark token list` shows, or `--subject NAME`.',
    );
  const ids: string[] = [];
  for (const word of words) ids.push(await idOf(config, word));
  const tokens = await madeHere(config);
  if (subject !== undefined) {
    const theirs = tokens.filter((token) => token.subject === subject && token.state === 'valid');
    if (theirs.length === 0) process.stdout.write(`No token of ${quote(subject)} holds.\n`);
    ids.push(...theirs.map(({ id }) => id));
  }
  for (const id of new Set(ids))
    revokeOne(
      config,
      id,
      tokens.find((token) => token.id === id),
    );
  return exits.yes;
}

function revokeOne(config: Config, id: string, known: IssuedToken | undefined): void {
  const { subject, expires } = known ?? {};
  const whose = subject === undefined ? '' : ` of ${quote(subject)}`;
  const isNew = revoke(config.identity.tokens.revoked, {
    ...{ id, by: account(), at: new Date().toISOString() },
    ...(subject !== undefined && { subject }),
    ...(expires !== undefined && { expires }),
  });
  if (!isNew) {
    process.stdout.write(`${quote(id)}${whose} was revoked before.\n`);
    return;
  }
  noteDone(config, {
    event: 'token-revoked',
    token: { id, ...(subject !== undefined && { subject }) },
  });
  process.stdout.write(`${quote(id)}${whose} is revoked.\n`);
  if (known === undefined)
    process.stderr.write(
      `warning: no token with this id was made here. If it is no token of another maker, nothing has changed: see \`bulwark token list\`.\n`,
    );
}

/** Who has the token alone may name it so, if it holds: then its id is known for sure. It is not repeated. */
async function idOf(config: Config, word: string): Promise<string> {
  if (word.split('.').length === 3 && word.length > 100)
    return (await new Tokens(config.identity.tokens).verify(word)).id;
  if (word !== '' && word.length <= 200 && isPrintable(word)) return word;
  throw new Refusal(
    'token-claims',
    'an id of a token has 1 to 200 characters that print.',
    'Take it from `bulwark token list`, or from the claim `jti` of the token.',
  );
}
