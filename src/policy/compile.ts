import type { Source, Violation } from '../model/decision.ts';
import type { Fact } from '../model/fact.ts';
import type { AdmissionRequest } from '../model/request.ts';
import type { Subject } from '../model/subject.ts';
import { type AccessRule, refusalsOf } from './access.ts';
import type { AnyControl, Context, Finding, Part } from './control.ts';
import { controls } from './controls/index.ts';
import type { Exception } from './exception.ts';
import { asksForImages, asksForTarget, concernsCaller, type Match } from './match.ts';
import type { AccessShape, Mode, PolicyShape, SetDocument } from './schema.ts';
import { type Members, withGroups } from './subjects.ts';
import { limited } from './work.ts';

/** A document whose shape has been checked, and where in its file things stand. */
export interface Placed<D extends SetDocument = SetDocument> {
  readonly value: D;
  /** Where the key at a path stands; for what is not written down, the nearest key above it. */
  source(path: readonly PropertyKey[]): Source;
}

/** A control with its parameters in place. */
export interface Check {
  readonly control: string;
  /** The line that asks for it: its own, or that of the `profile` which brings it. */
  readonly source: Source;
  readonly mode: Mode;
  readonly reads: readonly Part[] | 'every request';
  readonly needs: readonly Fact[];
  run(request: AdmissionRequest, context: Context): readonly Finding[];
}

/** What of a Policy document is judged together: what denies, or what only watches. */
export interface Policy {
  readonly name: string;
  /** Absent: it speaks of every request. */
  readonly match: Match | undefined;
  readonly exclude: Match | undefined;
  readonly checks: readonly Check[];
  /** Those of the checks that are asked of requests without any part, which most are. */
  readonly everyRequest: readonly Check[];
}

/** What of a set concerns a caller's action. */
export interface Applicable {
  /** The caller, with the groups that the set puts it into. */
  readonly subject: Subject;
  /** What Access has against it. */
  readonly refusals: readonly Violation[];
  readonly policies: readonly Policy[];
  readonly exceptions: readonly Exception[];
  /** Whether any of these speaks of images or labels, which a request may only name by the container that it is about. */
  readonly asksForTarget: boolean;
}

/** All documents loaded together. Immutable. */
export interface PolicySet {
  /** SHA-256 over the documents, in hex. */
  readonly digest: string;
  readonly documents: number;
  /** Those that deny; what only watches is in `watching`. */
  readonly policies: readonly Policy[];
  readonly exceptions: readonly Exception[];
  /** Whether any of them has a control. */
  readonly judges: boolean;
  /** What its controls and matches need to know of the daemon. */
  readonly needs: ReadonlySet<Fact>;
  /** Whether a match asks for things that a request may only name by the container that it reaches. */
  readonly asksForTargets: boolean;
  /** The controls that audit or warn, as a set of its own; absent: there is none. */
  readonly watching?: PolicySet;
  /** A caller with the groups that the set puts it into: found once, and remembered. */
  known(subject: Subject): Subject;
  /** What concerns a caller's action: found once, and remembered. */
  applicable(subject: Subject, action: string): Applicable;
}

/** @param digest SHA-256 over the documents, in hex */
export function compileSet(digest: string, documents: readonly Placed[]): PolicySet {
  const policies = documents.filter(isPolicy).map(policyOf);
  const members = membersOf(documents);
  const exceptions = documents.flatMap(({ value }) =>
    value.kind === 'Exception' ? [exceptionOf(value)] : [],
  );
  const access = documents.filter(isAccess);
  const rules = access.length === 0 ? undefined : access.flatMap(accessRules);
  const common = { digest, documents: documents.length, exceptions };
  const watching = policies.map((policy) => only(policy, ({ mode }) => mode !== 'deny')).filter(hasChecks);
  const denying = policies.map((policy) => only(policy, ({ mode }) => mode === 'deny'));
  return {
    ...setOf({ ...common, policies: denying }, members, rules),
    ...(watching.length > 0 && { watching: setOf({ ...common, policies: watching }, members, undefined) }),
  };
}

function isPolicy(document: Placed): document is Placed<PolicyShape> {
  return document.value.kind === 'Policy';
}

function isAccess(document: Placed): document is Placed<AccessShape> {
  return document.value.kind === 'Access';
}

function hasChecks({ checks }: Policy): boolean {
  return checks.length > 0;
}

type Contents = Pick<PolicySet, 'digest' | 'documents' | 'policies' | 'exceptions'>;

