import type { SetDocument } from '../../policy/schema.ts';
import type { FileError } from '../fileerror.ts';
import type { Path } from '../places.ts';
import { suggest } from '../suggest.ts';
import { didYouMean, word } from '../word.ts';
import { knownActions, type Reading, warning } from './reading.ts';

/** Patterns of actions that match none, so that what is said of them never comes into effect. */
export function* unknownActions({ documents, actionsOf }: Reading): Iterable<FileError> {
  for (const document of documents) {
    for (const { path, patterns, also = [] } of actionsIn(document.value)) {
      for (const [index, pattern] of patterns.entries()) {
        if (actionsOf(pattern).length > 0 || also.includes(pattern)) continue;
        const message = `${word(pattern)} is the name of no action`;
        yield warning('action-unknown', document, [...path, index], message, hintOf(pattern));
      }
    }
  }
}

interface Patterns {
  readonly path: Path;
  readonly patterns: readonly string[];
  /** What is known here alone. */
  readonly also?: readonly string[];
}

/** Everywhere in a document where actions stand. */
function actionsIn(document: SetDocument): readonly Patterns[] {
  switch (document.kind) {
    case 'Policy': {
      const { match, exclude, controls } = document.spec;
      return [
        ...inMatch(['spec', 'match'], match),
        ...inMatch(['spec', 'exclude'], exclude),
        ...deniedBy(controls?.['actions']),
      ];
    }
    case 'Access':
      return (['allow', 'deny'] as const).flatMap((list) =>
        document.spec[list].map(({ actions }, index) => ({
          path: ['spec', list, index, 'actions'],
          patterns: actions,
        })),
      );
    case 'Exception':
      return inMatch(['spec', 'match'], document.spec.match);
    default:
      return [];
  }
}

function inMatch(path: Path, match: { readonly actions?: readonly string[] | undefined } | undefined) {
  return match?.actions === undefined ? [] : [{ path: [...path, 'actions'], patterns: match.actions }];
}

/** What a start from a checkpoint is to the control `actions` beside its own name. */
const restoring = ['checkpoint.restore', 'checkpoint.*'];

function deniedBy(control: unknown): readonly Patterns[] {
  // Parsed by the control's own schema.
  const { deny = [] } = (control ?? {}) as { deny?: readonly { actions: readonly string[] }[] };
  return deny.map(({ actions }, index) => ({
    path: ['spec', 'controls', 'actions', 'deny', index, 'actions'],
    patterns: actions,
    also: restoring,
  }));
}

/** Words of the command line for those of the API. */
const verbs: Readonly<Record<string, string>> = {
  rm: 'delete',
  rmi: 'delete',
  remove: 'delete',
  ls: 'list',
  ps: 'list',
  run: 'create',
  cp: 'archive_put',
};

const whole: Readonly<Record<string, string>> = {
  'container.exec': 'exec.*',
  'image.build': 'build',
  'image.rm': 'image.delete',
  'system.prune': '*.prune',
};

const kinds = [...new Set(knownActions.map((action) => action.replace(/\..*$/, '')))];

function hintOf(pattern: string): string {
  const [kind = '', verb = ''] = pattern.split('.');
  const known = whole[pattern] ?? (knownActions.includes(kind) && verb === '*' ? kind : undefined);
  if (known !== undefined) return didYouMean(known);
  const meant = kinds.includes(kind) ? kind : suggest(kind, kinds);
  if (meant === undefined)
    return 'an action is a kind and a verb, as in container.create, image.pull, volume.delete';
  const own = knownActions.filter((action) => action.startsWith(`${meant}.`));
  const verbsOf = own.map((action) => action.slice(meant.length + 1));
  const near = [verb, verbs[verb] ?? ''].find((one) => one === '*' || verbsOf.includes(one));
  const closest = near ?? suggest(verb, verbsOf);
  if (own.length === 0) return didYouMean(meant);
  return closest === undefined ? `known here: ${own.join(', ')}` : didYouMean(`${meant}.${closest}`);
}
