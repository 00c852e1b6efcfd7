import type { FileError } from '../fileerror.ts';
import { word } from '../word.ts';
import { type Reading, warning } from './reading.ts';

/** Without an Access document everybody may call everything that is known. */
export function* withoutAccess({ access, policies: [first] }: Reading): Iterable<FileError> {
  if (access.length > 0 || first === undefined) return;
  yield warning(
    'access-none',
    first,
    ['kind'],
    'no Access document beside it, so that whoever reaches the daemon may call every action',
    'one with subjects: ["*"] and allow: [{ actions: ["*"] }] says that this is meant',
  );
}

/** Patterns of a grant of which a deny takes every action away, from each of its subjects. */
export function* beatenGrants(reading: Reading): Iterable<FileError> {
  const { access, actionsOf } = reading;
  const denials = deniedActions(reading);
  if (denials.size === 0) return;
  const wider = widerThan(reading);
  for (const document of access) {
    const { subjects, allow } = document.value.spec;
    // Of each subject, what is taken away from all whom it means.
    const taken = subjects.map((subject) => [...wider(subject)].flatMap((one) => denials.get(one) ?? []));
    if (taken.some((some) => some.length === 0)) continue;
    for (const [index, { actions }] of allow.entries()) {
      for (const [place, pattern] of actions.entries()) {
        const granted = actionsOf(pattern);
        const by = taken[0]?.find((some) => some.has(granted[0] ?? ''))?.get(granted[0] ?? '');
        const isTaken = (action: string) => taken.every((some) => some.some((denied) => denied.has(action)));
        if (by === undefined || !granted.every(isTaken)) continue;
        const message = `${word(pattern)} is granted in vain: ${by} denies it to all who are named here`;
        const path = ['spec', 'allow', index, 'actions', place];
        yield warning('grant-void', document, path, message, 'no grant outweighs a deny: remove one of them');
      }
    }
  }
}

/** What is taken away, by the subjects as they are written: each action, and the place of a deny that does it. */
function deniedActions({ access, actionsOf }: Reading): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const denials = new Map<string, Map<string, string>>();
  for (const { value, file, lineAt } of access) {
    for (const [index, { actions }] of value.spec.deny.entries()) {
      const by = `${file}:${lineAt(['spec', 'deny', index, 'actions'])}`;
      const known = new Set(actions.flatMap(actionsOf));
      for (const subject of value.spec.subjects) {
        const denied = denials.get(subject) ?? new Map<string, string>();
        denials.set(subject, denied);
        for (const action of known) if (!denied.has(action)) denied.set(action, by);
      }
    }
  }
  return denials;
}

/** Groups beyond these are not followed, in chains of them that nobody writes. */
const mostGroups = 100;

/**
 * For a subject as it is written, those that mean whomever it means, and maybe more: itself, the groups of which it is
 * a member, however far, and everybody.
 */
export function widerThan({ subjects }: Reading): (subject: string) => ReadonlySet<string> {
  const holders = new Map<string, string[]>();
  for (const { value } of subjects) {
    for (const [group, { members }] of Object.entries(value.spec.groups)) {
      for (const member of members) {
        const known = holders.get(member);
        if (known === undefined) holders.set(member, [group]);
        else known.push(group);
      }
    }
  }
  return (subject) => {
    const wider = new Set(['*']);
    const open = [subject];
    for (let one = open.pop(); one !== undefined && wider.size < mostGroups; one = open.pop()) {
      if (wider.has(one)) continue;
      wider.add(one);
      for (const group of holders.get(one) ?? []) open.push(`group:${group}`);
    }
    return wider;
  };
}
