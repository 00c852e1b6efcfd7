import { Command, InvalidArgumentError, Option } from 'commander';
import { denialText } from '../authz/denial.ts';
import { type Config, resolveConfig } from '../config/config.ts';
import { durationSchema } from '../config/duration.ts';
import type { Message } from '../model/message.ts';
import { type FileError, formatFileError } from '../policyfiles/fileerror.ts';
import { loadPolicySet } from '../policyfiles/load.ts';
import { asSubject } from '../tools/asSubject.ts';
import { type Comparison, compare, judgeBoth } from '../tools/compare.ts';
import { type Judged, judgeAlone } from '../tools/judgeAlone.ts';
import { verdictOf } from '../tools/trialAnswer.ts';
import { type Trial, type TryResult, tryCommand } from '../tools/try.ts';
import { exits } from './exits.ts';
import { onInterrupt } from './onInterrupt.ts';
import { comparisonJson, comparisonText, type Named, type ToldBoth } from './tryDiffText.ts';
import { type Answer, type Told, trialJson, trialText } from './tryText.ts';

interface TryFlags {
  readonly config?: string;
  readonly policies?: readonly string[];
  readonly diff?: readonly string[];
  readonly as?: string;
  readonly output: 'table' | 'json';
  readonly verbose?: true;
  readonly deadline: number;
}

/** The command `bulwark try`: would this be allowed? `exit` takes the exit code. */
export function tryDockerCommand(exit: (code: number) => void): Command {
  return new Command('try')
    .description('Judge a docker command without a daemon: nothing is executed. Exit code 1 if it is denied.')
    .usage('[options] -- docker COMMAND ...')
    .argument('<command...>', 'The docker command, as you would run it.')
    .passThroughOptions()
    .addOption(new Option('--config <file>', 'Take the policies and protected paths of this Config file.'))
    .addOption(
      new Option(
        '--policies <folder>',
        'A folder of policies, or a file. May be given several times. (default: as `serve`)',
      ).argParser(another),
    )
    .addOption(
      new Option(
        '--diff <folder>',
        'Tell what this other folder of policies, or file, answers differently. May be given several times. Exit code 1 if they differ, 2 without an answer.',
      ).argParser(another),
    )
    .addOption(
      new Option('--as <subject>', 'Who asks, such as user:alice,group:web. (default: nobody known)'),
    )
    .addOption(new Option('--output <format>', 'How to answer.').choices(['table', 'json']).default('table'))
    .addOption(new Option('--verbose', 'Show what the docker CLI wrote too, on stderr.'))
    .addOption(
      new Option('--deadline <duration>', 'How long the docker CLI may take.')
        .argParser(duration)
        .default(60_000, '60s'),
    )
    .action(async (command: readonly string[], flags: TryFlags) => exit(await runTry(command, flags)));
}

function another(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), text];
}

async function runTry(command: readonly string[], flags: TryFlags): Promise<number> {
  const as = asSubject(flags.as);
  if ('error' in as) return misuse('`--as` cannot be read', `${capital(as.error)}.`);
  // As of `diff`, 1 is an answer: where there is none it is 2.
  const without = flags.diff === undefined ? exits.no : exits.misuse;
  const config = await configOf(flags);
  if (config === undefined) return without;
  const one = await namedSet(config.policies, '--policies');
  const other = flags.diff === undefined ? undefined : await namedSet(flags.diff, '--diff');
  if (one === undefined || (flags.diff !== undefined && other === undefined)) return without;
  const { protect, hostName: host } = config;
  const context = { subject: as.subject, protect, host, now: Date.now() };
  const by =
    ({ set }: Named) =>
    (message: Message) =>
      judgeAlone(message, set, context);
  const asked = { command, subject: as.subject, deadline: flags.deadline };
  if (other === undefined) {
    const result = await runCommand(command, flags, by(one));
    if (!result.ok) return misuse(result.problem.message, result.problem.remedy);
    return tell(result.trial, flags, { ...asked, set: one.set });
  }
  const { judge, pairOf } = judgeBoth(by(one), by(other));
  const result = await runCommand(command, flags, judge);
  if (!result.ok) return misuse(result.problem.message, result.problem.remedy);
  return tellBoth(compare(result.trial, pairOf), result.trial, flags, { ...asked, one, other });
}

/** The configuration that the flags name; undefined after saying what is wrong with it. */
async function configOf({ config, policies }: TryFlags): Promise<Config | undefined> {
  const uid = process.getuid?.() ?? 0;
  const given = policies === undefined ? {} : { policies: [...policies] };
  const resolved = await resolveConfig({ configFile: config, flags: given, env: process.env, uid });
  if (resolved.ok) return resolved.config;
  noSet(resolved.errors, '--policies');
  return undefined;
}

/** The set of these folders; undefined after saying what is wrong with it. `flag` names one. */
async function namedSet(paths: readonly string[], flag: string): Promise<Named | undefined> {
  const loaded = await loadPolicySet(paths);
  if (loaded.ok) return { set: loaded.set, paths };
  noSet(loaded.errors, flag);
  return undefined;
}

function noSet(errors: readonly FileError[], flag: string): void {
  const lines = errors.map((error) => `${formatFileError(error)}\n`);
  const what = flag === '--diff' ? 'no other policy set to compare with' : 'no policy set to judge by';
  process.stderr.write(
    `${lines.join('')}error: there is ${what}; mend it, or name one with \`${flag} FOLDER\`.\n`,
  );
}

async function runCommand(
  command: readonly string[],
  { deadline }: TryFlags,
  judge: (message: Message) => Judged,
): Promise<TryResult> {
  const interrupt = onInterrupt();
  try {
    return await tryCommand({
      ...{ command, deadline, judge, denialText },
      env: process.env,
      cwd: process.cwd(),
      hasInput: !process.stdin.isTTY,
      signal: interrupt.signal,
    });
  } finally {
    interrupt.clear();
  }
}

function tell(trial: Trial, { output, verbose }: TryFlags, told: Told): number {
  write(output === 'json' ? trialJson(trial, told) : trialText(trial, told, verbose === true));
  return { allow: exits.yes, deny: exits.no, unknown: exits.misuse }[verdictOf(trial)];
}

function tellBoth(
  comparison: Comparison,
  trial: Trial,
  { output, verbose }: TryFlags,
  told: ToldBoth,
): number {
  write(
    output === 'json'
      ? comparisonJson(comparison, trial, told)
      : comparisonText(comparison, trial, told, verbose === true),
  );
  return { same: exits.yes, differ: exits.no, unknown: exits.misuse }[comparison.answer];
}

function write({ stdout, stderr }: Answer): void {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
}

function misuse(message: string, remedy: string): number {
  process.stderr.write(`error: ${message}.\n${remedy}\n`);
  return exits.misuse;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function duration(text: string): number {
  const value = durationSchema.safeParse(text);
  if (value.success) return value.data;
  throw new InvalidArgumentError(value.error.issues[0]?.message ?? '');
}
