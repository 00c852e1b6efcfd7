import { judge } from './judge.ts';
import { contextOf, type Judging, lookAt, lookFor, type World } from './look.ts';
import type { Violation } from './model/decision.ts';
import { Refusal } from './model/error.ts';
import type { AdmissionRequest } from './model/request.ts';
import type { Subject } from './model/subject.ts';
import type { PolicySet } from './policy/compile.ts';

/** A set whose rules only watch: the controls in force that audit or warn, or another set that is tried beside them. */
export interface Watcher extends Judging {
  readonly isShadow: boolean;
}

const nobody: readonly Watcher[] = [];

/** @param caller as it is identified, without the groups of any set */
export function watchersOf(
  { watching }: PolicySet,
  shadow: PolicySet | undefined,
  caller: Subject,
): readonly Watcher[] {
  if (watching === undefined && shadow === undefined) return nobody;
  return [
    ...(watching === undefined ? [] : [{ set: watching, subject: watching.known(caller), isShadow: false }]),
    ...(shadow === undefined ? [] : [{ set: shadow, subject: shadow.known(caller), isShadow: true }]),
  ];
}

/** Of the time of a decision, looks for the sake of those who only watch may take this much, in milliseconds. */
const longest = 1000;

/** Who only watches holds nobody up by taking names. */
const holdsNothing = { take: () => {}, claim: () => false };

/**
 * What is broken of rules that only watch: by what the request says, and by what it names and reaches where `looks` is
 * true. They deny nothing, so nothing that goes wrong here does either. Never rejects.
 *
 * @param until by when, on `performance.now()`
 */
export async function observe(
  request: AdmissionRequest,
  watchers: readonly Watcher[],
  world: World,
  until: number,
  looks: boolean,
): Promise<readonly Violation[]> {
  const soon = Math.min(until, performance.now() + longest);
  const seen = await Promise.all(
    watchers.map(async (watcher) => {
      const found = await see(request, watcher, world, soon, looks).catch(failed);
      return watcher.isShadow
        ? found.map((violation) => ({ ...violation, mode: 'shadow' as const }))
        : found.map((violation) => ({ mode: 'audit' as const, ...violation }));
    }),
  );
  return seen.flat();
}

async function see(
  request: AdmissionRequest,
  watcher: Watcher,
  world: World,
  until: number,
  looks: boolean,
): Promise<readonly Violation[]> {
  const look = lookFor(request, watcher, world);
  const written = judge(request, watcher.set, contextOf(watcher.subject, world, look));
  if (look === undefined || written.violations.length > 0 || !looks) return written.violations;
  return (await lookAt(request, written, look, watcher, world, holdsNothing, until)).verdict.violations;
}

function failed(): readonly Violation[] {
  return [
    new Refusal(
      'internal-error',
      'Bulwark could not hold this request against rules that only watch.',
    ).toViolation(),
  ];
}
