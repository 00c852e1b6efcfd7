import type { Found } from '../ledger/reader.ts';
import type { DecisionRecord, Draft, LedgerRecord } from '../ledger/record.ts';
import type { Violation } from '../model/decision.ts';
import { type PolicyText, setIn } from '../policyfiles/load.ts';
import { asCommand, asRoute } from './asCommand.ts';
import { heldAgainst, type LetOff, type LookedAt, letOffBy } from './lookedAt.ts';

/** All that is known of a decision. */
export interface Explanation {
  /** The record, as stored; of one that is still being counted, without its place. */
  readonly decision: Draft<DecisionRecord>;
  /** The docker command that the request amounts to; absent where none does. */
  readonly command?: readonly string[];
  /** Method and path; absent where the request could not be read. */
  readonly route?: string;
  readonly response: Response;
  /** Whose the thing is that it is about; absent: that is not known. */
  readonly owner?: NonNullable<Found['owner']>;
  /** Whether Access alone denied it; absent where `policies` is. */
  readonly byAccess?: boolean;
  /**
   * What it was held against: the policies that speak of its subject and action. Absent where it was refused before, or
   * where this version cannot read these policies.
   */
  readonly policies?: readonly LookedAt[];
  /** The exceptions that let it off rules; absent: none. */
  readonly exceptions?: readonly LetOff[];
  /** The lines of the policies that the violations name, by `file:line`. */
  readonly lines: Readonly<Record<string, string>>;
}

/** What came of the request. */
export type Response =
  /** It was denied, so that the daemon did nothing. */
  | { readonly kind: 'denied' }
  /** It was allowed too late: the daemon had been answered with a denial by then. */
  | { readonly kind: 'corrected'; readonly reason: string }
  /** Responses to reads are not recorded. */
  | { readonly kind: 'read' }
  /** It has not come yet, or was lost. */
  | { readonly kind: 'awaited' }
  | {
      readonly kind: 'settled';
      readonly outcome: 'done' | 'failed' | 'unknown';
      readonly status?: number;
      readonly newId?: string;
      readonly time: string;
    };

/** What a decision was about, how it came about and what became of it. Pure, but for what `filesOf` does. */
export function explainDecision(
  { decision, later, policies: files, owner }: Found,
  filesOf: FilesOf,
): Explanation {
  const command = asCommand(decision);
  const route = asRoute(decision);
  const set = files && setIn(files);
  const { subject, action, violations = [], exceptions = [], shadowSet } = decision;
  const shadowFiles = shadowSet === undefined ? undefined : filesOf(shadowSet);
  const rules = violations.filter(({ mode }) => mode !== 'shadow').map(({ rule }) => rule);
  return {
    decision,
    ...(command && { command }),
    ...(route !== undefined && { route }),
    response: responseOf(decision, later),
    ...(owner && { owner }),
    ...(set && heldAgainst(set, subject, action, { rules, exceptions })),
    ...(exceptions.length > 0 && { exceptions: letOffBy(exceptions, set?.exceptions ?? []) }),
    lines: linesOf(violations, (mode) => (mode === 'shadow' ? shadowFiles : files)),
  };
}

type Files = readonly PolicyText[] | undefined;

/** As a record has it. */
export type RecordedViolation = NonNullable<DecisionRecord['violations']>[number];

/** The files of the set with a digest; undefined where the ledger does not have them any longer. */
type FilesOf = (digest: string) => Files;

/** The lines that violations name, by `file:line`. */
export function linesOf(
  violations: readonly RecordedViolation[],
  filesBy: (mode: Violation['mode']) => Files,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    violations.flatMap(({ source, mode }): [string, string][] => {
      if (source === undefined) return [];
      const text = filesBy(mode)?.find(({ file }) => file === source.file)?.text;
      const line = text?.split('\n')[source.line - 1];
      return line === undefined ? [] : [[`${source.file}:${source.line}`, line]];
    }),
  );
}

function responseOf(
  { decision, operation }: Draft<DecisionRecord>,
  later: readonly LedgerRecord[],
): Response {
  for (const record of later) {
    if (record.type === 'corrected') return { kind: 'corrected', reason: record.reason };
    if (record.type !== 'settled') continue;
    const { outcome, status, newId, time } = record;
    return {
      kind: 'settled',
      outcome,
      ...(status !== undefined && { status }),
      ...(newId !== undefined && { newId }),
      time,
    };
  }
  if (decision === 'deny') return { kind: 'denied' };
  return { kind: operation === 'READ' ? 'read' : 'awaited' };
}
