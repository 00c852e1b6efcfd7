// The ledger's writer, in a process of its own (docs/decisions): while a disk hangs, the main one goes on answering.
import type { Entry, Reply, Request, WorkerOptions } from './entry.ts';
import { failureOf } from './failure.ts';
import { Keeper } from './keeper.ts';

process.title = 'bulwark-ledger';
// A terminal and a service manager signal the whole group; this one ends when the main process says so, or is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', end);

// Given by `startWorker`, whose parameter has this type.
const options: WorkerOptions = JSON.parse(process.argv[2] ?? '');
const keeper = new Keeper(options, (full) => reply({ type: 'disk', full }));

function reply(message: Reply): void {
  // Where nobody listens any more, `disconnect` follows.
  if (process.connected) process.send?.(message, () => {});
}

function end(): void {
  keeper.close();
  process.exit();
}

process.on('message', (request: Request) => {
  if (request === 'close') return end();
  try {
    // Made by the writer from entries.
    const batch: readonly Entry[] = JSON.parse(request.batch);
    reply({ type: 'written', ...keeper.write(batch) });
  } catch (error) {
    reply({ type: 'failed', failure: failureOf(error, options.path) });
  }
});
