import type { Match } from '../../policy/match.ts';
import type { FileError } from '../fileerror.ts';
import { word } from '../word.ts';
import { widerThan } from './access.ts';
import type { Of, Reading } from './reading.ts';
import { mayLetOff, type Ruling, rulingsOf } from './rules.ts';

/** A set without any control, or of which none denies. */
export function* withoutDenial({ policies }: Reading): Iterable<FileError> {
  const [first] = policies;
  if (first === undefined) return;
  const rulings = policies.flatMap(({ value }) => rulingsOf(value));
  if (rulings.length === 0) {
    const message = 'no policy has a control, so that everything is allowed';
    const hint = 'profile: baseline stops the known ways out';
    const { file, keyAt } = first;
    yield { code: 'policy-no-control', file, at: keyAt(['spec', 'profile']), message, hint };
  } else if (rulings.every(({ mode }) => mode !== 'deny')) {
    const message =
      'every control of every policy only audits or warns, so that none of them denies anything';
    const { file, keyAt } = first;
    yield {
      ...{ code: 'policy-only-watches' as const, file, at: keyAt(['spec', 'mode']), message },
      hint: 'mode: deny, or none, blocks',
    };
  }
}

/** Policies that let alone whatever they speak of. */
export function* emptyPolicies(reading: Reading): Iterable<FileError> {
  const wider = widerThan(reading);
  for (const document of reading.policies) {
    const { match, exclude } = document.value.spec;
    if (exclude === undefined || !isWithin(match ?? {}, exclude, reading, wider)) continue;
    const message = '"exclude" lets alone all that this Policy speaks of, so that it never says anything';
    const { file, keyAt } = document;
    const hint = 'name fewer, or remove the document';
    yield { code: 'policy-void', file, at: keyAt(['spec', 'exclude']), message, hint };
  }
}

/** Whether it is certain that whatever one match means the other means too. Of images, labels and containers it never is: they are read more strictly where they let off. */
function isWithin(
  { subjects, actions, hosts }: Match,
  outer: Match,
  { actionsOf }: Reading,
  wider: ReturnType<typeof widerThan>,
): boolean {
  if ((outer.images ?? outer.labels ?? outer.containers) !== undefined) return false;
  const meant = new Set(outer.subjects);
  const asked = (actions ?? ['*']).flatMap(actionsOf);
  const done = new Set(outer.actions?.flatMap(actionsOf));
  return (
    (outer.subjects === undefined ||
      meant.has('*') ||
      subjects?.every((subject) => [...wider(subject)].some((one) => meant.has(one))) === true) &&
    (outer.actions === undefined || (asked.length > 0 && asked.every((action) => done.has(action)))) &&
    (outer.hosts === undefined || hosts?.every((host) => outer.hosts?.includes(host)) === true)
  );
}

/** Controls whose demand another Policy makes of every request, or a harder one. */
export function* weakerControls({ policies, exceptions }: Reading): Iterable<FileError> {
  // Where an exception lets off the one, the other still denies.
  const patterns = [...new Set(exceptions.flatMap(({ value }) => value.spec.rules))];
  const isFirm = (policy: string, control: string) =>
    !patterns.some((pattern) => mayLetOff(pattern, policy, control));
  const everywhere = new Map<string, { readonly of: Of<'Policy'>; readonly ruling: Ruling }[]>();
  const rulings = policies.map((document) => ({ document, own: rulingsOf(document.value) }));
  for (const { document, own } of rulings) {
    const { match, exclude } = document.value.spec;
    if (match !== undefined || exclude !== undefined) continue;
    for (const ruling of own) {
      if (ruling.mode !== 'deny') continue;
      const known = everywhere.get(ruling.control) ?? [];
      everywhere.set(ruling.control, known);
      // The first of those that demand the same, and few: a set for everybody is one of few documents.
      const isNew = !known.some((other) => isAsHard(other.ruling, ruling));
      if (known.length < mostCompared && isNew && isFirm(document.value.metadata.name, ruling.control))
        known.push({ of: document, ruling });
    }
  }
  for (const { document, own } of rulings) {
    for (const ruling of own) {
      if (!ruling.own) continue;
      const harder = everywhere
        .get(ruling.control)
        ?.find(({ of, ruling: other }) => of !== document && isAsHard(other, ruling));
      if (harder === undefined) continue;
      const { of, ruling: other } = harder;
      const place = other.own ? ['spec', 'controls', ruling.control] : ['spec', 'profile'];
      const where = `${word(of.value.metadata.name)}, at ${of.file}:${of.lineAt(place)},`;
      const message = `${word(ruling.control)} says nothing here: the Policy ${where} demands as much or more of every request`;
      const { file, keyAt } = document;
      yield {
        ...{ code: 'control-void' as const, file, at: keyAt(['spec', 'controls', ruling.control]), message },
        hint: 'every Policy must pass, so one cannot loosen another: only an Exception can',
      };
    }
  }
}

const mostCompared = 20;

/** Controls of a limit, of which a lower one breaks whatever a higher one does. */
const limits = new Set(['memory', 'memorySwap', 'cpus', 'pids', 'shmSize']);

/** Whether it is certain that what breaks `other` breaks `one` too. */
function isAsHard(one: Ruling, other: Ruling): boolean {
  if (one.control !== other.control) return false;
  if (JSON.stringify(one.parameters) === JSON.stringify(other.parameters)) return true;
  if (!limits.has(one.control)) return false;
  const mine = limitOf(one);
  const its = limitOf(other);
  return mine.max <= its.max && (mine.required || !its.required);
}

function limitOf({ parameters: { max, required } }: Ruling) {
  return { max: typeof max === 'number' ? max : Infinity, required: required === true };
}
