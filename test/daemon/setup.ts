/** Before the daemon tests: root, the packages, and the leftovers of runs that were killed. */
import type { TestProject } from 'vitest/node';
import { sweep } from './leftovers.ts';
import { packages, type Release } from './packages.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The releases of Docker that this run has. */
    readonly releases: readonly Release[];
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'the tests on real daemons need root: each starts a private dockerd in namespaces of its own. ' +
        'Run `sudo npm test`, or `npm run test:unit` for the tests that need none.',
    );
  }
  const found = await packages();
  project.provide('releases', found['26.1'] === undefined ? ['20.10'] : ['20.10', '26.1']);
  return sweep;
}