function setOf(contents: Contents, members: Members, rules: readonly AccessRule[] | undefined): PolicySet {
  const { policies, exceptions } = contents;
  const judging = policies.filter(hasChecks);
  const matches = [
    ...judging.flatMap(({ match, exclude }) => [match, exclude]),
    ...exceptions.map(({ match }) => match),
  ];
  const needs = new Set(judging.flatMap(({ checks }) => checks.flatMap((check) => check.needs)));
  if (matches.some(asksForImages)) needs.add('image');
  const known = remembered((subject) => limited(() => withGroups(subject, members)));
  return {
    ...contents,
    known,
    judges: judging.length > 0,
    needs,
    asksForTargets: matches.some(asksForTarget),
    applicable: remembered((caller, action) => {
      const subject = known(caller);
      const speaks = (match: Match | undefined) =>
        match === undefined || concernsCaller(match, subject, action);
      const meant = judging
        .filter(({ match }) => speaks(match))
        .map((policy) => (speaks(policy.exclude) ? policy : { ...policy, exclude: undefined }));
      const letting = exceptions.filter(({ match }) => speaks(match));
      const all = [
        ...meant.flatMap(({ match, exclude }) => [match, exclude]),
        ...letting.map(({ match }) => match),
      ];
      return {
        subject,
        refusals: refusalsOf(rules, subject, action),
        policies:
          meant.length === judging.length && meant.every((one, at) => one === judging[at]) ? judging : meant,
        exceptions: letting,
        asksForTarget: all.some(asksForTarget),
      };
    }),
  };
}

/** Callers, or callers times actions, of which something is remembered: more than a host has at a time. */
const mostRemembered = 4000;

/** What depends on who asks, and for which action, alone: to look through thousands of documents takes milliseconds. */
function remembered<T>(find: (subject: Subject, action: string) => T) {
  const found = new Map<string, T>();
  return (subject: Subject, action = ''): T => {
    const key = JSON.stringify([action, subject.method, subject.name, subject.groups]);
    const known = found.get(key);
    if (known !== undefined) return known;
    if (found.size >= mostRemembered) found.clear();
    const fresh = find(subject, action);
    found.set(key, fresh);
    return fresh;
  };
}

function membersOf(documents: readonly Placed[]): Members {
  const members = new Map<string, readonly string[]>();
  for (const { value } of documents) {
    if (value.kind !== 'Subjects') continue;
    for (const [group, own] of Object.entries(value.spec.groups))
      members.set(group, [...(members.get(group) ?? []), ...own.members]);
  }
  return members;
}

function exceptionOf({ metadata, spec }: Extract<SetDocument, { kind: 'Exception' }>): Exception {
  return { name: metadata.name, rules: spec.rules, match: spec.match, ends: spec.expires };
}

/** Grants on `own` and `group` are not built yet; a set with them is not put into force, and here they grant nothing. */
function accessRules({ value: { metadata, spec }, source }: Placed<AccessShape>): readonly AccessRule[] {
  const common = { document: metadata.name, subjects: spec.subjects };
  return [
    ...spec.allow.flatMap(({ actions, on, reason }, index) =>
      on === 'any'
        ? [{ ...common, effect: 'allow' as const, actions, reason, source: source(['spec', 'allow', index]) }]
        : [],
    ),
    ...spec.deny.map(({ actions, reason }, index) => ({
      ...common,
      effect: 'deny' as const,
      actions,
      reason,
      source: source(['spec', 'deny', index, 'actions']),
    })),
  ];
}

/** A document's controls replace the profile's of that name; the others of the profile stay. */
function policyOf({ value: { metadata, spec }, source }: Placed<PolicyShape>): Policy {
  const { profile, controls: own = {}, mode = 'deny' } = spec;
  const checks: Check[] = [];
  for (const control of controls) {
    const given: ({ readonly mode?: Mode | undefined } & Readonly<Record<string, unknown>>) | undefined =
      own[control.name];
    const brought = profile === undefined || profile === 'privileged' ? undefined : control.profiles[profile];
    if (given !== undefined) {
      const { mode: itsMode = mode, ...parameters } = given;
      checks.push(bind(control, parameters, itsMode, source(['spec', 'controls', control.name])));
    } else if (brought !== undefined) checks.push(bind(control, brought, mode, source(['spec', 'profile'])));
  }
  return only(
    { name: metadata.name, match: spec.match, exclude: spec.exclude, checks, everyRequest: [] },
    () => true,
  );
}

/** A policy with some of its checks. */
function only(policy: Policy, wanted: (check: Check) => boolean): Policy {
  const checks = policy.checks.filter(wanted);
  return { ...policy, checks, everyRequest: checks.filter(({ reads }) => reads === 'every request') };
}

function bind(control: AnyControl, parameters: unknown, mode: Mode, source: Source): Check {
  // Parsed by this control's own schema, or its own profile value: the one place that pairs the two.
  const known = parameters as never;
  return {
    control: control.name,
    source,
    mode,
    reads: control.reads,
    needs: control.needs?.(known) ?? [],
    run: (request, context) => control.check(request, known, context),
  };
}
