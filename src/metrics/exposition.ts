import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import { type Counters, steps } from './counters.ts';
import { bounds } from './histogram.ts';

/** The state of the ledger's writer. */
export interface LedgerState {
  /** Entries that are not durable yet. */
  readonly queued: number;
  /** How long the batch under way has taken, in milliseconds; 0: none is. */
  readonly lag: number;
  readonly writable: boolean;
}

/** What is told beside the counters, at the moment of asking. */
export interface Sources {
  readonly version: string;
  readonly counters: Counters;
  ledger(): LedgerState;
  /** Whether the daemon asks; undefined: not known. */
  asks(): boolean | undefined;
  policies(): {
    readonly digest: string;
    readonly documents: number;
    readonly since: Date;
    readonly broken: boolean;
    /** How many reloads there were, by how they ended. */
    readonly reloads: Readonly<Record<string, number>>;
  };
}

/** The metrics of a process in the text format of Prometheus, read from where they are when they are asked for. */
export function exposition(sources: Sources): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const { counters } = sources;
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });

  new Gauge({ name: 'bulwark_info', help: 'The version that runs.', labelNames: ['version'], registers }).set(
    { version: sources.version },
    1,
  );
  new Counter({
    name: 'bulwark_decisions_total',
    help: 'Requests that were answered, by action and answer.',
    labelNames: ['action', 'decision'],
    registers,
    collect() {
      this.reset();
      for (const [action, { allow, deny }] of counters.actions) {
        if (allow > 0) this.inc({ action, decision: 'allow' }, allow);
        if (deny > 0) this.inc({ action, decision: 'deny' }, deny);
      }
    },
  });
  new Counter({
    name: 'bulwark_violations_total',
    help: 'Rules that requests broke, and codes of refusals; a request that broke several counts with each.',
    labelNames: ['rule'],
    registers,
    collect() {
      this.reset();
      for (const [rule, count] of counters.rules) this.inc({ rule }, count);
    },
  });
  new Counter({
    name: 'bulwark_observed_total',
    help: 'Rules that requests broke and that only watch: of policies that audit or warn, and of the shadow set.',
    labelNames: ['rule', 'mode'],
    registers,
    collect() {
      this.reset();
      for (const [name, count] of counters.watched) {
        const [mode = '', rule = mode] = name.split(' ');
        this.inc({ rule, mode }, count);
      }
    },
  });
  registry.registerMetric(stepMetric(counters));
  new Gauge({
    name: 'bulwark_daemon_asks',
    help: '1: the daemon asks Bulwark; 0: it answers without asking, or does not answer. Absent while nothing is known.',
    registers,
    collect() {
      const asks = sources.asks();
      if (asks === undefined) this.remove();
      else this.set(Number(asks));
    },
  });
  gauge('bulwark_ledger_queue_entries', 'Entries that are not durable yet.', () => sources.ledger().queued);
  gauge(
    'bulwark_ledger_lag_seconds',
    'How long the batch that is being written has taken.',
    () => sources.ledger().lag / 1000,
  );
  gauge(
    'bulwark_ledger_writable',
    '1: the ledger can be written; 0: everything is denied until it can.',
    () => Number(sources.ledger().writable),
  );
  new Gauge({
    name: 'bulwark_policy_set_info',
    help: 'The policies in force.',
    labelNames: ['digest'],
    registers,
    collect() {
      this.reset();
      this.set({ digest: sources.policies().digest }, 1);
    },
  });
  gauge('bulwark_policy_documents', 'Documents in force.', () => sources.policies().documents);
  gauge(
    'bulwark_policy_set_age_seconds',
    'How long the policies in force have been so.',
    () => (Date.now() - sources.policies().since.getTime()) / 1000,
  );
  gauge(
    'bulwark_policy_reload_failed',
    '1: the last reload changed nothing, since the policies are broken.',
    () => Number(sources.policies().broken),
  );
  new Counter({
    name: 'bulwark_policy_reloads_total',
    help: 'Reloads of the policies: replaced those in force, found them unchanged, or were broken.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(sources.policies().reloads)) this.inc({ outcome }, count);
    },
  });
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system time.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge(
    'process_start_time_seconds',
    'Start of the process, in seconds since 1970.',
    () => performance.timeOrigin / 1000,
  );
  return () => registry.metrics();
}

/** prom-client's own histogram counts for itself; this one tells what is counted already, as its registry asks for it. */
function stepMetric(counters: Counters): Metric {
  const name = 'bulwark_step_seconds';
  const metric = {
    name,
    async get() {
      const values = steps.flatMap((step) => {
        const { buckets, count, sum } = counters.steps[step].read();
        const value = (
          suffix: string,
          labels: Readonly<Record<string, string | number>>,
          number: number,
        ) => ({
          metricName: `${name}_${suffix}`,
          labels,
          value: number,
        });
        return [
          ...bounds.map((bound, at) => value('bucket', { step, le: bound }, buckets[at] ?? count)),
          value('bucket', { step, le: '+Inf' }, count),
          value('sum', { step }, sum),
          value('count', { step }, count),
        ];
      });
      return {
        name,
        help: 'How long the steps of a request take.',
        type: 'histogram',
        aggregator: 'sum',
        values,
      };
    },
  };
  // A registry calls `get` of what is registered, and nothing else (prom-client 15).
  return metric as unknown as Metric;
}
