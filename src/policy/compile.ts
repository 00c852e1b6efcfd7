import type { Source } from '../model/decision.ts';
import type { Fact } from '../model/fact.ts';
import type { AdmissionRequest } from '../model/request.ts';
import type { AnyControl, Context, Finding, Part, Profile } from './control.ts';
import { controls } from './controls/index.ts';

/** A control with its parameters in place. */
export interface Check {
  readonly control: string;
  /** The line that asks for it: its own, or that of the `profile` which brings it. */
  readonly source: Source;
  readonly reads: readonly Part[] | 'every request';
  readonly needs: readonly Fact[];
  run(request: AdmissionRequest, context: Context): readonly Finding[];
}

export interface Policy {
  readonly name: string;
  readonly checks: readonly Check[];
  /** Those of the checks that are asked of requests without any part, which most are. */
  readonly everyRequest: readonly Check[];
}

/** All documents loaded together. Immutable. */
export interface PolicySet {
  /** SHA-256 over the documents, in hex. */
  readonly digest: string;
  readonly documents: number;
  readonly policies: readonly Policy[];
  /** Whether any of them has a control. */
  readonly judges: boolean;
  /** What its controls need to know of the daemon. */
  readonly needs: ReadonlySet<Fact>;
}

/** @param digest SHA-256 over the documents, in hex */
export function policySet(digest: string, policies: readonly Policy[]): PolicySet {
  const needs = new Set(policies.flatMap(({ checks }) => checks.flatMap((check) => check.needs)));
  const judges = policies.some(({ checks }) => checks.length > 0);
  return { digest, documents: policies.length, policies, judges, needs };
}

/** A Policy document whose shape has been checked, with the places that rules will name. */
export interface PolicyDocument {
  readonly name: string;
  readonly profile: Profile | 'privileged' | undefined;
  readonly profileSource: Source;
  /** Parameters by control, as its schema gives them back. */
  readonly controls: ReadonlyMap<string, { readonly parameters: unknown; readonly source: Source }>;
}

/** A document's controls replace the profile's of that name; the others of the profile stay. */
export function compilePolicy(document: PolicyDocument): Policy {
  const checks: Check[] = [];
  const { profile: named } = document;
  for (const control of controls) {
    const own = document.controls.get(control.name);
    const profile = named === undefined || named === 'privileged' ? undefined : control.profiles[named];
    if (own !== undefined) checks.push(bind(control, own.parameters, own.source));
    else if (profile !== undefined) checks.push(bind(control, profile, document.profileSource));
  }
  const everyRequest = checks.filter(({ reads }) => reads === 'every request');
  return { name: document.name, checks, everyRequest };
}

function bind(control: AnyControl, parameters: unknown, source: Source): Check {
  // Parsed by this control's own schema, or its own profile value: the one place that pairs the two.
  const known = parameters as never;
  return {
    control: control.name,
    source,
    reads: control.reads,
    needs: control.needs?.(known) ?? [],
    run: (request, context) => control.check(request, known, context),
  };
}
