import type { Violation } from '../model/decision.ts';
import type { AdmissionRequest } from '../model/request.ts';
import type { Check, PolicySet } from './compile.ts';
import type { Context } from './control.ts';

/**
 * Holds a request against every policy of the set: any violation denies, and all of them are reported.
 * An empty result says that the policies have nothing against it, no more.
 * Pure. Throws what a control throws, which the caller must take as a denial.
 */
export function evaluate(set: PolicySet, request: AdmissionRequest, context: Context): readonly Violation[] {
  const violations: Violation[] = [];
  const bare = isEmpty(request.object);
  for (const { name, checks, everyRequest } of set.policies) {
    for (const check of bare ? everyRequest : checks) {
      if (!concerns(check.reads, request)) continue;
      for (const { part, ...finding } of check.run(request, context)) {
        const rule = part ? `${name}/${check.control}.${part}` : `${name}/${check.control}`;
        violations.push({ rule, ...finding, source: check.source });
      }
    }
  }
  return violations;
}

/** Whether any policy of a set asks where host paths lead. */
export function asksForLeads({ policies }: PolicySet): boolean {
  return policies.some(({ checks }) =>
    checks.some(({ reads }) => reads !== 'every request' && reads.includes('leads')),
  );
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

/** Whether a request has any of the parts that a control reads. */
export function concerns(reads: Check['reads'], { object }: AdmissionRequest): boolean {
  return reads === 'every request' || reads.some((part) => object[part] !== undefined);
}
