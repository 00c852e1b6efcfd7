import type { Violation } from './model/decision.ts';
import type { Message } from './model/message.ts';
import { quote } from './model/printable.ts';
import type { AdmissionRequest, RequestObject } from './model/request.ts';
import { normalize } from './normalize/normalize.ts';
import type { PolicySet } from './policy/compile.ts';
import type { Context } from './policy/control.ts';
import { evaluate } from './policy/evaluate.ts';

/** A request as it was read, and what the policies have against it. */
export interface Verdict {
  readonly request: AdmissionRequest;
  readonly violations: readonly Violation[];
}

/** Without these no client can even negotiate a version, and they change and show nothing. */
const alwaysPass = new Set(['system.ping', 'system.options']);

/** What was read of a message that came before: reading is pure, and depends on nothing else. */
const known = new WeakMap<Message, AdmissionRequest>();

function read(message: Message): AdmissionRequest {
  const before = known.get(message);
  if (before !== undefined) return before;
  const request = normalize(message);
  if (message.body === undefined) known.set(message, request);
  return request;
}

/**
 * Reads a message and holds it against a policy set: the part of the trip that needs nothing from outside, the same
 * for the plugin and for `try`.
 *
 * @throws Refusal where it cannot be read in one way; anything else that is thrown is a bug, and a denial
 */
export function judge(message: Message, set: PolicySet, context: Context): Verdict {
  const request = read(message);
  return { request, violations: alwaysPass.has(request.action) ? [] : evaluate(set, request, context) };
}

/**
 * Holds a request that was read and passed against the set once more, with more that is known of it: where its host paths lead.
 *
 * @throws what a control throws, a bug, and a denial
 */
export function judgeAgain(request: AdmissionRequest, set: PolicySet, context: Context): Verdict {
  return { request, violations: evaluate(set, request, context) };
}

/** A container as it is stored, which a request reaches. */
export interface StoredTarget {
  readonly name: string;
  readonly object: RequestObject;
  /** Fields with a value that no description knows, by path. */
  readonly unknown: readonly string[];
}

/**
 * The second gate: holds a container that a request sets going, reaches into or takes part in against the same policies,
 * as the daemon has it. Who may not have such a container made may not use it either, whoever made it, however and
 * when. What the request itself says has been judged before.
 */
export function judgeStored(
  request: AdmissionRequest,
  { name, object, unknown }: StoredTarget,
  set: PolicySet,
  context: Context,
): readonly Violation[] {
  return evaluate(set, { ...request, object, unknown }, context).map((violation) => ({
    ...violation,
    message: `the container ${quote(name)} as it is stored: ${violation.message}`,
    fix: `remove it (docker rm) and make it anew without that: ${violation.fix}`,
  }));
}
