import { judge, passesAlways } from '../judge.ts';
import type { Found } from '../ledger/reader.ts';
import type { DecisionRecord, Draft } from '../ledger/record.ts';
import type { Violation } from '../model/decision.ts';
import type { Protect } from '../model/protect.ts';
import type { AdmissionRequest } from '../model/request.ts';
import { needsOf } from '../normalize/needs.ts';
import { reachedBy } from '../normalize/reached.ts';
import type { PolicySet } from '../policy/compile.ts';
import { hostPathsOf } from '../policy/hostMounts.ts';
import { setIn } from '../policyfiles/load.ts';
import { asCommand, asRoute } from './asCommand.ts';
import { type LetOff, letOffBy } from './lookedAt.ts';
import { revive } from './revive.ts';

type Recorded = Draft<DecisionRecord>;

/** What another set would say to a recorded decision. */
export interface WhatIf {
  /** The record, as stored. */
  readonly decision: Recorded;
  readonly command?: readonly string[];
  readonly route?: string;
  /** Digest of that other set. */
  readonly policySet: string;
  /** Absent where the request was never read, so that no set is asked: it is denied as it was. */
  readonly answer?: {
    readonly allow: boolean;
    readonly violations: readonly Violation[];
    /** What it breaks of rules that only watch. */
    readonly observed: readonly Violation[];
    readonly exceptions: readonly LetOff[];
  };
  /** The rules that were broken then, each once, and what becomes of them. */
  readonly before: readonly { readonly rule: string; readonly now: Fate }[];
  /** What the record does not tell and that set asks for; empty: the answer is certain. */
  readonly gaps: readonly Gap[];
}

/**
 * What becomes of a rule that was broken. `broken`: it denies; `watched`: it is broken and only watches; `passes`: the set has it, and it is not broken or
 * lets off; `absent`: the set has no such rule for this subject and action; `no-policy`: no policy said it, but Bulwark
 * itself, which has not read or not answered in time.
 */
export type Fate = 'broken' | 'watched' | 'passes' | 'absent' | 'no-policy';

/** What a record does not tell. */
export type Gap =
  /** Values that are never recorded, in these fields, at which the set has looked. */
  | { readonly kind: 'hidden'; readonly fields: readonly string[] }
  /** Lists and texts of the record are cut. */
  | { readonly kind: 'truncated' }
  /** The record stands for many requests, and has of them the action alone. */
  | { readonly kind: 'counted' }
  /** How a container, or a service, which the request reaches, is stored. */
  | { readonly kind: 'stored' }
  /** What the daemon has under names in the request: images, volumes, networks. */
  | { readonly kind: 'facts' }
  /** Where paths of the host led. */
  | { readonly kind: 'links' };

/** What is known beside the record. */
export interface Beside {
  readonly protect: Protect;
  /** The time, in milliseconds since 1970: exceptions end. */
  readonly now: number;
}

/**
 * Holds a recorded request against another set, as far as the record has it: for the subject, with the groups, and on the
 * host that it names, but at a time that is given. Pure.
 */
export function whatIf({ decision, policies: files }: Found, set: PolicySet, beside: Beside): WhatIf {
  const command = asCommand(decision);
  const route = asRoute(decision);
  const common = {
    decision,
    ...(command && { command }),
    ...(route !== undefined && { route }),
    policySet: set.digest,
  };
  const looks = new Set<string>();
  const isRead = decision.policySet !== undefined;
  const request = isRead ? revive(decision, (path) => looks.add(path)) : undefined;
  if (request === undefined) return { ...common, before: fates(decision, set, nothing), gaps: [] };
  looks.clear();
  const { subject, host, facts } = decision;
  // Where nothing is asked of the daemon, what it could mend is held against the request.
  const factsToCome = facts !== 'off' && needsOf(request.object, set.needs) !== undefined;
  const around = { subject: set.known(subject), host, factsToCome, ...beside };
  const { violations, exceptions } = judge(request, set, around);
  const observed = set.watching === undefined ? [] : judge(request, set.watching, around).violations;
  const fields = [...looks];
  const answer = {
    ...{ allow: violations.length === 0, violations, observed },
    exceptions: letOffBy(exceptions, set.exceptions),
  };
  return {
    ...common,
    answer,
    before: fates(decision, set, { violations, observed }),
    gaps: isDecidedByAction(set, decision)
      ? []
      : [
          ...(fields.length > 0 ? [{ kind: 'hidden' as const, fields }] : []),
          ...(decision.truncated ? [{ kind: 'truncated' as const }] : []),
          ...(decision.count === undefined ? [] : [{ kind: 'counted' as const }]),
          ...(answer.allow ? unseen(request, decision, set, files && setIn(files)) : []),
        ],
  };
}

/** Whether a set needs no more than subject and action to decide. */
function isDecidedByAction(set: PolicySet, { subject, action }: Recorded): boolean {
  if (passesAlways(action)) return true;
  const { refusals, policies } = set.applicable(subject, action);
  return refusals.length > 0 || policies.length === 0;
}

/** What the trip would look at before it let such a request pass. A denial looks no further. */
function unseen(
  request: AdmissionRequest,
  { gate, facts, decision }: Recorded,
  set: PolicySet,
  before: PolicySet | undefined,
): readonly Gap[] {
  const { object } = request;
  const asks = facts !== 'off';
  const reaches = reachedBy(request) !== undefined || gate === 'stored';
  // What leads elsewhere is recorded, where somebody looked: before an allow by a set that asks for it.
  const looked =
    object.leads !== undefined || (decision === 'allow' && before?.needs.has('hostFiles') === true);
  const binds = set.needs.has('hostFiles') && hostPathsOf(object).length > 0;
  return [
    ...(asks && reaches ? [{ kind: 'stored' as const }] : []),
    ...(asks && needsOf(object, set.needs) !== undefined ? [{ kind: 'facts' as const }] : []),
    ...(binds && !looked ? [{ kind: 'links' as const }] : []),
  ];
}

type Broken = Pick<NonNullable<WhatIf['answer']>, 'violations' | 'observed'>;

const nothing: Broken = { violations: [], observed: [] };

function fates(
  { violations: before = [], subject, action }: Recorded,
  set: PolicySet,
  { violations, observed }: Broken,
): WhatIf['before'] {
  const asked = [set, ...(set.watching ? [set.watching] : [])].flatMap(
    (one) => one.applicable(subject, action).policies,
  );
  const known = asked.flatMap(({ name, checks }) => checks.map(({ control }) => `${name}/${control}`));
  const isKnown = (rule: string) => known.some((one) => rule === one || rule.startsWith(`${one}.`));
  const fateOf = (rule: string): Fate => {
    if (!rule.includes('/')) return 'no-policy';
    if (violations.some((violation) => violation.rule === rule)) return 'broken';
    if (observed.some((violation) => violation.rule === rule)) return 'watched';
    return isKnown(rule) || rule.startsWith('access/') ? 'passes' : 'absent';
  };
  const rules = [...new Set(before.map(({ rule }) => rule))];
  return rules.map((rule) => ({ rule, now: fateOf(rule) }));
}
