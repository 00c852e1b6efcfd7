import type { Subject } from '../model/subject.ts';
import type { Judged } from './judgeAlone.ts';
import type { Trial } from './try.ts';

export type Verdict = 'allow' | 'deny' | 'unknown';

/** `allow` only where every request of the command is known and passes. */
export function verdictOf({
  requests,
  ending,
}: Pick<Trial, 'ending'> & { readonly requests: readonly Judged[] }): Verdict {
  if (requests.some(({ decision }) => !decision.allow)) return 'deny';
  return ending.kind === 'whole' || ending.kind === 'buildkit' ? 'allow' : 'unknown';
}

/** What was asked, for the answer to say. */
export interface Asked {
  readonly command: readonly string[];
  readonly subject: Subject;
  /** Digest of the policies. */
  readonly policySet: string;
}

/** A trial for programs: one document with every request. */
export function trialAnswer(trial: Trial, { command, subject, policySet }: Asked) {
  return {
    verdict: verdictOf(trial),
    command,
    subject,
    policySet,
    ending: trial.ending,
    requests: trial.requests.map(judgedAnswer),
  };
}

/** A request that was judged, for programs. */
export function judgedAnswer({ message, request, decision }: Judged) {
  const { observed, exceptions } = decision;
  return {
    allow: decision.allow,
    action: decision.action,
    ...(request && { operation: request.operation, resource: request.resource }),
    method: message.method,
    uri: message.uri,
    violations: decision.violations,
    ...(observed && { observed }),
    ...(exceptions && { exceptions }),
  };
}
