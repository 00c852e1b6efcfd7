import type { Decision } from '../model/decision.ts';
import { Histogram } from './histogram.ts';

/**
 * Where the time of a request goes: `read`, its bytes and the message in them; `judge`, normalize and evaluate; `commit`,
 * until the record is as durable as it must be; `total`, from its first byte to its answer.
 */
export const steps = ['read', 'judge', 'commit', 'total'] as const;

export type Step = (typeof steps)[number];

/** Names are ours or those of policy documents; should something else ever get among them, it is counted together. */
const mostNames = 2000;
const other = 'other';

/** How many decisions of an action there were. */
interface Decided {
  allow: number;
  deny: number;
}

/** What is counted of the requests: plain numbers, under a microsecond a request. */
export class Counters {
  readonly #actions = new Map<string, Decided>();
  readonly #rules = new Map<string, number>();
  readonly #watched = new Map<string, number>();
  readonly #steps: Readonly<Record<Step, Histogram>> = {
    read: new Histogram(),
    judge: new Histogram(),
    commit: new Histogram(),
    total: new Histogram(),
  };

  /** Counts a decision as it was answered. */
  decided({ action, allow, violations, observed = [] }: Decision): void {
    const decided = this.#ofAction(action);
    if (allow) decided.allow += 1;
    else decided.deny += 1;
    for (const { rule } of violations) count(this.#rules, rule);
    for (const { rule, mode = 'audit' } of observed) count(this.#watched, `${mode} ${rule}`);
  }

  /** Counts how long a step of a request took, in milliseconds. */
  took(step: Step, milliseconds: number): void {
    this.#steps[step].observe(milliseconds);
  }

  get actions(): ReadonlyMap<string, Readonly<Decided>> {
    return this.#actions;
  }

  /** How often each rule was broken. */
  get rules(): ReadonlyMap<string, number> {
    return this.#rules;
  }

  /** How often each rule that only watches was broken, by its mode, a blank and its name. */
  get watched(): ReadonlyMap<string, number> {
    return this.#watched;
  }

  get steps(): Readonly<Record<Step, Pick<Histogram, 'read'>>> {
    return this.#steps;
  }

  #ofAction(action: string): Decided {
    const found = this.#actions.get(action);
    if (found !== undefined) return found;
    const name = this.#actions.size < mostNames ? action : other;
    const decided = this.#actions.get(name) ?? { allow: 0, deny: 0 };
    this.#actions.set(name, decided);
    return decided;
  }
}

function count(counts: Map<string, number>, name: string): void {
  const known = counts.has(name) || counts.size < mostNames ? name : other;
  counts.set(known, (counts.get(known) ?? 0) + 1);
}
