import { z } from 'zod';
import type { ImageUse } from '../model/objects.ts';
import type { AdmissionRequest, RequestObject } from '../model/request.ts';
import type { Subject } from '../model/subject.ts';
import type { Context } from './control.ts';
import { imageMatches, repositoryMatches } from './imagePattern.ts';
import { matches, matchesFor } from './pattern.ts';
import { subjectMatches, subjectPattern } from './subjects.ts';

/** Actions by pattern. What matches none is a warning of `check`: the table of actions is not this floor's. */
export const actionPatterns = z
  .array(
    z
      .string()
      .regex(/^[a-z*][a-z_.*]*$/, 'an action is written as in `container.create`, `container.*` or `*`')
      .meta({ title: 'action' }),
  )
  .min(1, 'name at least one action');

export const subjectPatterns = z.array(subjectPattern).min(1, 'name at least one subject');

/** The keys of `match` and `exclude`, all of which must hold. */
export const matchSchema = z
  .strictObject({
    subjects: subjectPatterns
      .optional()
      .describe('Who asks: `user:alice`, `group:web`, or `*` for everybody.'),
    actions: actionPatterns.optional().describe('What is asked, as in `container.create` or `container.*`.'),
    images: z
      .array(z.string().min(1))
      .min(1, 'name at least one image')
      .optional()
      .describe('Images that the request names, as patterns; without a tag any tag.'),
    labels: z
      .record(z.string().min(1), z.string())
      .refine((labels) => Object.keys(labels).length > 0, { error: 'name at least one label' })
      .optional()
      .describe('Labels that the request states, with patterns of their values. Whoever asks chooses them.'),
    hosts: z
      .array(z.string().min(1))
      .min(1, 'name at least one host')
      .optional()
      .describe('Names of hosts, as `serve --host-name` says them, as patterns.'),
    containers: z
      .array(
        z
          .string()
          .regex(/^[0-9a-f]{64}$/, 'write the whole id, as `docker inspect -f {{.Id}} NAME` tells it'),
      )
      .min(1, 'name at least one container')
      .optional()
      .describe(
        'Containers that exist, by their whole ids: when one is started, reached into or joined, as the daemon has it. What is made anew has another id.',
      ),
  })
  .refine((match) => Object.keys(match).length > 0, {
    error: 'say what it speaks of: `subjects`, `actions`, `images`, `labels`, `hosts` or `containers`',
  });

export type Match = z.output<typeof matchSchema>;

/** What is known beside the request. */
export interface Around extends Context {
  /** The time, in milliseconds since 1970: exceptions end. */
  readonly now: number;
  /** The name of this host; absent: it has none of those that policies name. */
  readonly host?: string;
  /** The stored container that the request is about: where it names no image or label, those are meant. */
  readonly target?: RequestObject;
  /** The request is judged once more with its target: what could let it off by that is not held against it before. */
  readonly targetToCome?: boolean;
  /** The id of the stored container that is judged; absent: what a client asks for is. */
  readonly stored?: string;
}

/**
 * Which way a match acts. `tightens`: a rule applies, so what may be meant is meant, and one image or thing is enough.
 * `loosens`: a rule is let off, so all of the images and things must be meant, beyond what a client says of itself.
 */
export type Way = 'tightens' | 'loosens';

/** Whether a match speaks of a caller and an action at all: the part of it that no request changes. */
export function concernsCaller({ subjects, actions }: Match, subject: Subject, action: string): boolean {
  return (
    (subjects === undefined || subjects.some((pattern) => subjectMatches(pattern, subject))) &&
    (actions === undefined || actions.some((pattern) => matches(pattern, action)))
  );
}

