import { describe, inject } from 'vitest';
import type { Release } from './packages.ts';

/**
 * A `describe` for each release of Docker. Where 26.1 could not be fetched its tests count as skipped, so the
 * run's summary shows that something is missing.
 */
export function describeReleases(name: string, body: (release: Release) => void): void {
  const had = inject('releases');
  for (const release of ['20.10', '26.1'] as const) {
    describe.skipIf(!had.includes(release))(`${name} (Docker ${release})`, () => body(release));
  }
}
