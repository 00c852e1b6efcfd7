import type { Violation } from './model/decision.ts';
import type { Message } from './model/message.ts';
import { quote } from './model/printable.ts';
import type { AdmissionRequest, RequestObject } from './model/request.ts';
import { normalize } from './normalize/normalize.ts';
import type { PolicySet } from './policy/compile.ts';
import { evaluate, nothing, type Verdict } from './policy/evaluate.ts';
import type { Around } from './policy/match.ts';

/** Without these no client can even negotiate a version, and they change and show nothing. */
const alwaysPass = new Set(['system.ping', 'system.options']);

/** Whether an action passes whatever policies say: none is asked. */
export function passesAlways(action: string): boolean {
  return alwaysPass.has(action);
}

/** What was read of a message that came before: reading is pure, and depends on nothing else. */
const known = new WeakMap<Message, AdmissionRequest>();

/**
 * Reads a message into a request.
 *
 * @throws Refusal where it cannot be read in one way; anything else that is thrown is a bug, and a denial
 */
export function read(message: Message): AdmissionRequest {
  const before = known.get(message);
  if (before !== undefined) return before;
  const request = normalize(message);
  if (message.body === undefined) known.set(message, request);
  return request;
}

/** Holds a request against a policy set: all of the trip that needs nothing from outside, for the plugin as for `try`. */
export function judge(request: AdmissionRequest, set: PolicySet, context: Around): Verdict {
  return passesAlways(request.action) ? nothing : evaluate(set, request, context);
}

/** A container or a service as it is stored, which a request reaches. */
export interface StoredTarget {
  readonly kind: 'container' | 'service';
  /** Of a container: its whole id. */
  readonly id: string;
  readonly name: string;
  readonly object: RequestObject;
  /** Fields with a value that no description knows, by path. */
  readonly unknown: readonly string[];
}

/**
 * The second gate: holds a container that a request sets going, reaches into or takes part in against the same policies,
 * as the daemon has it. Who may not have such a container made may not use it either, whoever made it, however and
 * when. What the request itself says has been judged before, and is once more where a policy speaks of images or
 * labels that only the container tells.
 */
export function judgeStored(
  request: AdmissionRequest,
  { kind, id, name, object, unknown }: StoredTarget,
  set: PolicySet,
  context: Around,
): Verdict {
  const stored = evaluate(set, { ...request, object, unknown }, { ...context, stored: id });
  const asked = set.asksForTargets ? evaluate(set, request, { ...context, target: object }) : nothing;
  return both(asked, {
    ...stored,
    violations: stored.violations.map((violation) => ({
      ...violation,
      message: `the ${kind} ${quote(name)} as it is stored: ${violation.message}`,
      fix: `remove it (docker ${kind === 'service' ? 'service rm' : 'rm'}) and make it anew without that: ${violation.fix}`,
    })),
  });
}

/** What two looks at a request found; what both found counts once. */
export function both(one: Verdict, other: Verdict): Verdict {
  if (one === nothing) return other;
  if (other === nothing) return one;
  const known = new Set(one.violations.map(said));
  const isNew = (violation: Violation) => !known.has(said(violation));
  return {
    violations: [...one.violations, ...other.violations.filter(isNew)],
    exceptions: [...new Set([...one.exceptions, ...other.exceptions])],
  };
}

function said({ rule, message }: Violation): string {
  return `${rule} ${message}`;
}
