import type { Check } from '../check.ts';
import { accessChecks } from './access.ts';
import { askedChecks } from './asked.ts';
import { bulwarkChecks } from './bulwark.ts';
import { chainChecks } from './chain.ts';
import { daemonChecks } from './daemon.ts';
import { fileChecks } from './files.ts';
import { hardeningChecks } from './hardening.ts';
import { systemChecks } from './system.ts';
import { unseenCheck } from './unseen.ts';

/** Everything that `bulwark doctor` looks at, in the order of its page. */
export const checks: readonly Check[] = [
  ...askedChecks,
  ...chainChecks,
  ...daemonChecks,
  ...accessChecks,
  ...fileChecks,
  ...bulwarkChecks,
  ...systemChecks,
  ...hardeningChecks,
  unseenCheck,
];
