import type { Violation } from '../model/decision.ts';
import { printable } from '../model/printable.ts';
import { type FileError, formatFileError } from '../policyfiles/fileerror.ts';
import type { Coverage } from '../tools/policyTest/coverage.ts';
import type { Suite } from '../tools/policyTest/load.ts';
import type { Result } from '../tools/policyTest/run.ts';

/** Policies, and what became of their tests. */
export interface Tested {
  readonly suite: Suite;
  readonly results: readonly Result[];
  readonly coverage: Coverage;
}

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

/** For people: each case that fails with all that is wrong, the sum, and what no case has broken. */
export function suitesText(tested: readonly Tested[], required: boolean): Answer {
  const blocks = tested.map(({ results, coverage }) => [
    ...results.flatMap(failure),
    sum(results),
    ...coverageLines(coverage, required),
  ]);
  return { stdout: text(blocks.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]))), stderr: '' };
}

/** For programs: one document with every case. */
export function suitesJson(tested: readonly Tested[], ok: boolean): string {
  return json({
    ok,
    suites: tested.map(({ suite, results, coverage }) => ({
      policySet: suite.policies.set.digest,
      passed: results.length - failedOf(results).length,
      failed: failedOf(results).length,
      cases: results.map(caseAnswer),
      coverage,
    })),
  });
}

/** Files that are broken, for people. */
export function brokenText(errors: readonly FileError[]): Answer {
  return { stdout: '', stderr: text(errors.map((error) => formatFileError(error))) };
}

/** Files that are broken, for programs. */
export function brokenJson(errors: readonly FileError[]): string {
  return json({
    ok: false,
    errors: errors.map(({ code, file, at, message, hint }) => {
      const { line, column, endColumn } = at ?? {};
      return { code, file, line, column, endColumn, message, hint };
    }),
  });
}

function failedOf(results: readonly Result[]): readonly Result[] {
  return results.filter(({ problems }) => problems.length > 0);
}

function failure({ case: { file, line, name }, got, problems }: Result): readonly string[] {
  if (problems.length === 0) return [];
  return [
    `FAIL  ${file}:${line}  ${printable(name)}`,
    ...problems.map(({ of, text }) => row(of, text)),
    ...(got?.violations ?? []).map((violation) => row('denied by', said(violation))),
    ...(got?.observed ?? []).map((violation) => row('observed', said(violation))),
  ];
}

function row(of: string, text: string): string {
  return `      ${of.padEnd(10)}  ${text}`;
}

function said({ rule, message, source }: Violation): string {
  return `${rule}: ${printable(message, 300)}${placeOf(source)}`;
}

function placeOf(source: Violation['source']): string {
  return source === undefined ? '' : ` (${source.file}:${source.line})`;
}

function sum(results: readonly Result[]): string {
  const failed = failedOf(results).length;
  const cases = `${results.length} case${results.length === 1 ? '' : 's'}`;
  return failed === 0 ? `ok: ${cases}` : `failed: ${failed} of ${cases}`;
}

function coverageLines({ rules, unbroken, exempt }: Coverage, required: boolean): readonly string[] {
  if (rules === 0) return [];
  const rest = exempt === 0 ? '' : `; ${exempt} more that nothing breaks, as the tests say`;
  if (unbroken.length === 0) return [`coverage: ${rules} of ${rules} controls are broken by a case${rest}`];
  return [
    `${required ? 'failed: ' : ''}coverage: ${rules - unbroken.length} of ${rules} controls are broken by a case${rest}; not`,
    ...unbroken.map(({ rule, source }) => `      ${rule}${placeOf(source)}`),
  ];
}

function caseAnswer({ case: { file, line, name }, got, problems }: Result) {
  return { file, line, name, passed: problems.length === 0, problems, ...got };
}

function json(answer: unknown): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
