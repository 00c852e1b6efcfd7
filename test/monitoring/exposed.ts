import request from 'supertest';
import { steps } from '../../src/metrics/counters.ts';
import { codes } from '../../src/model/codes.ts';
import type { Violation, Watching } from '../../src/model/decision.ts';
import { knownActions } from '../../src/policyfiles/warnings/reading.ts';
import { makeAdmin } from '../adminOf.ts';
import { readExpression } from './expression.ts';

/** The metrics that there are, each with its labels and their values. */
export type Exposed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

const subject = { name: 'system:anonymous', groups: [], method: 'none' } as const;
const modes: readonly Watching[] = ['audit', 'warn', 'shadow'];

/** Reads `/metrics` of an admin API that has seen every action allowed and denied, every code, and each mode. */
export async function readExposed(): Promise<Exposed> {
  const admin = await makeAdmin();
  try {
    const { counters } = admin;
    const broken = (rule: string): Violation => ({ rule, message: '', fix: '' });
    const violations = ['house/memory', ...Object.keys(codes)].map(broken);
    const observed = modes.map((mode) => ({ ...broken('house/memory'), mode }));
    for (const action of knownActions) {
      counters.decided({ id: '', allow: true, action, subject, violations: [], observed });
      counters.decided({ id: '', allow: false, action, subject, violations });
    }
    for (const step of steps) counters.took(step, 1);
    return read((await request(admin.app()).get('/metrics')).text);
  } finally {
    admin.remove();
  }
}

function read(text: string): Exposed {
  const metrics = new Map<string, Map<string, Set<string>>>();
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_]+)(?:\{(.*)\})? \S+$/gm)) {
    const known = metrics.get(name) ?? new Map<string, Set<string>>();
    metrics.set(name, known);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g))
      known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  return metrics;
}

/** Labels that Prometheus adds to whatever it scrapes. */
const added = new Set(['instance', 'job']);

/** What Prometheus says of a scrape itself. */
const own = new Set(['up']);

/** What an expression asks for that no Bulwark exposes. */
export function missing(text: string, exposed: Exposed): readonly string[] {
  const { selectors, grouping } = readExpression(text);
  const has = (metric: string, label: string) => added.has(label) || exposed.get(metric)?.has(label);
  return [
    ...selectors
      .filter(({ metric }) => !exposed.has(metric) && !own.has(metric))
      .map(({ metric }) => `metric ${metric}`),
    ...grouping.flatMap(({ label, metrics }) =>
      metrics.filter((metric) => !has(metric, label)).map((metric) => `label ${label} of ${metric}`),
    ),
    ...selectors.flatMap(({ metric, matchers }) =>
      matchers.flatMap(({ label, operator, value }) => {
        if (added.has(label)) return [];
        const values = exposed.get(metric)?.get(label);
        if (values === undefined) return [`label ${label} of ${metric}`];
        return wanted(operator, value)
          .filter((one) => ![...values].some((known) => one.test(known)))
          .map(({ source }) => `value ${source} of ${label}`);
      }),
    ),
  ];
}

/** Each of the values that a matcher speaks of must be there: those of `a|b` one by one. */
function wanted(operator: string, value: string): readonly RegExp[] {
  const all = operator.endsWith('~') ? value.split('|') : [value.replace(/\W/g, '\\$&')];
  return all.map((one) => new RegExp(`^(?:${one})$`));
}

/** Labels that the result of an expression has. */
export function labelsOf(text: string, exposed: Exposed): ReadonlySet<string> {
  const { left, selectors } = readExpression(text);
  return new Set(
    left ?? [...added, ...selectors.flatMap(({ metric }) => [...(exposed.get(metric)?.keys() ?? [])])],
  );
}
