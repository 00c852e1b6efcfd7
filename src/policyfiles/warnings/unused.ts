import type { SetDocument } from '../../policy/schema.ts';
import type { FileError } from '../fileerror.ts';
import { policyFormat } from '../policyformat.ts';
import type { Span } from '../text.ts';
import { word } from '../word.ts';
import { type ParsedDocument, parseDocuments } from '../yaml.ts';

/** An Exception of a set, and where its name stands. */
export interface DeclaredException {
  readonly name: string;
  /** On which hosts it lets off anything; absent: on all. */
  readonly hosts?: readonly string[];
  readonly file: string;
  readonly at: Span;
}

/** Days after which an exception that nobody needed is named. */
export const unusedDays = 90;

export function declaredExceptions(
  documents: readonly ParsedDocument<SetDocument>[],
): readonly DeclaredException[] {
  return documents.flatMap(({ value, file, valueAt }) => {
    if (value.kind !== 'Exception') return [];
    const { hosts } = value.spec.match;
    const at = valueAt(['metadata', 'name']);
    return [{ name: value.metadata.name, ...(hosts && { hosts }), file, at }];
  });
}

/** Names of the Exceptions in files as they were stored; of a file that is not read today, none. */
export function exceptionsIn(
  files: readonly { readonly file: string; readonly text: string }[],
): ReadonlySet<string> {
  const documents = files.flatMap(({ file, text }) => parseDocuments(text, file, policyFormat).documents);
  return new Set(documents.flatMap(({ kind, value }) => (kind === 'Exception' ? [value.metadata.name] : [])));
}

/**
 * Exceptions that nobody needed for so long.
 *
 * @param before those of the set that was in force then: a younger one has had no time to be needed
 * @param used those that were needed since
 * @param isHere whether a pattern of a host means the one whose account it is
 */
export function unusedExceptions(
  declared: readonly DeclaredException[],
  before: ReadonlySet<string>,
  used: ReadonlySet<string>,
  isHere: (host: string) => boolean,
): readonly FileError[] {
  return declared
    .filter(({ name, hosts }) => before.has(name) && !used.has(name) && (hosts?.some(isHere) ?? true))
    .map(({ name, file, at }) => ({
      code: 'exception-unused',
      file,
      at,
      message: `no request has needed the exception ${word(name)} for ${unusedDays} days`,
      hint: 'remove it; who needs it will be denied and say so',
    }));
}
