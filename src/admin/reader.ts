// The process that reads the ledger for the admin API (docs/decisions): a query, or a frozen disk, holds up this one alone.
import { Answerer } from './answerer.ts';
import { beLessUrgent } from './lessUrgent.ts';
import type { Question } from './question.ts';

process.title = 'bulwark-reader';
// A terminal and a service manager signal the whole group; this one ends when the main process says so, or is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
beLessUrgent();

// Given by `startReader`.
const answerer = new Answerer(process.argv[2] ?? '');

process.on('message', (question: Question) => {
  // Where nobody listens any more, `disconnect` follows.
  process.send?.(answerer.answer(question), () => {});
});
