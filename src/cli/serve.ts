import { Command, InvalidArgumentError, Option } from 'commander';
import { type Config, resolveConfig } from '../config/config.ts';
import { configSource, type Source, type Spec, sources, specSchema } from '../config/settings.ts';
import { createLog, type Log, stderrSink } from '../logging/log.ts';
import { Refusal } from '../model/error.ts';
import { type FileError, formatFileError } from '../policyfiles/fileerror.ts';
import { type Running, serve } from '../serve.ts';
import { takeHandedOver } from '../systemd/handedOver.ts';
import { createNotifier } from '../systemd/notifier.ts';
import { exits } from './exits.ts';
import { nextSteps } from './nextSteps.ts';

/** The command `bulwark serve`: the server. `exit` takes the exit code. */
export function serveCommand(exit: (code: number) => void): Command {
  const command = new Command('serve')
    .description('Answer dockerd: the authorization plugin itself.')
    .addOption(new Option(configSource.flag, 'A Config file; flags and variables win over it.'));
  for (const option of options()) command.addOption(option);
  return command.action(async ({ config: configFile, ...flags }: Spec & { config?: string }) => {
    exit(await runServe(configFile, flags));
  });
}

async function runServe(configFile: string | undefined, flags: Spec): Promise<number> {
  const uid = process.getuid?.() ?? 0;
  const signals = listenToSignals();
  const result = await resolveConfig({ configFile, flags, env: process.env, uid });
  if (!result.ok) return broken('the configuration cannot be used', result.errors);
  const { config, warnings } = result;
  const log = createLog(stderrSink(process.stderr.isTTY, useColor()), config.logLevel);
  for (const warning of warnings) log.warn(warning);

  const notifier = createNotifier(process.env, process.pid, log);
  const running = await start(config, log, uid);
  if (typeof running === 'number') return running;
  stopOnBugs(log, running);
  process.stdout.write(`${[running.ready, ...(isFirstTime() ? nextSteps(config, uid) : [])].join('\n')}\n`);
  notifier.ready(running.ready, (limit) => running.reach(limit));
  signals.onReload(() => running.reload());
  await signals.stop;
  notifier.stopping();
  await running.stop();
  return exits.yes;
}

/** Bulwark at work, or the exit code of a start that failed and was explained. */
async function start(config: Config, log: Log, uid: number): Promise<Running | number> {
  try {
    const handedOver = takeHandedOver(process.env, process.pid);
    const started = await serve(config, log, { uid, handedOver });
    return started.ok ? started.running : broken(`the ${started.what} cannot be used`, started.errors);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`error: ${error.message}\n${error.fix}\n`);
    return exits.no;
  }
}

function broken(what: string, errors: readonly FileError[]): number {
  const lines = errors.map((error) => formatFileError(error));
  process.stderr.write(`${lines.join('\n')}\nerror: ${what}; mend it and start again.\n`);
  return exits.config;
}

/** The first SIGTERM or SIGINT stops; a second one ends at once, as if nothing listened. */
function listenToSignals() {
  const { promise: stop, resolve } = Promise.withResolvers<void>();
  const ending = ['SIGTERM', 'SIGINT'] as const;
  const end = () => {
    for (const signal of ending) process.off(signal, end);
    resolve();
  };
  for (const signal of ending) process.on(signal, end);
  let reload: () => void = () => {};
  process.on('SIGHUP', () => reload());
  return {
    stop,
    onReload: (callback: () => void) => {
      reload = callback;
    },
  };
}

/** What nobody caught is a bug. A lost promise decided nothing; after a thrown error nothing can be relied on. */
function stopOnBugs(log: Log, running: Running): void {
  process.on('unhandledRejection', (error) => log.error({ error }, 'a promise was lost'));
  process.on('uncaughtException', (error) => {
    log.fatal({ error }, 'ended by an error that nobody caught');
    process.exit(exits.no);
  });
  process.on('exit', () => running.abandon());
}

/** A person at a terminal, or `npm start`, wants to know how to go on; a service manager does not. */
function isFirstTime(): boolean {
  return process.stdout.isTTY || process.env['npm_lifecycle_event'] === 'start';
}

/** https://no-color.org: any value but an empty one. */
function useColor(): boolean {
  return process.stderr.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

function options(): readonly Option[] {
  return Object.entries(sources).map(([key, source]) => option(key as keyof typeof sources, source));
}

function option(key: keyof typeof sources, { flag, variable, list, byDefault }: Source): Option {
  const schema = specSchema.shape[key];
  const more = list ? ' May be given several times.' : '';
  return new Option(
    flag,
    `${schema.description}${more} (${variable}; default: ${byDefault})`,
  ).argParser<unknown>((text, earlier) => {
    const value = schema.safeParse(list ? [...(Array.isArray(earlier) ? earlier : []), text] : text);
    if (value.success) return value.data;
    throw new InvalidArgumentError(value.error.issues[0]?.message ?? '');
  });
}
