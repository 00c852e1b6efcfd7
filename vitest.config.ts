import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What a test waits for comes soon, but for a machine that is busy with a daemon beside it. */
const patient = { poll: { timeout: 20_000 } };

/** Vitest leaves a processor free for who edits meanwhile, which on two of them is half of all. */
const maxWorkers = Math.max(2, availableParallelism());

/** Compiled TypeScript for the many Bulwarks that tests start; below node_modules, where nobody else writes. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect: patient,
          include: ['src/**/*.test.ts', 'test/*.test.ts'],
          env,
          maxWorkers,
          // A limit for what hangs, not for what is slow on a busy machine.
          testTimeout: 30_000,
          // Some of it looks at the clock, and so does not run beside daemons.
          sequence: { groupOrder: 1 },
        },
      },
      // Processes that are killed again and again: no daemons, but a minute or two.
      { test: { name: 'kill', include: ['test/kill/*.test.ts'], env, maxWorkers } },
      {
        test: {
          name: 'daemon',
          expect: patient,
          include: ['test/{daemon,attack}/**/*.test.ts'],
          globalSetup: ['test/daemon/setup.ts'],
          env,
          // Each daemon has namespaces of its own; a file for each processor keeps them busy.
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
