import type { Beat } from '../facts/heartbeat.ts';
import type { Failure } from '../ledger/failure.ts';
import type { Counters } from '../metrics/counters.ts';
import type { InForce } from '../policyfiles/inForce.ts';
import type { LedgerQueries } from './ledgerQueries.ts';
import type { Simulations } from './simulations.ts';

/** How the ledger's writer fares. */
export interface LedgerState {
  /** Entries that are not durable yet. */
  readonly queued: number;
  /** How long the batch under way has taken, in milliseconds; 0: none is. */
  readonly lag: number;
  /** What keeps it from being written as ever. */
  readonly failure: Failure | undefined;
}

/** What the routes stand on: the rest of Bulwark, as far as they may know it. */
export interface Services {
  readonly version: string;
  readonly counters: Counters;
  /** How the writing of the ledger goes. */
  state(): LedgerState;
  policies(): InForce;
  /** The set that is tried beside it. Absent: none. */
  shadow?(): InForce;
  /** The socket of the daemon, or `off`, as the readiness line says it. */
  readonly facts: string;
  /** Whether the daemon asks. Absent with `off`. */
  beat?(): Beat;
  readonly ledger: Pick<LedgerQueries, 'ask'>;
  readonly simulations: Pick<Simulations, 'request' | 'command'>;
}
