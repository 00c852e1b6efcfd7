import type { Route } from '../route.ts';
import { decision, decisions } from './decisions.ts';
import { healthz, readyz } from './health.ts';
import { metrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import { owner, owners } from './owners.ts';
import { policies } from './policies.ts';
import { simulate } from './simulate.ts';
import { status } from './status.ts';
import { stream } from './stream.ts';
import { subjectUsage, usage } from './usage.ts';

/** Fixed paths before those with parameters. */
const own = [
  healthz,
  readyz,
  status,
  decisions,
  stream,
  decision,
  usage,
  subjectUsage,
  owners,
  owner,
  policies,
  simulate,
  metrics,
] as const;

/** Every route of the admin API. */
export const routes: readonly Route[] = [...own, openapi(own)];
