import type { Row } from '../row.ts';
import { builds } from './builds.ts';
import { cluster, lastly } from './cluster.ts';
import { fields } from './fields.ts';
import { running } from './running.ts';
import { second } from './second.ts';
import { spellings } from './spellings.ts';
import { ways } from './transports.ts';
import { volumes } from './volumes.ts';

/** Every attack, in the order in which they run. */
export const rows: readonly Row[] = [
  ...fields,
  ...spellings,
  ...ways,
  ...volumes,
  ...running,
  ...builds,
  ...second,
  ...cluster,
  ...lastly,
];
