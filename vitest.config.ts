import { defineConfig } from 'vitest/config';

/** What a test waits for comes soon, but for a machine that is busy with a daemon beside it. */
const patient = { poll: { timeout: 20_000 } };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', expect: patient, include: ['src/**/*.test.ts', 'test/*.test.ts'] } },
      // Processes that are killed again and again: no daemons, but a minute or two.
      { test: { name: 'kill', include: ['test/kill/*.test.ts'] } },
      {
        test: {
          name: 'daemon',
          expect: patient,
          include: ['test/{daemon,attack}/**/*.test.ts'],
          globalSetup: ['test/daemon/setup.ts'],
          // Each daemon has namespaces of its own; two files at a time keep two processors busy.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