/** Whether the rest of a match holds for a request. */
export function holdsFor(match: Match, { object }: AdmissionRequest, around: Around, way: Way): boolean {
  const { images, labels, hosts, containers } = match;
  return (
    (containers === undefined || (around.stored !== undefined && containers.includes(around.stored))) &&
    (hosts === undefined ||
      hosts.some((pattern) => around.host !== undefined && matches(pattern, around.host))) &&
    (images === undefined || imagesHold(images, imagesOf(object, around), around, way)) &&
    (labels === undefined || labelsHold(labels, labelsOf(object, around), around, way))
  );
}

/** Whether a match needs to know what images are, beyond their names. */
export function asksForImages(match: Match | undefined): boolean {
  return match?.images !== undefined;
}

/** Whether a match speaks of what a request may only name by the container that it is about. */
export function asksForTarget(match: Match | undefined): boolean {
  return match?.images !== undefined || match?.labels !== undefined;
}

function imagesOf({ images = [] }: RequestObject, { target }: Around): readonly ImageUse[] {
  return images.length > 0 ? images : (target?.images ?? []);
}

function imagesHold(
  patterns: readonly string[],
  uses: readonly ImageUse[],
  around: Around,
  way: Way,
): boolean {
  const isMeant = (use: ImageUse) =>
    way === 'tightens'
      ? patterns.some((pattern) => mayBe(pattern, use, around))
      : patterns.some((pattern) => isSurely(pattern, use, around));
  if (way === 'tightens') return uses.some(isMeant);
  return uses.length > 0 ? uses.every(isMeant) : around.targetToCome === true;
}

/** Whether an image may be one that a pattern speaks of: by this name, or by any other that it has here. */
function mayBe(pattern: string, { ref, role, allTags, found }: ImageUse, around: Around): boolean {
  const { subject } = around;
  if (found !== undefined && found !== 'absent') {
    const { names, digests } = found;
    if ([...names, ...digests].some((name) => imageMatches(pattern, name, subject))) return true;
    // Without any tag it may be each.
    if (names.length === 0 && digests.some((name) => repositoryMatches(pattern, name, subject))) return true;
  }
  if (ref === undefined) return role === 'load';
  if (allTags ? repositoryMatches(pattern, ref, subject) : imageMatches(pattern, ref, subject)) return true;
  // An id says no name, and nobody has looked what it is.
  return ref.maybeId && role === 'run' && found === undefined && around.factsToCome !== true;
}

/**
 * Whether an image surely is one that a pattern speaks of: by its name, and where the daemon has it by a digest of a
 * repository that the pattern speaks of too, since anybody can put any name on what they built.
 */
function isSurely(pattern: string, { ref, allTags, found }: ImageUse, { subject }: Around): boolean {
  if (ref === undefined || allTags === true || !imageMatches(pattern, ref, subject)) return false;
  if (found === undefined || found === 'absent') return true;
  return found.digests.some((digest) => repositoryMatches(pattern, digest, subject));
}

type Labels = ReadonlyMap<string, string>;

/** The labels of all things of which a request speaks. */
function labelsOf(object: RequestObject, { target }: Around): readonly Labels[] {
  const own = ownLabels(object);
  return own.length > 0 || target === undefined ? own : ownLabels(target);
}

function ownLabels({ container, labels, network, volumes = [], build }: RequestObject): readonly Labels[] {
  // An update says nothing of them.
  const ofContainer = container?.origin === 'update' ? undefined : container?.labels;
  const all = [ofContainer, labels, network?.labels, build?.labels, ...volumes.map((one) => one.labels)];
  return all.filter((one) => one !== undefined);
}

function labelsHold(
  wanted: NonNullable<Match['labels']>,
  things: readonly Labels[],
  { subject, targetToCome = false }: Around,
  way: Way,
): boolean {
  const holds = (labels: Labels) =>
    Object.entries(wanted).every(([key, pattern]) => {
      const value = labels.get(key);
      return value !== undefined && matchesFor(pattern, value, subject);
    });
  if (way === 'tightens') return things.some(holds);
  return things.length > 0 ? things.every(holds) : targetToCome;
}
