import { judge, read } from '../judge.ts';
import type { Decision } from '../model/decision.ts';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import type { AdmissionRequest } from '../model/request.ts';
import { newId } from '../newId.ts';
import type { PolicySet } from '../policy/compile.ts';
import type { Verdict } from '../policy/evaluate.ts';
import type { Around } from '../policy/match.ts';

/** A request and what the plugin would say to it. */
export interface Judged {
  readonly message: Message;
  /** Absent where it could not be read. */
  readonly request?: AdmissionRequest;
  readonly decision: Decision;
}

/**
 * How a request is held against a set: as it is written, or with what a daemon would tell of it.
 *
 * @param looks whether what it names and reaches is looked at where it has nothing against it as it is written
 */
export type Holding = (request: AdmissionRequest, set: PolicySet, context: Around, looks: boolean) => Verdict;

/**
 * The trip of `admit.ts` without a daemon: the same reading and the same policies, but for a subject that is given,
 * and nothing is looked up or recorded. Never throws: what fails is a denial.
 */
export function judgeAlone(message: Message, set: PolicySet, context: Around, hold: Holding = judge): Judged {
  const head = { id: newId(), subject: set.known(context.subject) };
  try {
    const request = read(message);
    const { violations, exceptions } = hold(request, set, context, true);
    const allow = violations.length === 0;
    const observed = set.watching && hold(request, set.watching, context, allow).violations;
    const decision = {
      ...{ ...head, allow, action: request.action, violations },
      ...(observed && observed.length > 0 && { observed }),
      ...(exceptions.length > 0 && { exceptions }),
    };
    return { message, request, decision };
  } catch (error) {
    const refusal = error instanceof Refusal ? error : failure(error);
    return {
      message,
      decision: { ...head, allow: false, action: refusal.action, violations: [refusal.toViolation()] },
    };
  }
}

function failure(error: unknown): Refusal {
  const fix = 'Report it as a bug of Bulwark, with the command.';
  return new Refusal('internal-error', `Bulwark could not decide on this request (${String(error)}).`, fix);
}
