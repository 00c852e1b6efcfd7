import type { z } from 'zod';
import type { Code } from '../model/codes.ts';
import { explain, type Issue, listed, noMessage } from './explain.ts';
import { knownKeys } from './knownkeys.ts';
import { keyRange, nearestPlace, type Path, placeOf, samePath } from './places.ts';
import { suggest } from './suggest.ts';
import type { Range } from './text.ts';
import type { Place, Tree } from './tree.ts';
import { didYouMean, word } from './word.ts';

/** One mistake in a document. */
export interface Mistake {
  readonly code: Code;
  readonly range: Range;
  readonly message: string;
  readonly hint?: string;
}

type Validated<T> = { readonly value: T } | { readonly mistakes: readonly Mistake[] };

/** Holds a document against its schema: the schema's value, or every mistake at its place. */
export function validate<T>({ value, place }: Tree, schema: z.ZodType<T>): Validated<T> {
  const result = schema.safeParse(value, { error: () => noMessage, reportInput: true });
  if (result.success) return { value: result.data };
  const unknown = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? unknownKeys(issue.path, issue.keys, place, schema) : [],
  );
  const others = result.error.issues
    .filter((issue) => issue.code !== 'unrecognized_keys')
    // A mistyped key is one mistake: that the right one is missing then needs no second error.
    .filter(
      (issue) =>
        placeOf(place, issue.path) !== undefined || !unknown.some(({ means }) => samePath(means, issue.path)),
    )
    .map((issue) => ({
      issue,
      isMissing: placeOf(place, issue.path) === undefined && issue.code !== 'custom',
    }));
  const absent = others.filter(({ isMissing }) => isMissing).map(({ issue }) => issue.path);
  return {
    mistakes: [
      ...unknown.map(({ mistake }) => mistake),
      ...missing(absent, place),
      ...others.filter(({ isMissing }) => !isMissing).map(({ issue }) => invalid(issue, place, schema)),
    ],
  };
}

function unknownKeys(parent: Path, keys: readonly string[], root: Place, schema: z.ZodType) {
  const known = knownKeys(schema, parent);
  return keys.map((key): { readonly mistake: Mistake; readonly means?: Path } => {
    const path = [...parent, key];
    const range = keyRange(root, path);
    const mistake = { code: 'file-unknown-key', range, message: `unknown key ${word(key)}` } as const;
    const near = suggest(key, known);
    if (near === undefined) {
      const below = known.find((one) => knownKeys(schema, [...parent, one]).includes(key));
      if (below !== undefined) return { mistake: { ...mistake, hint: `it belongs into ${word(below)}` } };
      return { mistake: { ...mistake, ...listed(known) } };
    }
    return { mistake: { ...mistake, hint: didYouMean(near) }, means: [...parent, near] };
  });
}

function invalid(issue: Issue, root: Place, schema: z.ZodType): Mistake {
  const place = placeOf(root, issue.path);
  // What a schema's own check says of several keys together may name one that is not there.
  if (place === undefined || issue.code === 'invalid_key')
    return { code: 'file-invalid', range: keyRange(root, issue.path), ...explain(issue, undefined, schema) };
  return { code: 'file-invalid', range: place.value, ...explain(issue, place.written, schema) };
}

/** The keys are not there, so their parent's is marked: one mistake for all that it lacks. */
function missing(paths: readonly Path[], root: Place): readonly Mistake[] {
  const byParent = new Map<Place, string[]>();
  for (const path of paths) {
    const parent = nearestPlace(root, path);
    const names = byParent.get(parent) ?? [];
    byParent.set(parent, names);
    names.push(word(String(path.at(-1) ?? '')));
  }
  return [...byParent].map(([parent, names]) => {
    const first = [...parent.children.values()][0]?.key;
    const message = `missing key${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
    return { code: 'file-invalid', range: parent.key ?? first ?? parent.value, message };
  });
}
