import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Plan, planInstall } from '../host/install.ts';
import { type Performed, perform, type Step } from '../host/steps.ts';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { exits } from './exits.ts';
import {
  addDaemonOptions,
  type DaemonFlags,
  installedConfig,
  tellError,
  wantedDaemon,
} from './hostOptions.ts';
import { installText } from './installText.ts';
import { misuse } from './openLedger.ts';

interface InstallFlags extends DaemonFlags {
  readonly policies?: string;
  readonly plugin?: string;
  readonly shadow?: boolean;
  readonly exceptExisting?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** The command `bulwark install`: makes this Bulwark the one that the host's daemon asks. `exit` takes the exit code. */
export function installCommand(exit: (code: number) => void): Command {
  return addDaemonOptions(new Command('install'))
    .description(
      'Install this Bulwark as a service of the host and hook it to Docker. Shows what it will do and asks; if a step fails, all is put back. May be run again, to upgrade.',
    )
    .option(
      '--policies <folder>',
      'Policies to begin with. (default: those that Bulwark ships; what is there stays)',
    )
    .option(
      '--plugin <folder>',
      'Let dockerd run it as the managed plugin in this folder (`npm run plugin:build`), where there is no systemd.',
    )
    .option('--shadow', 'Only watch: record what the policies would deny, and deny nothing by them.')
    .option('--no-shadow', 'Watch no longer, but deny. (default: as it is)')
    .addOption(
      new Option(
        '--except-existing [days]',
        'Write exceptions for the containers that are there and would not start again, which end after so many days.',
      )
        .argParser(days)
        .preset('30'),
    )
    .option('--dry-run', 'Show what it would do, and do nothing.')
    .option('--yes', 'Do not ask.')
    .action(async (flags: InstallFlags) => exit(await runInstall(flags)));
}

async function runInstall({
  policies,
  plugin,
  shadow,
  exceptExisting,
  dryRun,
  yes,
  ...daemon
}: InstallFlags): Promise<number> {
  try {
    const { socket, configFile } = wantedDaemon(daemon, await installedConfig());
    const plan = await planInstall(
      { socket, configFile, policies, plugin: plugin && resolve(plugin), shadow, exceptDays: exceptExisting },
      Date.now(),
    );
    process.stdout.write(installText(plan, { socket, isExcepted: exceptExisting !== undefined }));
    if (dryRun) return exits.yes;
    // Whatever root's is: everybody may run it, and read the policies.
    process.umask(0o022);
    if (!yes && !(await agreed())) return process.stdin.isTTY ? exits.no : needsYes();
    return ended(await performLoudly(plan.steps), plan);
  } catch (error) {
    tellError(error);
    return exits.no;
  }
}

function needsYes(): number {
  return misuse('nobody is there to say whether to go on', 'Look at the plan above, and add `--yes`.');
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // Ctrl-C and Ctrl-D close it without an answer.
    const closed = once(asking, 'close').then(() => '');
    const answer = await Promise.race([asking.question('\ngo on? [y/N] '), closed]).catch(() => '');
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}

/** Ctrl-C and the end of the terminal put back what was done, like a failure. */
async function performLoudly(steps: readonly Step[]): Promise<Performed> {
  const stop = new AbortController();
  const abort = () => stop.abort(new Refusal('step-failed', 'it was interrupted.'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, abort);
  try {
    return await perform(steps, (line) => process.stdout.write(`${line}\n`), stop.signal);
  } finally {
    for (const signal of signals) process.off(signal, abort);
  }
}

function ended(performed: Performed, { daemon, watches }: Plan): number {
  if (!performed.ok) return tellFailure(performed);
  const denies = watches
    ? 'Docker asks Bulwark, which only watches: `bulwark denials --mode shadow` shows what it would deny; `bulwark install --no-shadow` ends that.'
    : 'Docker asks Bulwark: `docker run --rm --privileged alpine true` is denied.';
  process.stdout.write(
    `\n${denies}\n\`bulwark status\` shows how it fares, /etc/bulwark/policies holds the rules.\nIf ever Docker does not work: \`bulwark break-glass\` takes Bulwark out of ${printable(daemon.configFile)}.\n`,
  );
  return exits.yes;
}

/** Says what failed, and whether anything could not be put back. */
function tellFailure({ step, error, left }: Extract<Performed, { ok: false }>): number {
  const what = error instanceof Error ? error.message : String(error);
  const fix = error instanceof Refusal ? `\n${error.fix}` : '';
  process.stderr.write(`error: could not ${step}: ${printable(what, 2000)}${fix}\n`);
  if (left.length === 0) process.stderr.write('Docker works as before, and all is as it was.\n');
  else process.stderr.write(`NOT ALL IS AS IT WAS:\n${left.map((line) => `  ${line}\n`).join('')}`);
  return exits.no;
}

function days(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 3650) return number;
  throw new InvalidArgumentError('write a number of days, from 1 to 3650.');
}
