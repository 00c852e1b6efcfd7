import { Command, Option } from 'commander';
import type { LedgerReader } from '../ledger/reader.ts';
import { matches } from '../policy/pattern.ts';
import { type FileError, formatFileError } from '../policyfiles/fileerror.ts';
import { type LoadResult, loadPolicySet } from '../policyfiles/load.ts';
import { exceptionsIn, unusedDays, unusedExceptions } from '../policyfiles/warnings/unused.ts';
import { addDataOptions, configOf, type DataFlags } from './dataFolder.ts';
import { exits } from './exits.ts';
import { withLedger } from './openLedger.ts';

interface CheckFlags extends DataFlags {
  readonly policies?: readonly string[];
  readonly output: 'table' | 'json';
}

/** The command `bulwark check`: are these policy files whole? `exit` takes the exit code. */
export function checkCommand(exit: (code: number) => void): Command {
  return addDataOptions(
    new Command('check')
      .description(
        'Check policy files: every error and warning with its line, and exit code 1 if there is an error.',
      )
      .argument('[path...]', 'Folders, as `--policies` takes them, or files.')
      .addOption(
        new Option(
          '--policies <folder>',
          'A folder of policies, or a file. May be given several times. (default: as `serve`)',
        ).argParser((text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), text]),
      ),
    'a ledger, to find exceptions that nobody needs any more',
  )
    .addOption(new Option('--output <format>', 'How to answer.').choices(['table', 'json']).default('table'))
    .action(async (paths: readonly string[], flags: CheckFlags) => exit(await check(paths, flags)));
}

async function check(paths: readonly string[], flags: CheckFlags): Promise<number> {
  const named = [...(flags.policies ?? []), ...paths];
  const config = named.length === 0 || flags.data !== undefined ? await configOf(flags) : undefined;
  if (named.length === 0 && config === undefined) return exits.no;
  const now = Date.now();
  const result = await loadPolicySet(named.length === 0 ? (config?.policies ?? []) : named, 'warned', now);
  if (flags.data === undefined || !result.ok) return tell(result, flags);
  return withLedger(flags, (ledger) => {
    const unused = unusedIn(result, ledger, config?.hostName ?? '', now);
    return tell({ ...result, warnings: [...result.warnings, ...unused] }, flags);
  });
}

const day = 24 * 60 * 60_000;

/** What the account of a host says of exceptions; nothing where it does not go back far enough. */
function unusedIn(
  { exceptions }: Extract<LoadResult, { ok: true }>,
  ledger: LedgerReader,
  host: string,
  now: number,
): readonly FileError[] {
  const since = now - unusedDays * day;
  const begins = ledger.begins();
  if (exceptions.length === 0 || begins === undefined || begins > since) return [];
  const before = exceptionsIn(ledger.policiesBefore(since) ?? []);
  const old = exceptions.map(({ name }) => name).filter((name) => before.has(name));
  const used = ledger.exceptionsUsed(new Set(old), since);
  return unusedExceptions(exceptions, before, used, (pattern) => matches(pattern, host));
}

function tell(result: LoadResult, { output }: CheckFlags): number {
  const { stdout, stderr } = output === 'json' ? asJson(result) : asText(result);
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  return result.ok ? exits.yes : exits.no;
}

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

function asText(result: LoadResult): Answer {
  if (!result.ok) return { stdout: '', stderr: lines(result.errors, 'error') };
  const documents = count(result.set.documents, 'document');
  return {
    stdout: `ok: ${documents} in ${count(result.files, 'file')}\n`,
    stderr: lines(result.warnings, 'warning'),
  };
}

function asJson(result: LoadResult): Answer {
  const answer = result.ok
    ? {
        ok: true,
        digest: result.set.digest,
        documents: result.set.documents,
        files: result.files,
        warnings: result.warnings.map(flat),
      }
    : { ok: false, errors: result.errors.map(flat) };
  return { stdout: `${JSON.stringify(answer, null, 2)}\n`, stderr: '' };
}

/** An error for a program: the place beside the rest, without the line's text. */
function flat({ code, file, at, message, hint }: FileError) {
  const { line, column, endColumn } = at ?? {};
  return { code, file, line, column, endColumn, message, hint };
}

function lines(errors: readonly FileError[], severity: 'error' | 'warning'): string {
  return errors.map((error) => `${formatFileError(error, severity)}\n`).join('');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
