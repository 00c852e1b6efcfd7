import type { SetDocument } from '../../policy/schema.ts';
import type { FileError } from '../fileerror.ts';
import type { ParsedDocument } from '../yaml.ts';
import { beatenGrants, withoutAccess } from './access.ts';
import { unknownActions } from './actions.ts';
import { endings, labelsAlone, unknownRules } from './exceptions.ts';
import { nearGroups } from './groups.ts';
import { emptyPolicies, weakerControls, withoutDenial } from './policies.ts';
import { readingOf, type Warn } from './reading.ts';

/** All kinds, those of the set as a whole first. */
const kinds: readonly Warn[] = [
  withoutDenial,
  withoutAccess,
  emptyPolicies,
  weakerControls,
  unknownActions,
  beatenGrants,
  unknownRules,
  endings,
  labelsAlone,
  nearGroups,
];

/** More of one kind are not shown, nor looked for: they have one cause. */
const most = 100;

/**
 * What is right in every document of a set and yet worth a second look. Pure: it needs nothing but the documents, and
 * the time in milliseconds since 1970.
 */
export function warningsOf(
  documents: readonly ParsedDocument<SetDocument>[],
  now: number,
): readonly FileError[] {
  const reading = readingOf(documents, now);
  return kinds.flatMap((kind) => firstOf(kind(reading), most));
}

function firstOf<T>(items: Iterable<T>, count: number): readonly T[] {
  const first: T[] = [];
  for (const item of items) {
    first.push(item);
    if (first.length === count) break;
  }
  return first;
}
