import { controls } from '../../policy/controls/index.ts';
import { withoutPart } from '../../policy/exception.ts';
import { matches } from '../../policy/pattern.ts';
import type { Mode, PolicyShape } from '../../policy/schema.ts';
import { suggest } from '../suggest.ts';
import { didYouMean, word } from '../word.ts';
import type { Reading } from './reading.ts';

/** A control as a Policy has it. */
export interface Ruling {
  readonly control: string;
  readonly mode: Mode;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** It stands in `controls`, and not in a profile. */
  readonly own: boolean;
}

/** The controls of a Policy, as they are compiled: its own replace the profile's. */
export function rulingsOf({ spec }: PolicyShape): readonly Ruling[] {
  const { profile, controls: own = {}, mode = 'deny' } = spec;
  return controls.flatMap(({ name, profiles }): readonly Ruling[] => {
    // Parsed by the control's own schema.
    const given = own[name] as ({ readonly mode?: Mode } & Readonly<Record<string, unknown>>) | undefined;
    if (given !== undefined) {
      const { mode: its = mode, ...parameters } = given;
      return [{ control: name, mode: its, parameters, own: true }];
    }
    const brought = profile === undefined || profile === 'privileged' ? undefined : profiles[profile];
    return brought === undefined ? [] : [{ control: name, mode, parameters: { ...brought }, own: false }];
  });
}

/** More patterns with a `*` before the slash are not looked up; each is held against every policy. */
const mostGlobs = 500;

/** The rules of a set: which policy has which controls. */
export class Rules {
  readonly #controls: ReadonlyMap<string, readonly string[]>;
  readonly #all: readonly string[];
  readonly #known = new Map<string, boolean>();
  #globs = 0;

  constructor({ policies }: Reading) {
    this.#controls = new Map(
      policies.map(({ value }) => [value.metadata.name, rulingsOf(value).map(({ control }) => control)]),
    );
    this.#all = [...new Set([...this.#controls.values()].flat())];
  }

  /** Whether a pattern may mean any rule. What parts a control has is known to it alone. */
  has(pattern: string): boolean {
    let found = this.#known.get(pattern);
    if (found === undefined) {
      found = this.#find(pattern);
      this.#known.set(pattern, found);
    }
    return found;
  }

  #find(pattern: string): boolean {
    const [policy, rest] = halves(pattern);
    const meant = this.#all.filter((control) => mayMean(rest, control));
    if (meant.length === 0) return false;
    if (!policy.includes('*')) return this.#controls.get(policy)?.some((one) => meant.includes(one)) ?? false;
    this.#globs += 1;
    if (this.#globs > mostGlobs) return true;
    for (const [name, controls] of this.#controls)
      if (matches(policy, name) && controls.some((one) => meant.includes(one))) return true;
    return false;
  }

  hint(pattern: string): string {
    const [policy, rest] = halves(pattern);
    const control = rest.replace(/\..*$/, '');
    const controls = this.#controls.get(policy);
    if (controls === undefined && !policy.includes('*')) {
      const near = suggest(policy, [...this.#controls.keys()]);
      if (near !== undefined) return didYouMean(`${near}/${rest}`);
      return `no Policy has the name ${word(policy)}`;
    }
    const near = suggest(control, controls ?? this.#all);
    if (near !== undefined && near !== control) return didYouMean(`${policy}/${rest.replace(control, near)}`);
    return 'a rule is the name of a Policy and one of its controls, as a denial shows it';
  }
}

/** A rule has one slash, and so has a pattern of it. */
function halves(pattern: string): readonly [policy: string, control: string] {
  const slash = pattern.indexOf('/');
  return [pattern.slice(0, slash), pattern.slice(slash + 1)];
}

/** Whether what stands behind the slash may mean a control or a part of it, of whatever name. */
function mayMean(rest: string, control: string): boolean {
  const stars = [...rest.matchAll(/\*/g)].map(({ index }) => rest.slice(0, index + 1));
  return [rest, withoutPart(`/${rest}`).slice(1), ...stars].some((pattern) => matches(pattern, control));
}

/** Whether a pattern of an Exception may mean the rule of a control or a part of it. */
export function mayLetOff(pattern: string, policy: string, control: string): boolean {
  const [name, rest] = halves(pattern);
  return matches(name, policy) && mayMean(rest, control);
}
