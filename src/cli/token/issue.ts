import { Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../../config/config.ts';
import { account } from '../../host/account.ts';
import { lifeText, registered } from '../../identity/claims.ts';
import type { IssuedToken } from '../../identity/issued.ts';
import { ownKey, ownKeyFiles } from '../../identity/ownKeys.ts';
import { Tokens } from '../../identity/tokens.ts';
import { Refusal } from '../../model/error.ts';
import { quote } from '../../model/printable.ts';
import { addDataOptions, type DataFlags } from '../dataFolder.ts';
import { exits } from '../exits.ts';
import { misuse } from '../openLedger.ts';
import { issueForAdmin } from './admin.ts';
import { issuedFolder, life, noteDone, printJson, withKeys } from './keyFolder.ts';

type Claims = ReadonlyMap<string, readonly string[]>;

interface IssueFlags extends DataFlags {
  readonly subject?: string;
  readonly groups: readonly string[];
  readonly claim: Claims;
  readonly expires?: number;
  readonly audience?: string;
  readonly admin?: true;
  readonly life: number;
  readonly output: 'table' | 'json' | 'docker-config';
}

const usual = 30 * 24 * 60 * 60_000;

/** The command `bulwark token issue`. */
export function issueCommand(exit: (code: number) => void): Command {
  return addDataOptions(new Command('issue'), 'the keys')
    .description(
      'Make a token and print it. With --subject it names a user of Docker, with --admin it opens the admin API over TCP; the first one makes the key.',
    )
    .option('--subject <name>', 'Whom it names, as `user:NAME` of policies.')
    .addOption(
      new Option('--groups <names>', 'The groups of that user, as in `web,db`.')
        .argParser(list)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--claim <name=value>',
        'What else it says, which policies call `claim:name=value`; as often as you like.',
      )
        .argParser(claim)
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option(
        '--expires <duration>',
        'How long it holds; by default 30d, and at most the `maxLife` of the Config.',
      ).argParser(life),
    )
    .option(
      '--audience <name>',
      'The host that it is for. (default: that of the Config, else the name of this host)',
    )
    .addOption(
      new Option('--admin', 'A token of an administrator.').conflicts([
        ...['subject', 'groups', 'claim', 'expires', 'audience'],
      ]),
    )
    .addOption(
      new Option(
        '--life <duration>',
        'With --admin: how long it holds, at most 90d. It cannot be taken back before.',
      )
        .argParser(life)
        .default(8 * 60 * 60_000, '8h'),
    )
    .addOption(
      new Option(
        '--output <format>',
        'table: the token alone on stdout, the rest on stderr; docker-config: a `config.json` of Docker.',
      )
        .choices(['table', 'json', 'docker-config'])
        .default('table'),
    )
    .action(async (flags: IssueFlags) => exit(await withKeys(flags, (config) => issue(config, flags))));
}

async function issue(config: Config, { subject, ...flags }: IssueFlags): Promise<number> {
  const { admin, output } = flags;
  if (subject !== undefined) return issueForUser(config, { ...flags, subject });
  if (admin !== undefined && output !== 'docker-config')
    return issueForAdmin(config.data, flags.life, output);
  return misuse(
    'say what the token is for',
    'Add `--subject NAME` for a user of Docker. Add `--admin` for the admin API, which no `docker-config` opens.',
  );
}

async function issueForUser(
  config: Config,
  flags: IssueFlags & { readonly subject: string },
): Promise<number> {
  const { tokens } = config.identity;
  const { subject, groups, claim, audience = tokens.audience } = flags;
  const expires = flags.expires ?? Math.min(usual, tokens.maxLife);
  if (expires > tokens.maxLife)
    return misuse(
      `${lifeText(expires)} is longer than this host accepts: ${lifeText(tokens.maxLife)}.`,
      'Take a shorter `--expires`, or raise `identity.tokens.maxLife` in the Config (docs/config.md).',
    );
  const { makeToken, keepIssued } = await import('../../identity/issued.ts');
  const { token, issued } = makeToken(ownKey(config.data), {
    ...{ subject, groups, claims: Object.fromEntries(claim), audience, by: account() },
    ...{ issuer: tokens.issuer, life: expires },
  });
  const own = { ...tokens, audience, keys: [ownKeyFiles(config.data).open] };
  const problem = await refusalOf(own, token);
  if (problem !== undefined)
    return misuse(problem.message, 'Take other names: `docs/identity.md` says what a token may have.');
  keepIssued(issuedFolder(config), issued);
  noteDone(config, { event: 'token-issued', token: { id: issued.id, subject } });
  print(token, issued, flags.output);
  const here = await refusalOf({ ...tokens, audience }, token);
  if (here !== undefined)
    process.stderr.write(
      `warning: \`serve\` with this configuration refuses it: ${here.message}\nName ${quote(own.keys[0] ?? '', 4096)} among \`identity.tokens.keys\` of the Config (docs/config.md).\n`,
    );
  return exits.yes;
}

/** Why a token would not be accepted. */
async function refusalOf(
  options: ConstructorParameters<typeof Tokens>[0],
  token: string,
): Promise<Refusal | undefined> {
  try {
    await new Tokens(options).verify(token);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function print(token: string, issued: IssuedToken, output: IssueFlags['output']): void {
  const end = `It holds until ${issued.expires} for ${quote(issued.audience)}. To take it back: bulwark token revoke ${issued.id}\n`;
  switch (output) {
    case 'json':
      printJson({ token, ...issued, dockerConfig: dockerConfig(token) });
      return;
    case 'docker-config':
      printJson(dockerConfig(token));
      process.stderr.write(end);
      return;
    case 'table': {
      process.stdout.write(`${token}\n`);
      // Where stdout is caught, what is on stderr may end in a log.
      const shown = JSON.stringify(dockerConfig(process.stdout.isTTY ? token : 'TOKEN'), null, 2);
      process.stderr.write(
        `\nFor ~/.docker/config.json of ${quote(issued.subject)}, beside what is there; nobody else may read it (chmod 600):\n${shown}\n${end}`,
      );
    }
  }
}

/** What the docker CLI reads, and sends with each request. */
function dockerConfig(token: string) {
  return { HttpHeaders: { 'X-Bulwark-Token': token } };
}

function list(text: string, before: readonly string[]): readonly string[] {
  return [...before, ...text.split(',')];
}

/** What a token says anyway is not said twice. */
function claim(text: string, before: Claims): Claims {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('write it as `team=web`.');
  if (registered.has(name)) throw new InvalidArgumentError('the token says this anyway; take another name.');
  return new Map([...before, [name, [...(before.get(name) ?? []), value]]]);
}
