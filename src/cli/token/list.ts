import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { type IssuedToken, readIssued, readRevoked } from '../../identity/issued.ts';
import { counts } from '../../identity/keys.ts';
import { isRevoked } from '../../identity/revoked.ts';
import { TrustedKeys } from '../../identity/trustedKeys.ts';
import { printable } from '../../model/printable.ts';
import { addDataOptions } from '../dataFolder.ts';
import { exits } from '../exits.ts';
import { type Cell, screenOf, TextTable } from '../textTable.ts';
import { issuedFolder, type OutputFlags, outputOption, printJson, withKeys } from './keyFolder.ts';

interface ListFlags extends OutputFlags {
  readonly subject?: string;
  readonly all?: true;
}

type State = 'valid' | 'expired' | 'revoked' | 'untrusted';

/** A token as the list has it; of one that was made elsewhere only what was said when it was revoked. */
type ListedToken = { readonly id: string; readonly state: State } & {
  readonly [K in Exclude<keyof IssuedToken, 'id'>]?: IssuedToken[K] | undefined;
};

/** The command `bulwark token list`. */
export function listCommand(exit: (code: number) => void): Command {
  return addDataOptions(new Command('list'), 'the keys')
    .description('The tokens that were made here and hold, the oldest first.')
    .option('--subject <name>', 'Those of one user alone.')
    .option(
      '--all',
      'Those too that hold no more: expired, revoked (also those made elsewhere), or by a key that is trusted no more.',
    )
    .addOption(outputOption('How to answer.'))
    .action(async (flags: ListFlags) => exit(await withKeys(flags, (config) => list(config, flags))));
}

async function list(config: Config, { subject, all, output }: ListFlags): Promise<number> {
  const tokens = (await listTokens(config)).filter(
    (token) => (all || token.state === 'valid') && (subject === undefined || token.subject === subject),
  );
  if (output === 'json') printJson({ items: tokens, next: null });
  else printTable(tokens, all === true);
  return exits.yes;
}

/** All tokens that were made here, and then those from elsewhere that were revoked here. */
async function listTokens(config: Config): Promise<readonly ListedToken[]> {
  const { keys, revoked } = config.identity.tokens;
  const trusted = await new TrustedKeys(keys).current();
  const made = (await madeHere(config)).map((token) =>
    token.state === 'valid' && !counts(trusted.get(token.key))
      ? { ...token, state: 'untrusted' as const }
      : token,
  );
  const known = new Set(made.map(({ id }) => id));
  const foreign = readRevoked(revoked).filter(({ id }) => !known.has(id));
  return [
    ...made,
    ...foreign.map(({ at: _, by: __, ...token }) => ({ ...token, state: 'revoked' as const })),
  ];
}

/** The tokens that were made here, without a look at the keys: `valid` as far as it goes by them. */
export function madeHere(config: Config): Promise<readonly (IssuedToken & { readonly state: State })[]> {
  const now = Date.now();
  return Promise.all(
    readIssued(issuedFolder(config)).map(async (token) => {
      const expired = Date.parse(token.expires) <= now ? 'expired' : 'valid';
      const revoked = await isRevoked(config.identity.tokens.revoked, token.id);
      return { ...token, state: revoked ? 'revoked' : expired };
    }),
  );
}

const columns = [
  { title: 'ID' },
  { title: 'SUBJECT', least: 8 },
  { title: 'GROUPS', least: 8 },
  { title: 'ISSUED' },
  { title: 'EXPIRES' },
  { title: 'STATE' },
  { title: 'BY', least: 4 },
];

function printTable(tokens: readonly ListedToken[], all: boolean): void {
  if (tokens.length === 0) {
    process.stdout.write(all ? 'No tokens.\n' : 'No tokens that hold. All: bulwark token list --all\n');
    return;
  }
  const rows = tokens.map((token): readonly Cell[] =>
    [
      token.id,
      token.subject ?? '',
      [...(token.groups ?? []), ...claimsOf(token)].join(','),
      token.issued ?? '',
      token.expires ?? '',
      token.state,
      token.by ?? '',
    ].map((text) => ({ text: printable(text, 4096) })),
  );
  const table = new TextTable(columns, screenOf(process.stdout, process.env));
  process.stdout.write(`${table.lines(rows).join('\n')}\n`);
}

function claimsOf({ claims = {} }: ListedToken): readonly string[] {
  return Object.entries(claims).flatMap(([name, values]) => values.map((value) => `claim:${name}=${value}`));
}
