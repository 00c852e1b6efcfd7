import { Command, InvalidArgumentError, Option } from 'commander';
import { denialText } from '../authz/denial.ts';
import { resolveConfig } from '../config/config.ts';
import { durationSchema } from '../config/duration.ts';
import { formatFileError } from '../policyfiles/fileerror.ts';
import { loadPolicySet } from '../policyfiles/load.ts';
import { asSubject } from '../tools/asSubject.ts';
import { judgeAlone } from '../tools/judgeAlone.ts';
import { verdictOf } from '../tools/trialAnswer.ts';
import { type Trial, tryCommand } from '../tools/try.ts';
import { exits } from './exits.ts';
import { onInterrupt } from './onInterrupt.ts';
import { type Told, trialJson, trialText } from './tryText.ts';

interface TryFlags {
  readonly config?: string;
  readonly policies?: readonly string[];
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
      ).argParser((text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), text]),
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

async function runTry(command: readonly string[], flags: TryFlags): Promise<number> {
  const as = asSubject(flags.as);
  if ('error' in as) return misuse('`--as` cannot be read', `${capital(as.error)}.`);
  const uid = process.getuid?.() ?? 0;
  const given = flags.policies === undefined ? {} : { policies: [...flags.policies] };
  const resolved = await resolveConfig({ configFile: flags.config, flags: given, env: process.env, uid });
  const loaded = resolved.ok ? await loadPolicySet(resolved.config.policies) : resolved;
  if (!resolved.ok || !loaded.ok) {
    const errors = resolved.ok ? (loaded.ok ? [] : loaded.errors) : resolved.errors;
    const lines = errors.map((error) => formatFileError(error));
    process.stderr.write(
      `${lines.join('\n')}\nerror: there is no policy set to judge by; mend it, or name one with \`--policies FOLDER\`.\n`,
    );
    return exits.no;
  }
  const { set } = loaded;
  const { protect, hostName: host } = resolved.config;
  const context = { subject: as.subject, protect, host, now: Date.now() };
  const interrupt = onInterrupt();
  const result = await tryCommand({
    command,
    env: process.env,
    cwd: process.cwd(),
    hasInput: !process.stdin.isTTY,
    deadline: flags.deadline,
    signal: interrupt.signal,
    judge: (message) => judgeAlone(message, set, context),
    denialText,
  });
  interrupt.clear();
  if (!result.ok) return misuse(result.problem.message, result.problem.remedy);
  return tell(result.trial, flags, { command, subject: as.subject, set, deadline: flags.deadline });
}

function tell(trial: Trial, { output, verbose }: TryFlags, told: Told): number {
  const { stdout, stderr } =
    output === 'json' ? trialJson(trial, told) : trialText(trial, told, verbose === true);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return { allow: exits.yes, deny: exits.no, unknown: exits.misuse }[verdictOf(trial)];
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
