import type { SetDocument } from '../../policy/schema.ts';
import type { FileError } from '../fileerror.ts';
import type { Path } from '../places.ts';
import { suggest } from '../suggest.ts';
import { didYouMean, word } from '../word.ts';
import { type Reading, warning } from './reading.ts';

/** More pairs of a group that is not defined and one that is are not held against each other. */
const mostPairs = 200_000;

/**
 * Groups that no Subjects document defines, where one of nearly the same name is defined. Others may come from tokens,
 * of which nobody knows the groups.
 */
export function* nearGroups({ documents, subjects }: Reading): Iterable<FileError> {
  const defined = new Set(subjects.flatMap(({ value }) => Object.keys(value.spec.groups)));
  if (defined.size === 0) return;
  const names = [...defined];
  const found = new Map<string, string | undefined>();
  for (const document of documents) {
    for (const { path, subject } of subjectsIn(document.value)) {
      const group = /^group:(?!system:)([^*]+)$/.exec(subject)?.[1];
      if (group === undefined || defined.has(group)) continue;
      if (!found.has(group)) {
        if (found.size * names.length > mostPairs) return;
        found.set(group, nearOf(group, names));
      }
      const near = found.get(group);
      if (near === undefined) continue;
      const message = `no Subjects document has the group ${word(group)}; a token may bring it`;
      yield warning('group-unknown', document, path, message, didYouMean(`group:${near}`));
    }
  }
}

/** The group that is likely meant. Names that differ by a number or by their last letter are of a series: team-a, team-b. */
function nearOf(group: string, names: readonly string[]): string | undefined {
  const near = group.length < 4 ? undefined : suggest(group, names);
  if (near === undefined || near.length < 4) return undefined;
  const isSeries =
    near.replace(/\d+/g, '') === group.replace(/\d+/g, '') || near.slice(0, -1) === group.slice(0, -1);
  return isSeries ? undefined : near;
}

/** Every place of a document where subjects stand. */
function* subjectsIn(document: SetDocument): Iterable<{ readonly path: Path; readonly subject: string }> {
  for (const [path, subjects = []] of listsIn(document))
    for (const [index, subject] of subjects.entries()) yield { path: [...path, index], subject };
}

function listsIn(document: SetDocument): readonly (readonly [Path, readonly string[] | undefined])[] {
  switch (document.kind) {
    case 'Policy':
      return [
        [['spec', 'match', 'subjects'], document.spec.match?.subjects],
        [['spec', 'exclude', 'subjects'], document.spec.exclude?.subjects],
      ];
    case 'Subjects':
      return Object.entries(document.spec.groups).map(([group, { members }]) => [
        ['spec', 'groups', group, 'members'],
        members,
      ]);
    case 'Exception':
      return [[['spec', 'match', 'subjects'], document.spec.match.subjects]];
    default:
      return [[['spec', 'subjects'], document.spec.subjects]];
  }
}
