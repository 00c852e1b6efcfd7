import { type LeftNote, leaveNote } from '../ledger/leftNotes.ts';
import { Refusal } from '../model/error.ts';
import { account } from './account.ts';
import { findDaemon, type Wanted } from './daemon.ts';
import { hookIn, hookOut } from './hook.ts';
import { ask } from './http.ts';
import { pluginName } from './places.ts';
import { managedPlugin } from './plugin.ts';
import { mustBeRoot } from './root.ts';

/** Where the note goes if the data folder does not take it. */
const otherFolder = '/var/log';

/** How breaking the glass went. */
export interface Broken {
  /** The daemon's configuration file. */
  readonly configFile: string;
  /** Whether it was changed. */
  readonly changed: boolean;
  /** The file that tells of it; undefined: no folder took it. */
  readonly note: string | undefined;
}

/**
 * Gives root Docker back, whatever is wrong: takes Bulwark out of `daemon.json`, and reloads or starts the daemon.
 *
 * @param data the folder of the ledger, for the note
 * @throws Refusal `not-root`, `daemon-json`, `daemon-unmoved`
 */
export async function breakGlass(wanted: Wanted, data: string, now: Date): Promise<Broken> {
  mustBeRoot('break-glass');
  const { configFile } = await findDaemon(wanted);
  // Before it is done: who breaks the glass is known also where it fails.
  const note = noted(data, { event: 'break-glass', by: account(), happened: now.toISOString() });
  const changed = await hookOut({ ...wanted, configFile });
  return { configFile, changed, note };
}

/**
 * Puts Bulwark back into `daemon.json`, if it answers on its socket.
 *
 * @throws Refusal `not-root`, `serve-unreachable`, `daemon-json`, `daemon-unmoved`
 */
export async function mendGlass(
  wanted: Wanted,
  { data, authzSocket }: { readonly data: string; readonly authzSocket: string },
  now: Date,
): Promise<Broken> {
  mustBeRoot('break-glass');
  const { configFile } = await findDaemon(wanted);
  await mustAnswer(authzSocket, wanted.socket);
  const undo = await hookIn({ ...wanted, configFile });
  const note = noted(data, { event: 'break-glass-undone', by: account(), happened: now.toISOString() });
  return { configFile, changed: undo !== undefined, note };
}

/** A plugin that is not there would keep the daemon from answering, or end it. */
async function mustAnswer(authzSocket: string, daemonSocket: string): Promise<void> {
  const managed = await managedPlugin(daemonSocket);
  if (managed === 'enabled') return;
  const question = { method: 'POST', path: '/Plugin.Activate', patience: 10_000 };
  const answer = managed === 'absent' ? await ask(authzSocket, question).catch(() => undefined) : undefined;
  if (answer?.status === 200) return;
  throw new Refusal(
    'serve-unreachable',
    'Bulwark does not answer, so that Docker would answer nobody.',
    managed === 'absent'
      ? 'Start it first: `systemctl start bulwark`.'
      : `Start it first: \`docker plugin enable ${pluginName}\`.`,
  );
}

function noted(data: string, note: LeftNote): string | undefined {
  for (const folder of [data, otherFolder]) {
    try {
      return leaveNote(folder, note);
    } catch {
      // The next one; Docker must work though nothing can be written.
    }
  }
  return undefined;
}
