import type { Found } from '../ledger/reader.ts';
import type { DecisionRecord, Draft, LedgerRecord } from '../ledger/record.ts';
import type { Source } from '../model/decision.ts';
import { setIn } from '../policyfiles/load.ts';
import { asCommand, asRoute } from './asCommand.ts';

/** All that is known of a decision. */
export interface Explanation {
  /** The record, as stored; of one that is still being counted, without its place. */
  readonly decision: Draft<DecisionRecord>;
  /** The docker command that the request amounts to; absent where none does. */
  readonly command?: readonly string[];
  /** Method and path; absent where the request could not be read. */
  readonly route?: string;
  readonly response: Response;
  /** What it was held against; absent where it was refused before, or where this version cannot read these policies. */
  readonly policies?: readonly LookedAt[];
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

/** A policy, and the controls of it that looked at the request. */
export interface LookedAt {
  readonly policy: string;
  readonly controls: readonly {
    readonly control: string;
    readonly source: Source;
    readonly broken: boolean;
  }[];
}

/** What a decision was about, how it came about and what became of it. Pure. */
export function explainDecision({ decision, later, policies: files }: Found): Explanation {
  const command = asCommand(decision);
  const route = asRoute(decision);
  const set = files && setIn(files);
  const { violations = [] } = decision;
  const lines = violations.flatMap(({ source }): [string, string][] => {
    const text = files?.find(({ file }) => file === source?.file)?.text.split('\n')[(source?.line ?? 0) - 1];
    return source === undefined || text === undefined ? [] : [[`${source.file}:${source.line}`, text]];
  });
  const isBroken = (name: string) =>
    violations.some(({ rule }) => rule === name || rule.startsWith(`${name}.`));
  return {
    decision,
    ...(command && { command }),
    ...(route !== undefined && { route }),
    response: responseOf(decision, later),
    ...(set && {
      policies: [...set.policies, ...(set.watching?.policies ?? [])].map(({ name, checks }) => ({
        policy: name,
        controls: checks.map(({ control, source }) => ({
          control,
          source,
          broken: isBroken(`${name}/${control}`),
        })),
      })),
    }),
    lines: Object.fromEntries(lines),
  };
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
