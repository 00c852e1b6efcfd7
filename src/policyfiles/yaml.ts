import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import type { z } from 'zod';
import type { FileError } from './fileerror.ts';
import { keyRange, type Path, placeOf } from './places.ts';
import { suggest } from './suggest.ts';
import { outlawed, syntaxError } from './syntax.ts';
import { FileText, type Span } from './text.ts';
import { readTree, type Tree } from './tree.ts';
import { type Mistake, validate } from './validate.ts';
import { word } from './word.ts';

const version = 'bulwark/v1';

/** Documents of one format: their kinds, and those that are known but not taken. */
export interface Format<T> {
  /** Each kind's whole document, strict, with `apiVersion` and `kind` as literals. */
  readonly kinds: ReadonlyMap<string, z.ZodType<T>>;
  /** Kinds that are known and refused, with the code and the reason as the error's message. */
  readonly refusedKinds?: ReadonlyMap<string, Pick<Mistake, 'code' | 'message'>>;
}

/** A document that its kind's schema accepts. */
export interface ParsedDocument<T> {
  readonly kind: string;
  readonly value: T;
  readonly file: string;
  /** Where the key at a path stands; for what is not written down, the nearest key above it. */
  keyAt(path: Path): Span;
  /** The line of that key alone, which is had sooner. */
  lineAt(path: Path): number;
  /** Where the value at a path stands, or else its key. */
  valueAt(path: Path): Span;
}

export interface ParsedFile<T> {
  /** The documents without a mistake, in order. Use none of them if there are errors. */
  readonly documents: readonly ParsedDocument<T>[];
  /** In the order of the file; one mistake makes one error. */
  readonly errors: readonly FileError[];
  /** How many words, signs and gaps were read. */
  readonly size: number;
}

/** Words, signs and gaps of a file: 1,000 policies have some 180,000, as many rules of Access 24,000; these take two seconds to read. */
export const mostInFile = 300_000;

/** More errors than that of one file are cut: they have one cause, which is not in the last of them. */
const maxErrors = 100;

/**
 * Reads a file's YAML documents, 1.2 core schema, and holds each against the schema of its kind. A pure function
 * of the text, never throws. Empty documents are left out. `file` is the name for errors, already printable.
 */
export function parseDocuments<T>(text: string, file: string, format: Format<T>): ParsedFile<T> {
  const lines = new FileText(text);
  const located = (mistakes: readonly Mistake[]) =>
    inOrder(mistakes).map(({ range, ...rest }) => ({ ...rest, file, at: lines.span(range) }));
  const { tokens, size } = tokensOf(text);
  if (tokens === undefined) {
    const message = `more than ${mostInFile.toLocaleString('en')} words and signs`;
    const hint = 'split it into several files';
    return { documents: [], errors: [{ code: 'policies-too-large', file, message, hint }], size };
  }
  const forbidden = outlawed(text, tokens);
  if (forbidden.length > 0) return { documents: [], errors: located(forbidden), size };
  const results = compose(tokens).map((composed) => readDocument(composed, text, format));
  return {
    documents: results.flatMap((read) => ('tree' in read ? [parsedDocument(read, file, lines)] : [])),
    errors: located(results.flatMap((read) => ('mistakes' in read ? read.mistakes : []))),
    size,
  };
}

/** The tokens of the grammar; undefined where there are too many words for them to be made. */
function tokensOf(text: string): {
  readonly tokens: readonly CST.Token[] | undefined;
  readonly size: number;
} {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let size = 0;
  for (const lexeme of new Lexer().lex(text)) {
    size += 1;
    if (size > mostInFile) return { tokens: undefined, size };
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  tokens.push(...parser.end());
  return { tokens, size };
}

function compose(tokens: readonly CST.Token[]): readonly Document.Parsed[] {
  // Duplicate keys are found by readTree in linear time; the library would compare each key with each.
  const options = { uniqueKeys: false, stringKeys: true, merge: false, prettyErrors: false } as const;
  return [...new Composer({ ...options, version: '1.2', logLevel: 'silent' }).compose(tokens)];
}

type Read<T> =
  | { readonly mistakes: readonly Mistake[] }
  | { readonly tree: Tree; readonly kind: string; readonly value: T }
  | { readonly empty: true };

function readDocument<T>(document: Document.Parsed, text: string, format: Format<T>): Read<T> {
  const broken = syntaxError(document, text);
  if (broken !== undefined) return { mistakes: [broken] };
  const { contents } = document;
  if (contents === null || contents.range[0] === contents.range[1]) return { empty: true };
  const mistakes: Mistake[] = [];
  const tree = readTree(contents, (range, message, hint) => {
    mistakes.push({ code: 'file-syntax', range, message, ...(hint !== undefined && { hint }) });
  });
  const result = readKind(tree, format);
  if ('mistakes' in result) return { mistakes: [...mistakes, ...result.mistakes] };
  return mistakes.length === 0 ? { tree, ...result } : { mistakes };
}

function readKind<T>(tree: Tree, { kinds, refusedKinds }: Format<T>) {
  const apiVersion = wordAt(tree, 'apiVersion');
  if (apiVersion !== undefined && apiVersion !== version) {
    // Another format's document, such as Kubernetes': the rest would all be wrong for this one reason.
    const message = `"apiVersion" must be ${word(version)}, not ${word(apiVersion)}`;
    const hint = apiVersion.startsWith('bulwark/')
      ? 'another version of Bulwark reads it'
      : 'documents of other programs belong outside of the policy folders';
    return stop(tree, 'apiVersion', { code: 'file-invalid', message, hint });
  }
  const names = [...kinds.keys()];
  // Without a kind the first one's schema says that it is missing; a mistyped kind is said by that of the near one.
  const kind = wordAt(tree, 'kind') ?? names[0] ?? '';
  const refused = refusedKinds?.get(kind);
  if (refused !== undefined) return stop(tree, 'kind', refused);
  const schema = kinds.get(kind) ?? kinds.get(suggest(kind, names) ?? '');
  if (schema === undefined) {
    const hint = `known here: ${names.join(', ')}`;
    return stop(tree, 'kind', { code: 'file-invalid', message: `unknown kind ${word(kind)}`, hint });
  }
  const checked = validate(tree, schema);
  return 'value' in checked ? { kind, value: checked.value } : checked;
}

/** One mistake, at the value of a key at the document's top, that makes looking any further useless. */
function stop({ place }: Tree, key: string, said: Omit<Mistake, 'range'>) {
  return { mistakes: [{ ...said, range: placeOf(place, [key])?.value ?? place.value }] };
}

/** A word at the document's top, if it is there and is one. */
function wordAt({ value }: Tree, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof found === 'string' ? found : undefined;
}

/** By place; of those at one place the first that was found, since the others follow from it. */
function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  const byStart = new Map<number, Mistake>();
  for (const mistake of mistakes) {
    if (!byStart.has(mistake.range[0])) byStart.set(mistake.range[0], mistake);
  }
  return [...byStart.values()].sort((a, b) => a.range[0] - b.range[0]).slice(0, maxErrors);
}

function parsedDocument<T>(
  { tree, kind, value }: { readonly tree: Tree; readonly kind: string; readonly value: T },
  file: string,
  lines: FileText,
): ParsedDocument<T> {
  return {
    kind,
    value,
    file,
    keyAt: (path) => lines.span(keyRange(tree.place, path)),
    lineAt: (path) => lines.line(keyRange(tree.place, path)),
    valueAt: (path) => lines.span(placeOf(tree.place, path)?.value ?? keyRange(tree.place, path)),
  };
}
