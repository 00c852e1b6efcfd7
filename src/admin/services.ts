import type { Refusal } from '../model/error.ts';
import type { InForce } from '../policyfiles/inForce.ts';
import type { LedgerQueries } from './ledgerQueries.ts';
import type { Simulations } from './simulations.ts';

/** What the routes stand on: the rest of Bulwark, as far as they may know it. */
export interface Services {
  readonly version: string;
  /** What keeps it from deciding as it should; empty: it is ready. */
  problems(): readonly Refusal[];
  policies(): InForce;
  readonly ledger: Pick<LedgerQueries, 'ask'>;
  readonly simulations: Pick<Simulations, 'request' | 'command'>;
  /** Metrics in the text format of Prometheus. */
  metrics(): Promise<string>;
}
