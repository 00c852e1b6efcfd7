import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { compileSet, type Placed, type PolicySet } from '../policy/compile.ts';
import { notYetEnforced, type SetDocument } from '../policy/schema.ts';
import type { FileError } from './fileerror.ts';
import { type Found, fileError, findPolicyFiles, identityOf, shownName } from './find.ts';
import { notYet, policyFormat } from './policyformat.ts';
import { readText } from './readtext.ts';
import { Room } from './room.ts';
import { type DeclaredException, declaredExceptions } from './warnings/unused.ts';
import { warningsOf } from './warnings/warnings.ts';
import { word } from './word.ts';
import { type ParsedDocument, parseDocuments } from './yaml.ts';

export type LoadResult =
  | {
      readonly ok: true;
      readonly set: PolicySet;
      /** The documents, in the order of the digest. */
      readonly documents: readonly DocumentInfo[];
      /** How many files were read. */
      readonly files: number;
      /** What was read, in the order of the digest. */
      readonly texts: readonly PolicyText[];
      readonly warnings: readonly FileError[];
      readonly exceptions: readonly DeclaredException[];
    }
  | { readonly ok: false; readonly errors: readonly FileError[] };

/** What a document says of itself, and where it begins. */
export interface DocumentInfo {
  readonly kind: string;
  readonly name: string;
  readonly description?: string;
  readonly file: string;
  readonly line: number;
}

/** A policy file as it was read. */
export interface PolicyText {
  /** As shown to people. */
  readonly file: string;
  readonly text: string;
}

/**
 * Loads the policy set of folders and files: all of it, or every error that keeps it from being whole.
 * Each path must bring a document, so that a set which lost its files is noticed. The digest is SHA-256
 * over the files' texts in order, whatever they are called. Never throws.
 *
 * @param unenforced what validates and is not enforced yet is an error where requests are to be judged, else a warning
 * @param now by which exceptions have ended, in milliseconds since 1970
 */
export async function loadPolicySet(
  paths: readonly string[],
  unenforced: 'refused' | 'warned' = 'refused',
  now = Date.now(),
): Promise<LoadResult> {
  const errors: FileError[] = [];
  const documents: Document[] = [];
  const texts: PolicyText[] = [];
  const seen = new Set<string>();
  const room = new Room();
  for (const path of paths) {
    const found = await findPolicyFiles(path);
    const read = await readFiles(found.files, seen, room);
    errors.push(...found.errors, ...read.errors);
    documents.push(...read.documents);
    texts.push(...read.texts);
    const broken = found.errors.length + read.errors.length > 0;
    if (!broken && read.documents.length === 0 && !read.repeated) errors.push(noneError(found));
  }
  errors.push(...duplicateNames(documents));
  const isJudged = documents.some(({ kind }) => kind === 'Policy');
  if (!isJudged && errors.length === 0) errors.push(withoutPolicy(documents));
  const inert = documents.flatMap(unenforcedIn);
  if (unenforced === 'refused') errors.push(...inert);
  if (errors.length > 0) return { ok: false, errors };
  const set = compileSet(digestOf(texts), documents.map(placed));
  return {
    ok: true,
    set,
    documents: documents.map(documentInfo),
    files: texts.length,
    texts,
    warnings: [...inert, ...warningsOf(documents, now)],
    exceptions: declaredExceptions(documents),
  };
}

/**
 * The policy set of files that were read before, as the ledger keeps them; undefined where this version does not take
 * them as they are. Never throws.
 */
export function setIn(texts: readonly PolicyText[]): PolicySet | undefined {
  const parsed = texts.map(({ file, text }) => parseDocuments(text, file, policyFormat));
  const documents = parsed.flatMap((file) => file.documents);
  if (parsed.some(({ errors }) => errors.length > 0) || documents.flatMap(unenforcedIn).length > 0)
    return undefined;
  return compileSet(digestOf(texts), documents.map(placed));
}

function digestOf(texts: readonly PolicyText[]): string {
  return createHash('sha256')
    .update(JSON.stringify(texts.map(({ text }) => text)))
    .digest('hex');
}

type Document = ParsedDocument<SetDocument>;

/** Files that are read side by side, since each waits for the disk several times. */
const atOnce = 100;

async function readFiles(files: readonly string[], seen: Set<string>, room: Room) {
  const errors: FileError[] = [];
  const documents: Document[] = [];
  const texts: PolicyText[] = [];
  let repeated = false;
  for (let start = 0; start < files.length && !room.isOver; start += atOnce) {
    const found = await Promise.all(
      files
        .slice(start, start + atOnce)
        .map(async (file) => ({ file, identity: await identityOf(file), read: await readText(file) })),
    );
    for (const { file, identity, read } of found) {
      if (seen.has(identity)) {
        repeated = true;
        continue;
      }
      seen.add(identity);
      if ('error' in read) {
        errors.push(read.error);
        continue;
      }
      // Requests are answered between two files.
      await setImmediate();
      const parsed = parseDocuments(read.text, shownName(file), policyFormat);
      errors.push(...parsed.errors);
      documents.push(...parsed.documents);
      texts.push({ file: shownName(file), text: read.text });
      const over = room.take(read.text.length, parsed.size, parsed.documents.length);
      if (over === undefined) continue;
      errors.push(fileError('policies-too-large', file, over, 'nothing behind it was read'));
      break;
    }
  }
  return { errors, documents, texts, repeated };
}

function noneError({ path, folder, files }: Found): FileError {
  const message =
    folder && files.length === 0
      ? 'no policy file in this folder: it has no *.yaml directly in it'
      : 'no document in it';
  return fileError('policy-none', path, message);
}

/** A set that says nothing of what requests may contain is one that has lost its files. */
function withoutPolicy([first]: readonly Document[]): FileError {
  if (first === undefined) return fileError('policy-none', '.', 'no policies are named');
  const message = 'no Policy document beside it, so that requests may contain anything';
  const hint = 'one with `profile: privileged` says that this is meant';
  return { code: 'policy-none', file: first.file, at: first.keyAt(['kind']), message, hint };
}

/** What stands in a document that this version does not enforce. */
function unenforcedIn({ value, file, keyAt }: Document): readonly FileError[] {
  return notYetEnforced(value).map(({ path, what }) => ({
    code: 'not-yet-enforced',
    file,
    at: keyAt(path),
    message: notYet(what),
  }));
}

function duplicateNames(documents: readonly Document[]): readonly FileError[] {
  const errors: FileError[] = [];
  const first = new Map<string, string>();
  for (const { kind, value, file, valueAt } of documents) {
    const { name } = value.metadata;
    const at = valueAt(['metadata', 'name']);
    const other = first.get(`${kind}/${name}`);
    if (other === undefined) first.set(`${kind}/${name}`, `${file}:${at.line}`);
    else {
      const message = `${word(name)} is the name of another ${kind}, at ${other}`;
      errors.push({ code: 'policy-duplicate-name', file, at, message, hint: 'choose another name' });
    }
  }
  // More have one cause: a file that is there twice.
  return errors.slice(0, 100);
}

function documentInfo({ kind, value, file, lineAt }: Document): DocumentInfo {
  const { name, description } = value.metadata;
  const line = lineAt(['kind']);
  return { kind, name, ...(description !== undefined && { description }), file, line };
}

function placed({ value, file, lineAt }: Document): Placed {
  return { value, source: (path) => ({ file, line: lineAt(path) }) };
}
