// The ledger's writer, in a thread of its own: while a disk hangs, the main thread goes on answering.
import { parentPort, workerData } from 'node:worker_threads';
import type { Entry, Reply, Request, WorkerOptions } from './entry.ts';
import { failureOf } from './failure.ts';
import { Keeper } from './keeper.ts';

if (parentPort === null) throw new Error('worker.ts is the program of a worker thread');
const port = parentPort;
// Given by `startWorker`, whose parameter has this type.
const options = workerData as WorkerOptions;
const keeper = new Keeper(options, (full) => reply({ type: 'disk', full }));

function reply(message: Reply): void {
  port.postMessage(message);
}

port.on('message', (request: Request) => {
  try {
    if (request === 'close') {
      keeper.close();
      reply({ type: 'closed' });
      port.close();
    } else {
      // Made by the writer from entries.
      const batch: readonly Entry[] = JSON.parse(request.batch);
      reply({ type: 'written', ...keeper.write(batch) });
    }
  } catch (error) {
    reply({ type: 'failed', failure: failureOf(error, options.path) });
  }
});
