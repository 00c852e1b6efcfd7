import type { ImageRef } from '../model/image.ts';
import type { Subject } from '../model/subject.ts';
import { matches, matchesFor } from './pattern.ts';

/** A pattern for image references, completed as a reference is. */
interface ImagePattern {
  /** Glob over `registry/repository`. */
  readonly name: string;
  /** Absent: any tag. */
  readonly tag?: string;
  /** Absent: any digest, or none. */
  readonly digest?: string;
}

/**
 * Completes a pattern as the daemon completes a reference: `alpine` is `docker.io/library/alpine` with any
 * tag, `team/*` is `docker.io/team/*`, while `registry.example.com/**` names a registry. What begins with
 * `**` is over all registries.
 */
function parse(pattern: string): ImagePattern {
  const [rest = '', digest] = cut(pattern, pattern.indexOf('@'));
  const colon = rest.lastIndexOf(':');
  const [name = '', tag] = cut(rest, colon > rest.lastIndexOf('/') ? colon : -1);
  return {
    name: complete(name),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

function complete(name: string): string {
  if (name.startsWith('**')) return name;
  const slash = name.indexOf('/');
  if (slash < 0) return `docker.io/library/${name}`;
  const first = name.slice(0, slash);
  if (first === 'index.docker.io') return complete(`docker.io${name.slice(slash)}`);
  if (first === 'docker.io') {
    const path = name.slice(slash + 1);
    return path.includes('/') || path.startsWith('**') ? name : `docker.io/library/${path}`;
  }
  return first === 'localhost' || /[.:]/.test(first) ? name : `docker.io/${name}`;
}

function cut(text: string, at: number): [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The name in a pattern, completed, without its tag and digest: `docker.io/library/alpine` for `alpine:3.*`. */
export function nameIn(pattern: string): string {
  return parse(pattern).name;
}

/**
 * Whether an image reference is one that a pattern speaks of. A pattern with a tag matches no reference
 * by digest alone, of which nobody knows the tag, and one with a digest none without it.
 *
 * @param subject for whom `{subject}` and `{group}` stand; absent: for nobody
 */
export function imageMatches(
  pattern: string,
  { registry, repository, tag, digest }: ImageRef,
  subject?: Subject,
): boolean {
  const wanted = parse(pattern);
  return (
    holds(wanted.name, `${registry}/${repository}`, subject) &&
    (wanted.tag === undefined || (tag !== undefined && holds(wanted.tag, tag, subject))) &&
    (wanted.digest === undefined || (digest !== undefined && holds(wanted.digest, digest, subject)))
  );
}

/** Whether a pattern speaks of any tag of the reference's repository: for a pull or push of all tags. */
export function repositoryMatches(
  pattern: string,
  { registry, repository }: ImageRef,
  subject?: Subject,
): boolean {
  return holds(parse(pattern).name, `${registry}/${repository}`, subject);
}

function holds(pattern: string, text: string, subject: Subject | undefined): boolean {
  return subject === undefined ? matches(pattern, text) : matchesFor(pattern, text, subject);
}
