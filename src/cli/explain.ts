import type { Command } from 'commander';
import type { LedgerReader } from '../ledger/reader.ts';
import { safeJson } from '../model/inert.ts';
import { quote } from '../model/printable.ts';
import { explainDecision } from '../tools/explain.ts';
import type { DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { explanationText } from './explainText.ts';
import { ledgerCommand, misuse, withLedger } from './openLedger.ts';
import { screenOf } from './textTable.ts';
import { localClock } from './times.ts';

interface ExplainFlags extends DataFlags {
  readonly output: 'table' | 'json';
}

/** How many decisions are named where the beginning of an id fits several. */
const named = 5;

/** The command `bulwark explain`: all about one decision. `exit` takes the exit code. */
export function explainCommand(exit: (code: number) => void): Command {
  return ledgerCommand('explain')
    .description('Tell all about a decision: what was asked, which rules it broke, what came of it.')
    .argument('<id>', "The decision's id, as a denial shows it, or its beginning.")
    .action(async (id: string, flags: ExplainFlags) =>
      exit(await withLedger(flags, (ledger) => explain(ledger, id, flags))),
    );
}

/** Exit code 0 where there is such a decision, whatever it was; 1 where there is none. */
function explain(ledger: LedgerReader, given: string, { output }: ExplainFlags): number {
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
  const explanation = explainDecision(found, (digest) => ledger.policies(digest));
  process.stdout.write(
    output === 'json'
      ? `${safeJson(explanation, 2)}\n`
      : explanationText(explanation, screenOf(process.stdout, process.env), localClock().zone),
  );
  return exits.yes;
}
