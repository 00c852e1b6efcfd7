import type { Code } from '../../model/codes.ts';
import { routes } from '../../normalize/routes.ts';
import { matches } from '../../policy/pattern.ts';
import type { SetDocument } from '../../policy/schema.ts';
import type { FileError } from '../fileerror.ts';
import type { Path } from '../places.ts';
import type { ParsedDocument } from '../yaml.ts';

export type Kind = SetDocument['kind'];

/** A document of a kind. */
export type Of<K extends Kind> = ParsedDocument<SetDocument> & {
  readonly value: Extract<SetDocument, { kind: K }>;
};

/** A whole set as warnings look at it. */
export interface Reading {
  readonly documents: readonly ParsedDocument<SetDocument>[];
  readonly policies: readonly Of<'Policy'>[];
  readonly access: readonly Of<'Access'>[];
  readonly subjects: readonly Of<'Subjects'>[];
  readonly exceptions: readonly Of<'Exception'>[];
  /** In milliseconds since 1970. */
  readonly now: number;
  /** The known actions that a pattern matches: found once, and remembered. */
  actionsOf(pattern: string): readonly string[];
}

/** One kind of warning: what of a set is worth it, in the order of the documents. It is asked for as many as are shown. */
export type Warn = (reading: Reading) => Iterable<FileError>;

/** All actions of dockerd's routes. */
export const knownActions: readonly string[] = [...new Set(routes.map(({ action }) => action))];

export function readingOf(documents: readonly ParsedDocument<SetDocument>[], now: number): Reading {
  const actions = new Map<string, readonly string[]>();
  return {
    documents,
    policies: documents.filter((document) => isOf(document, 'Policy')),
    access: documents.filter((document) => isOf(document, 'Access')),
    subjects: documents.filter((document) => isOf(document, 'Subjects')),
    exceptions: documents.filter((document) => isOf(document, 'Exception')),
    now,
    actionsOf(pattern) {
      const known = actions.get(pattern);
      if (known !== undefined) return known;
      const found = knownActions.filter((action) => matches(pattern, action));
      actions.set(pattern, found);
      return found;
    },
  };
}

function isOf<K extends Kind>(document: ParsedDocument<SetDocument>, kind: K): document is Of<K> {
  return document.value.kind === kind;
}

/** A warning at the value of a path. */
export function warning(
  code: Code,
  { file, valueAt }: Pick<ParsedDocument<SetDocument>, 'file' | 'valueAt'>,
  path: Path,
  message: string,
  hint?: string,
): FileError {
  return { code, file, at: valueAt(path), message, ...(hint !== undefined && { hint }) };
}
