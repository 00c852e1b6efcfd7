import type { Check } from '../check.ts';

/** Nothing is passed over in silence. */
export const unseenCheck: Check = {
  id: 'not-looked-at',
  severity: 'warning',
  means: 'Something could not be looked at, so that what it might show is not known. Mostly only root may.',
  find: ({ unseen }) => unseen.map(({ what, why }) => ({ evidence: `${what}: ${why}` })),
  remedy: () =>
    'See to the reason that is named. Most of them go away where `bulwark doctor` runs as root, on the host itself, with the `--config` of `serve`, while the daemon and Bulwark run.',
};
