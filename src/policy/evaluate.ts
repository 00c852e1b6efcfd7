import type { Violation } from '../model/decision.ts';
import type { AdmissionRequest } from '../model/request.ts';
import type { Subject } from '../model/subject.ts';
import type { Check, Policy, PolicySet } from './compile.ts';
import { letsOff } from './exception.ts';
import { type Around, holdsFor } from './match.ts';
import { limited, spend } from './work.ts';

/** What a set has against a request. */
export interface Verdict {
  /** Empty: nothing, and no more than that is said. */
  readonly violations: readonly Violation[];
  /** Names of the exceptions without which there would be more of them. */
  readonly exceptions: readonly string[];
}

export const nothing: Verdict = { violations: [], exceptions: [] };

/**
 * The rule: who is not granted the action is denied, and it ends there. Every policy that speaks of the request and
 * does not exclude it must pass, and all that breaks is reported; only an exception that has not ended lets off. No
 * order, no priorities: any deny wins.
 *
 * Pure. Throws what a control throws, and a `Refusal` where it takes too many steps; the caller must take either as a
 * denial.
 */
export function evaluate(set: PolicySet, request: AdmissionRequest, asked: Around): Verdict {
  return limited(() => rule(set, request, asked));
}

function rule(set: PolicySet, request: AdmissionRequest, asked: Around): Verdict {
  const { subject, refusals, policies, exceptions } = set.applicable(asked.subject, request.action);
  if (refusals.length > 0) return { violations: refusals, exceptions: [] };
  const context = { ...asked, subject };
  const size = policies.length > few ? sizeOf(request.object) : 1;
  const broken = policies
    .filter((policy) => speaksOf(policy, request, context))
    .flatMap((policy) => violationsOf(policy, request, size, context));
  if (broken.length === 0) return nothing;
  const isOff = (rule: string) => (exception: (typeof exceptions)[number]) =>
    letsOff(exception, rule, request, context);
  return {
    violations: broken.filter(({ rule }) => !exceptions.some(isOff(rule))),
    exceptions: exceptions
      .filter((exception) => broken.some(({ rule }) => isOff(rule)(exception)))
      .map(({ name }) => name),
  };
}

function speaksOf({ match, exclude }: Policy, request: AdmissionRequest, context: Around): boolean {
  if (match !== undefined && !holdsFor(match, request, context, 'tightens')) return false;
  return exclude === undefined || !holdsFor(exclude, request, context, 'loosens');
}

/** So many policies look at the largest request in a fraction of a second, and it need not be measured for them. */
const few = 20;

/** How much there is to look at in an object: its values, however deep. */
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  if (value instanceof Map) for (const held of value.values()) size += sizeOf(held);
  else if (Array.isArray(value) || value instanceof Set) for (const held of value) size += sizeOf(held);
  else for (const key in value) size += sizeOf(Reflect.get(value, key));
  return size;
}

/** Steps for a violation: it is made into texts, sent and recorded. */
const stepsOfViolation = 1000;

function violationsOf(
  policy: Policy,
  request: AdmissionRequest,
  size: number,
  context: Around,
): readonly Violation[] {
  const { name, checks, everyRequest } = policy;
  const violations: Violation[] = [];
  for (const check of isEmpty(request.object) ? everyRequest : checks) {
    if (!concerns(check.reads, request)) continue;
    spend(size);
    for (const { part, ...finding } of check.run(request, context)) {
      spend(stepsOfViolation);
      const rule = part ? `${name}/${check.control}.${part}` : `${name}/${check.control}`;
      const { source, mode } = check;
      violations.push({ rule, ...finding, source, ...(mode !== 'deny' && { mode }) });
    }
  }
  return violations;
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

/**
 * Whether what a set says of a request depends on the container that the request is about: policies that look at it, or
 * what lets off, speak of images or labels.
 */
export function dependsOnTarget(set: PolicySet, asked: Subject, request: AdmissionRequest): boolean {
  if (!set.asksForTargets) return false;
  const { asksForTarget, policies } = set.applicable(asked, request.action);
  return asksForTarget && policies.some(({ checks }) => checks.some(({ reads }) => concerns(reads, request)));
}

/** Whether a request has any of the parts that a control reads. */
export function concerns(reads: Check['reads'], { object }: AdmissionRequest): boolean {
  return reads === 'every request' || reads.some((part) => object[part] !== undefined);
}
