import type { Source } from '../../model/decision.ts';
import { notGranted } from '../../policy/access.ts';
import { covers, withoutPart } from '../../policy/exception.ts';
import { policyFormat } from '../../policyfiles/policyformat.ts';
import { parseDocuments } from '../../policyfiles/yaml.ts';
import type { Suite } from './load.ts';
import type { Result } from './run.ts';

/** A rule that requests can break. */
export interface Coverable {
  /** `policy/control`, `access/NAME` or `access/not-granted`. */
  readonly rule: string;
  /** Absent: no line asks for it. */
  readonly source?: Source;
}

export interface Coverage {
  /** How many rules cases can break. */
  readonly rules: number;
  /** Those that no case breaks. */
  readonly unbroken: readonly Coverable[];
  /** How many beside them nothing breaks, as the tests say. */
  readonly exempt: number;
}

/** Which rules of a set are broken by any of the cases, in deed or by those that only watch. */
export function coverageOf({ policies, neverBroken }: Suite, results: readonly Result[]): Coverage {
  const broken = new Set(
    results.flatMap(({ got }) =>
      // Names of documents may hold dots, as parts follow one.
      [...(got?.violations ?? []), ...(got?.observed ?? [])].flatMap(({ rule }) => [rule, withoutPart(rule)]),
    ),
  );
  const all = [...controlsOf(policies.set), ...accessOf(policies.texts)];
  const asked = all.filter(
    ({ rule }) => broken.has(rule) || !neverBroken.some((pattern) => covers(pattern, rule)),
  );
  return {
    rules: asked.length,
    unbroken: asked.filter(({ rule }) => !broken.has(rule)),
    exempt: all.length - asked.length,
  };
}

function controlsOf(set: Suite['policies']['set']): readonly Coverable[] {
  return [...set.policies, ...(set.watching?.policies ?? [])].flatMap(({ name, checks }) =>
    checks.map(({ control, source }) => ({ rule: `${name}/${control}`, source })),
  );
}

/** A set says of its Access documents no more than what they refuse, so they are read once more. */
function accessOf(texts: Suite['policies']['texts']): readonly Coverable[] {
  const found = texts
    .flatMap(({ file, text }) => parseDocuments(text, file, policyFormat).documents)
    .flatMap(({ value, file, keyAt }) => (value.kind === 'Access' ? [{ value, file, keyAt }] : []));
  const denying = found
    .filter(({ value }) => value.spec.deny.length > 0)
    .map(({ value, file, keyAt }) => ({
      rule: `access/${value.metadata.name}`,
      source: { file, line: keyAt(['spec', 'deny']).line },
    }));
  return found.length === 0 ? [] : [...denying, { rule: notGranted }];
}
