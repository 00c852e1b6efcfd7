import { Command, Option } from 'commander';
import { resolveConfig } from '../config/config.ts';
import type { Subject } from '../model/subject.ts';
import type { FileError } from '../policyfiles/fileerror.ts';
import { asSubject } from '../tools/asSubject.ts';
import { findDocker } from '../tools/dockerCli.ts';
import { coverageOf } from '../tools/policyTest/coverage.ts';
import { loadSuite, type Suite, type SuitePaths, suitesOf } from '../tools/policyTest/load.ts';
import { runCases } from '../tools/policyTest/run.ts';
import { exits } from './exits.ts';
import { onInterrupt } from './onInterrupt.ts';
import { brokenJson, brokenText, suitesJson, suitesText, type Tested } from './testText.ts';

interface TestFlags {
  readonly config?: string;
  readonly policies?: readonly string[];
  readonly as?: string;
  readonly requireCoverage?: true;
  readonly output: 'table' | 'json';
}

/** The command `bulwark test`: do these policies do what their tests say? `exit` takes the exit code. */
export function testCommand(exit: (code: number) => void): Command {
  return new Command('test')
    .description('Run the tests of policies, the files *.test.yaml beside them. Exit code 1 if a case fails.')
    .argument(
      '[path...]',
      'Folders, each with its policies and their tests, or test files. (default: the folders of the policies)',
    )
    .addOption(new Option('--config <file>', 'Take the policies of this Config file.'))
    .addOption(
      new Option(
        '--policies <folder>',
        "Test these policies, all together as one set, and not each path's own. May be given several times. (default: as `serve`)",
      ).argParser((text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), text]),
    )
    .addOption(new Option('--as <subject>', 'Who asks where a test does not say it. (default: nobody known)'))
    .addOption(new Option('--require-coverage', 'Fail if there is a control that no case breaks.'))
    .addOption(new Option('--output <format>', 'How to answer.').choices(['table', 'json']).default('table'))
    .action(async (paths: readonly string[], flags: TestFlags) => exit(await runTest(paths, flags)));
}

async function runTest(paths: readonly string[], flags: TestFlags): Promise<number> {
  const as = asSubject(flags.as);
  if ('error' in as) return misuse('`--as` cannot be read', as.error);
  const where = await pathsOf(paths, flags);
  const loaded = 'errors' in where ? where : await loadAll(where.suites);
  if ('errors' in loaded)
    return tell(exits.no, flags.output, brokenText(loaded.errors), brokenJson(loaded.errors));
  const program = await cliFor(loaded.suites);
  if (typeof program === 'object') return misuse(program.message, remedy);
  const interrupt = onInterrupt();
  const tested = await testAll(loaded.suites, as.subject, program, interrupt.signal);
  interrupt.clear();
  if (interrupt.signal.aborted) return misuse('interrupted', 'Run it again for a result.');
  const required = flags.requireCoverage === true;
  const failed = tested.some(
    ({ results, coverage }) =>
      results.some(({ problems }) => problems.length > 0) || (required && coverage.unbroken.length > 0),
  );
  return tell(
    failed ? exits.no : exits.yes,
    flags.output,
    suitesText(tested, required),
    suitesJson(tested, !failed),
  );
}

/** What is tested against what: each path by itself, or all policies of a set at once. */
async function pathsOf(
  paths: readonly string[],
  { config: configFile, policies }: TestFlags,
): Promise<{ readonly suites: readonly SuitePaths[] } | { readonly errors: readonly FileError[] }> {
  if (paths.length > 0 && policies === undefined && configFile === undefined)
    return { suites: suitesOf(paths) };
  const uid = process.getuid?.() ?? 0;
  const given = policies === undefined ? {} : { policies: [...policies] };
  const resolved = await resolveConfig({ configFile, flags: given, env: process.env, uid });
  if (!resolved.ok) return resolved;
  const { policies: set } = resolved.config;
  return { suites: [{ policies: set, tests: paths.length > 0 ? paths : set }] };
}

async function loadAll(
  paths: readonly SuitePaths[],
): Promise<{ readonly suites: readonly Suite[] } | { readonly errors: readonly FileError[] }> {
  const loaded = await Promise.all(paths.map(loadSuite));
  const errors = loaded.flatMap((one) => (one.ok ? [] : one.errors));
  return errors.length > 0 ? { errors } : { suites: loaded.flatMap((one) => (one.ok ? [one.suite] : [])) };
}

/** The docker CLI, undefined where no case needs it, or why there is none. */
async function cliFor(suites: readonly Suite[]) {
  if (!suites.some(({ cases }) => cases.some(({ docker }) => docker !== undefined))) return undefined;
  const found = await findDocker('docker', process.env);
  return 'program' in found ? found.program : found;
}

const remedy =
  'Install the command line alone (package docker-cli, or docker-ce-cli; no daemon is needed), or put its folder on PATH.';

/** For one command, in milliseconds. */
const deadline = 60_000;

async function testAll(
  suites: readonly Suite[],
  as: Subject,
  program: string | undefined,
  signal: AbortSignal,
): Promise<readonly Tested[]> {
  // Nothing of this user's: on every machine a case says the same.
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
  const tested: Tested[] = [];
  for (const suite of suites) {
    const { set } = suite.policies;
    const common = { set, as, now: Date.now(), env, deadline, signal };
    const results = await runCases(suite.cases, { ...common, ...(program !== undefined && { program }) });
    tested.push({ suite, results, coverage: coverageOf(suite, results) });
  }
  return tested;
}

function tell(code: number, output: TestFlags['output'], text: Answer, json: string): number {
  process.stdout.write(output === 'json' ? json : text.stdout);
  if (output !== 'json') process.stderr.write(text.stderr);
  return code;
}

type Answer = ReturnType<typeof brokenText>;

function misuse(message: string, remedy: string): number {
  process.stderr.write(`error: ${message}.\n${remedy}\n`);
  return exits.misuse;
}
