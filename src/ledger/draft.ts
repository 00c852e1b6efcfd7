import { hash } from 'node:crypto';
import type { Decision, Violation } from '../model/decision.ts';
import type { Message } from '../model/message.ts';
import type { AdmissionRequest } from '../model/request.ts';
import { withoutCredentials } from '../model/secrets.ts';
import type { DecisionRecord, Draft } from './record.ts';
import { redact } from './redact.ts';

/** A decision and all that the ledger keeps of how it came about. */
export interface Judged {
  readonly decision: Decision;
  /** Absent where the daemon's message could not be read. */
  readonly message?: Message;
  /** Absent where the request could not be read. */
  readonly request?: AdmissionRequest;
  /** Digest of the set that it was held against; absent where it was not. */
  readonly policySet?: string;
  /** Digest of the set that is tried beside it, where that would have denied. */
  readonly shadowSet?: string;
  /** What was asked of the daemon; absent: nothing ever is. */
  readonly facts?: DecisionRecord['facts'];
  /** What was judged; absent: the request alone. */
  readonly gate?: DecisionRecord['gate'];
  /** The id of the resource, where it was looked up. */
  readonly resourceId?: string;
  /** Duties that come with an allow, see `model/obligation.ts`; absent: none. */
  readonly obligations?: readonly string[];
  /** Milliseconds that it took. */
  readonly took?: number;
}

/**
 * SHA-256 in hex over a message: over the JSON of method, target, headers in order and the name in a client certificate, a
 * line break, and the body. The daemon's message of the response phase repeats all of these and so has the same.
 */
export function digestOf({ method, uri, headers, user, body }: Message): string {
  const ordered = Object.keys(headers)
    .sort()
    .map((name) => [name, headers[name]]);
  const head = Buffer.from(
    `${JSON.stringify(user === undefined ? [method, uri, ordered] : [method, uri, ordered, user])}\n`,
  );
  return hash('sha256', body === undefined ? head : Buffer.concat([head, body]));
}

/** The longest name that a client is known by. */
const longestClient = 200;

/** The record of a decision, as far as the main process knows it; nothing secret is in it. */
export function draftOf(judged: Judged, host: string): Draft<DecisionRecord> {
  const { decision, message, request, took, resourceId, obligations } = judged;
  const client = message?.headers['User-Agent'];
  return {
    ...commonOf(judged, host),
    ...(request && fieldsOf(request, resourceId)),
    ...(decision.allow && obligations && { obligations: [...obligations] }),
    ...(client !== undefined && { client: client.slice(0, longestClient) }),
    ...(message && { digest: digestOf(message) }),
    ...(took !== undefined && { durations: { decide: Math.round(took * 1000) } }),
  };
}

/** What the record of a decision has in common with all that are counted with it. */
export function commonOf(
  { decision, request, policySet, shadowSet, facts, gate }: Judged,
  host: string,
): Draft<DecisionRecord> {
  const { id, allow, action, subject, exceptions } = decision;
  const violations = [...decision.violations, ...(decision.observed ?? [])];
  return {
    type: 'decision',
    id,
    time: new Date().toISOString(),
    host,
    decision: allow ? 'allow' : 'deny',
    subject: { name: subject.name, groups: [...subject.groups], method: subject.method },
    action,
    facts: facts ?? 'off',
    gate: gate ?? 'request',
    ...(request && { operation: request.operation, resource: { kind: request.resource.kind } }),
    ...(violations.length > 0 && { violations: violations.map(shown) }),
    ...(exceptions && { exceptions: [...exceptions] }),
    ...(policySet !== undefined && { policySet }),
    ...(shadowSet !== undefined && { shadowSet }),
  };
}

function fieldsOf({ operation, resource, minor, object, unknown }: AdmissionRequest, id?: string) {
  const { kind, ref } = resource;
  const kept = redact(object);
  return {
    operation,
    resource: {
      kind,
      ...(ref !== undefined && { ref: withoutCredentials(ref) }),
      ...(id !== undefined && { id }),
    },
    ...(minor !== undefined && { api: `1.${minor}` }),
    ...(Object.keys(kept).length > 0 && { object: kept }),
    ...(unknown.length > 0 && { unknown: [...unknown] }),
  };
}

/** Controls show no secrets; what they quote of URLs is looked at once more. */
function shown({ rule, message, fix, value, source, mode }: Violation) {
  return {
    rule,
    message: withoutCredentials(message),
    fix: withoutCredentials(fix),
    ...(value !== undefined && { value: withoutCredentials(value) }),
    ...(source && { source: { file: source.file, line: source.line } }),
    ...(mode && { mode }),
  };
}
