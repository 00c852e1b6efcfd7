import { Command, Option } from 'commander';
import { formatFileError } from '../policyfiles/fileerror.js';
import { loadPolicySet } from '../policyfiles/load.js';
import { exits } from './exits.js';
/** The command `bulwark check`: are these policy files whole? `exit` takes the exit code. */
export function checkCommand(exit) {
    return new Command('check')
        .description('Check policy files: every error with its line, and exit code 1 if there is one.')
        .argument('<path...>', 'Folders, as `serve --policies` takes them, or files.')
        .addOption(new Option('--output <format>', 'How to answer.').choices(['table', 'json']).default('table'))
        .action(async (paths, { output }) => {
        const result = await loadPolicySet(paths);
        const { stdout, stderr } = output === 'json' ? asJson(result) : asText(result);
        process.stderr.write(stderr);
        process.stdout.write(stdout);
        exit(result.ok ? exits.yes : exits.no);
    });
}
function asText(result) {
    if (!result.ok)
        return { stdout: '', stderr: lines(result.errors, 'error') };
    const documents = count(result.set.documents, 'document');
    return {
        stdout: `ok: ${documents} in ${count(result.files, 'file')}\n`,
        stderr: lines(result.warnings, 'warning'),
    };
}
function asJson(result) {
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
function flat({ code, file, at, message, hint }) {
    const { line, column, endColumn } = at ?? {};
    return { code, file, line, column, endColumn, message, hint };
}
function lines(errors, severity) {
    return errors.map((error) => `${formatFileError(error, severity)}\n`).join('');
}
function count(number, what) {
    return `${number} ${what}${number === 1 ? '' : 's'}`;
}
