import { Command, Option } from 'commander';
import { type FileError, formatFileError } from '../policyfiles/fileerror.ts';
import { type LoadResult, loadPolicySet } from '../policyfiles/load.ts';
import { exits } from './exits.ts';

/** The command `bulwark check`: are these policy files whole? `exit` takes the exit code. */
export function checkCommand(exit: (code: number) => void): Command {
  return new Command('check')
    .description('Check policy files: every error with its line, and exit code 1 if there is one.')
    .argument('<path...>', 'Folders, as `serve --policies` takes them, or files.')
    .addOption(new Option('--output <format>', 'How to answer.').choices(['table', 'json']).default('table'))
    .action(async (paths: readonly string[], { output }: { readonly output: string }) => {
      const result = await loadPolicySet(paths);
      const { stdout, stderr } = output === 'json' ? asJson(result) : asText(result);
      process.stderr.write(stderr);
      process.stdout.write(stdout);
      exit(result.ok ? exits.yes : exits.no);
    });
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
