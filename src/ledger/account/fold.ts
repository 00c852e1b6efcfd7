import type { CorrectedRecord, DecisionRecord, Draft, LedgerRecord, SettledRecord } from '../record.ts';
import { madeBy, type Thing } from './making.ts';
import { hourOf } from './periods.ts';
import { nothing, sumOf, type Tally } from './tally.ts';

/** What requests are counted by. */
export const dims = ['user', 'group', 'action', 'rule', 'user-action', 'user-rule'] as const;
export type Dim = (typeof dims)[number];

/** What is counted together. */
export interface Place {
  readonly dim: Dim;
  readonly key: string;
  /** The action or rule behind a user, and else empty. */
  readonly sub: string;
}

/** One hour's tally. */
export interface UsageRow extends Place {
  readonly hour: number;
  readonly tally: Tally;
}

/** How a subject was seen: in this group, by this method, with this client. */
export interface Sight {
  readonly subject: string;
  readonly what: 'group' | 'method' | 'client';
  readonly value: string;
  /** In milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

/** Who made a thing. */
export interface Owner extends Thing {
  readonly subject: string;
  readonly groups: readonly string[];
  /** The id of the decision that allowed it. */
  readonly decision: string;
  /** When the daemon had made it, in milliseconds since 1970. */
  readonly time: number;
}

/** What earlier records say. */
export interface Log {
  /** The decision with this id, if it is recorded. */
  decision(id: string): DecisionRecord | undefined;
  /** The reasons for which records before this `seq` correct the decision with this id. */
  corrections(id: string, before: number): readonly string[];
}

/** The longest name of a client that is kept. */
const longestClient = 200;

/**
 * Records, folded into an account: how often what was asked, what came of it, and whose it is. Of any two stretches of the
 * log the accounts together are the account of both.
 */
export class Fold {
  readonly #usage = new Map<string, UsageRow>();
  readonly #sights = new Map<string, Sight>();
  readonly #owners = new Map<string, Owner>();

  get usage(): Iterable<UsageRow> {
    return this.#usage.values();
  }

  /** In the order in which they were seen first. */
  get sights(): Iterable<Sight> {
    return this.#sights.values();
  }

  get owners(): Iterable<Owner> {
    return this.#owners.values();
  }

  /** How many rows there are. */
  get size(): number {
    return this.#usage.size + this.#sights.size + this.#owners.size;
  }

  /** Records come in their order. */
  add(record: LedgerRecord, log: Log): void {
    switch (record.type) {
      case 'decision':
        this.#decided(record, record.seq, log);
        return;
      case 'settled':
        this.#settled(record, log);
        return;
      case 'corrected':
        this.#corrected(record, log);
        return;
      case 'system':
    }
  }

  /** Requests that are counted in a minute that is not over: their record will stand behind all others. */
  addPending(draft: Draft<DecisionRecord>, log: Log): void {
    this.#decided(draft, Number.MAX_SAFE_INTEGER, log);
  }

  #decided(decision: Draft<DecisionRecord>, seq: number, log: Log): void {
    const { id, subject, count = 1, violations = [], client } = decision;
    const time = Date.parse(decision.time);
    const denied = decision.decision === 'deny';
    const tally = { ...nothing, requests: count, denied: denied ? count : 0, first: time, last: time };
    this.#count(placesOf(decision), time, tally);
    if (denied) {
      const broken = violations.filter(({ mode }) => mode === undefined).map(({ rule }) => rule);
      this.#count(rulePlaces(subject.name, broken), time, { ...tally, newest: id });
    } else if (decision.count !== undefined) {
      // These become a record when their minute is over: what corrects some of them may be recorded before.
      for (const reason of log.corrections(id, seq).slice(0, count)) this.#deny(decision, reason);
    }
    this.#see(subject.name, 'method', subject.method, time);
    for (const group of subject.groups) this.#see(subject.name, 'group', group, time);
    if (client !== undefined) this.#see(subject.name, 'client', client.slice(0, longestClient), time);
  }

  #corrected({ of, reason, seq }: CorrectedRecord, log: Log): void {
    const decision = log.decision(of);
    if (decision === undefined || decision.seq > seq || decision.decision === 'deny') return;
    // One request is corrected once.
    if (log.corrections(of, seq).length < (decision.count ?? 1)) this.#deny(decision, reason);
  }

  /** One request of an allow was denied all the same. */
  #deny(decision: Draft<DecisionRecord>, reason: string): void {
    const time = Date.parse(decision.time);
    const denial = { ...nothing, denied: 1, first: time, last: time };
    this.#count(placesOf(decision), time, denial);
    this.#count(rulePlaces(decision.subject.name, [reason]), time, {
      ...denial,
      requests: 1,
      newest: decision.id,
    });
  }

  #settled(settled: SettledRecord, log: Log): void {
    if (settled.outcome === 'failed') return;
    const decision = log.decision(settled.of);
    if (decision === undefined) return;
    const { counts, things } = madeBy(decision, settled);
    if (counts.length === 0) return;
    const time = Date.parse(settled.time);
    const tally: Record<keyof typeof nothing, number> = { ...nothing };
    for (const one of counts) tally[one] += 1;
    this.#count(placesOf(decision), time, tally);
    const { id, subject } = decision;
    const owner = { subject: subject.name, groups: subject.groups, decision: id, time };
    for (const thing of things) this.#owners.set(`${thing.kind} ${thing.id}`, { ...thing, ...owner });
  }

  #count(places: readonly Place[], time: number, tally: Tally): void {
    const hour = hourOf(time);
    for (const { dim, key, sub } of places) {
      const at = `${dim} ${hour} ${key.length} ${key} ${sub}`;
      const before = this.#usage.get(at)?.tally;
      this.#usage.set(at, { dim, hour, key, sub, tally: before ? sumOf(before, tally) : tally });
    }
  }

  #see(subject: string, what: Sight['what'], value: string, time: number): void {
    const at = `${what} ${subject.length} ${subject} ${value}`;
    const { first = time, last = time } = this.#sights.get(at) ?? {};
    this.#sights.set(at, { subject, what, value, first: Math.min(first, time), last: Math.max(last, time) });
  }
}

/** Where a request is counted. */
function placesOf({ subject: { name, groups }, action }: Draft<DecisionRecord>): readonly Place[] {
  return [
    { dim: 'user', key: name, sub: '' },
    { dim: 'action', key: action, sub: '' },
    { dim: 'user-action', key: name, sub: action },
    ...Array.from(new Set(groups), (key) => ({ dim: 'group', key, sub: '' }) as const),
  ];
}

/** Where a denial is counted beside that: each rule by its full name alone. */
function rulePlaces(subject: string, rules: readonly string[]): readonly Place[] {
  return [...new Set(rules)].flatMap((rule) => [
    { dim: 'rule', key: rule, sub: '' },
    { dim: 'user-rule', key: subject, sub: rule },
  ]);
}
