import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What a test waits for comes soon, but for a machine that is busy with a daemon beside it. */
const patient = { poll: { timeout: 20_000 } };

/** Vitest leaves a processor free for who edits meanwhile, which on two of them is half of all. */
const processors = Math.max(2, availableParallelism());

/** Files that wait for daemons and other processes a quarter of their time: with one more no processor idles. */
const waiting = { maxWorkers: processors + 1 };

/** Without results of an earlier run Vitest takes a file's size for its length; these are small and take longest. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/(?:everyday|attack|ledger|daemon\/(?:examples|restarts|install|managedPlugin|doctor))\.test\.ts$/.test(
        moduleId,
      );
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Compiled TypeScript for the many Bulwarks that tests start; below node_modules, where nobody else writes. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          expect: patient,
          include: ['src/**/*.test.ts', 'test/*.test.ts'],
          env,
          maxWorkers: processors,
          // A limit for what hangs, not for what is slow on a busy machine.
          testTimeout: 30_000,
          // Some of it looks at the clock, and so does not run beside daemons.
          sequence: { groupOrder: 1 },
        },
      },
      // Processes that are killed again and again: no daemons, but a minute or two.
      { test: { name: 'kill', include: ['test/kill/*.test.ts'], env, ...waiting } },
      {
        test: {
          name: 'daemon',
          expect: patient,
          include: ['test/{daemon,attack}/**/*.test.ts'],
          globalSetup: ['test/daemon/setup.ts'],
          env,
          // Each daemon has namespaces of its own.
          ...waiting,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
