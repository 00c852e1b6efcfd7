import { type Command, Option } from 'commander';
import type { Found, LedgerReader } from '../ledger/reader.ts';
import { safeJson } from '../model/inert.ts';
import { quote } from '../model/printable.ts';
import { formatFileError } from '../policyfiles/fileerror.ts';
import { loadPolicySet } from '../policyfiles/load.ts';
import { explainDecision, linesOf } from '../tools/explain.ts';
import { whatIf } from '../tools/whatIf.ts';
import { configOf, type DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { explanationText } from './explainText.ts';
import { ledgerCommand, misuse, withLedger } from './openLedger.ts';
import { screenOf } from './textTable.ts';
import { localClock } from './times.ts';
import { whatIfText } from './whatIfText.ts';

interface ExplainFlags extends DataFlags {
  readonly output: 'table' | 'json';
  readonly policies?: readonly string[];
}

/** How many decisions are named where the beginning of an id fits several. */
const named = 5;

/** The command `bulwark explain`: all about one decision. `exit` takes the exit code. */
export function explainCommand(exit: (code: number) => void): Command {
  return ledgerCommand('explain')
    .description('Tell all about a decision: what was asked, which rules it broke, what came of it.')
    .argument('<id>', "The decision's id, as a denial shows it, or its beginning.")
    .addOption(
      new Option(
        '--policies <folder>',
        'Tell what these policies would say to it now, as far as its record tells: a folder, or a file. May be given several times.',
      ).argParser(another),
    )
    .addHelpText('after', whatIfHelp)
    .action(async (id: string, flags: ExplainFlags) =>
      exit(await withLedger(flags, (ledger) => explain(ledger, id, flags))),
    );
}

const whatIfHelp = `
With --policies, the request is that of the record, and so are who asked and the host. Groups that policies gave then
stay; those policies add theirs. Exceptions count as of now.`;

function another(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), text];
}

/** Exit code 0 where there is such a decision, whatever it was; 1 where there is none. */
async function explain(ledger: LedgerReader, given: string, flags: ExplainFlags): Promise<number> {
  const start = given.toUpperCase();
  const ids = /^[0-9A-Z]{1,26}$/.test(start) ? ledger.idsWith(start, named + 1) : [];
  const [id, ...others] = ids;
  const found = id === undefined ? undefined : ledger.get(id);
  if (found === undefined) {
    process.stderr.write(
      `error: the ledger has no decision ${quote(given)}.\n\`bulwark denials\` and \`bulwark log\` list them; old ones are removed after a while.\n`,
    );
    return exits.no;
  }
  if (others.length > 0) {
    const shown = ids.slice(0, named).join(', ');
    const more = ids.length > named ? ' ...' : '';
    return misuse(`several decisions begin with ${quote(given)}: ${shown}${more}`, 'Write more of the id.');
  }
  const { output, policies } = flags;
  if (policies !== undefined) return explainBy(policies, found, flags);
  const explanation = explainDecision(found, (digest) => ledger.policies(digest));
  process.stdout.write(
    output === 'json'
      ? `${safeJson(explanation, 2)}\n`
      : explanationText(explanation, screenOf(process.stdout, process.env), localClock().zone),
  );
  return exits.yes;
}

/** What other policies would say to it. Exit code 0 whatever they say; 1 where they are broken. */
async function explainBy(paths: readonly string[], found: Found, flags: ExplainFlags): Promise<number> {
  const config = await configOf(flags);
  if (config === undefined) return exits.no;
  const loaded = await loadPolicySet(paths);
  if (!loaded.ok) {
    const lines = loaded.errors.map((error) => `${formatFileError(error)}\n`);
    process.stderr.write(
      `${lines.join('')}error: these policies are not whole, so nothing is held against them.\n\`bulwark check\` names every mistake.\n`,
    );
    return exits.no;
  }
  const answer = whatIf(found, loaded.set, { protect: config.protect, now: Date.now() });
  const broken = [...(answer.answer?.violations ?? []), ...(answer.answer?.observed ?? [])];
  const shown = { ...answer, lines: linesOf(broken, () => loaded.texts) };
  process.stdout.write(
    flags.output === 'json'
      ? `${safeJson(shown, 2)}\n`
      : whatIfText(shown, paths, screenOf(process.stdout, process.env), localClock().zone),
  );
  return exits.yes;
}
