import { z } from 'zod';
import { both, judge, judgeStored } from '../../judge.ts';
import { Refusal } from '../../model/error.ts';
import type { FoundImage } from '../../model/objects.ts';
import type { AdmissionRequest, RequestObject } from '../../model/request.ts';
import {
  type Inspected,
  readContainer,
  readImage,
  readNetwork,
  readVolume,
  type VolumeFacts,
} from '../../normalize/answers.ts';
import { fromInspect } from '../../normalize/inspect.ts';
import { type Known, type Needs, needsOf, withFacts } from '../../normalize/needs.ts';
import { type Reached, reachedBy } from '../../normalize/reached.ts';
import type { PolicySet } from '../../policy/compile.ts';
import type { Holding } from '../judgeAlone.ts';

type Read<T> = (bytes: Uint8Array) => T;

/** An answer of the daemon, in its keys, of which only those that matter to a case need to be there. */
function answer<T>(read: Read<T>, filledIn: Readonly<Record<string, unknown>> = {}) {
  return z.record(z.string(), z.unknown()).transform((given, context): T => {
    try {
      return read(new TextEncoder().encode(JSON.stringify({ ...filledIn, ...given })));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      context.addIssue({ code: 'custom', message: error.message.replace(/\.$/, '') });
      return z.NEVER;
    }
  });
}

const container = answer(readContainer, { Id: 'fact'.padEnd(64, '0'), HostConfig: {}, Config: {} });

/** What the daemon would answer in a case, with Docker's keys. */
export const factsSchema = z.strictObject({
  container: container
    .optional()
    .describe(
      'As `docker inspect` shows it: the stored container that a request starts, reaches into or takes part in. Absent: requests are judged as they are written.',
    ),
  image: answer(readImage)
    .optional()
    .describe('As `docker image inspect` shows it: what is known of the image that is run.'),
  volumes: z
    .record(z.string(), answer(readVolume))
    .optional()
    .describe('Volumes that are there, by name, as `docker volume inspect` shows them.'),
  networks: z
    .record(z.string(), answer(readNetwork))
    .optional()
    .describe(
      'Networks that are there, by name, as `docker network inspect` shows them: `{ app: { Id: ... } }`.',
    ),
});

export type Facts = z.output<typeof factsSchema>;

/** What a daemon fills in that was not told otherwise. */
const defaults = { runtime: 'runc', logDriver: 'json-file' };

/** Holds requests against policies as the plugin does, on a daemon that answers its look-ups with the facts of a case. */
export function holdWith(facts: Facts): Holding {
  return (request, set, context, looks) => {
    const needs = neededOf(request.object, set, facts);
    const reached = facts.container && reachedBy(request);
    const written = judge(request, set, { ...context, factsToCome: needs !== undefined });
    if (written.violations.length > 0 || !looks) return written;
    const known = needs ? told(request, needs, facts) : request;
    const named = needs ? judge(known, set, context) : written;
    if (facts.container === undefined || reached === undefined) return named;
    const stored = storedTarget(facts.container, reached, set, facts);
    return both(named, judgeStored(known, stored, set, context));
  };
}

function neededOf(object: RequestObject, { needs }: PolicySet, { image, volumes, networks }: Facts) {
  return (image ?? volumes ?? networks) === undefined ? undefined : needsOf(object, needs);
}

function told(request: AdmissionRequest, needs: Needs, facts: Facts): AdmissionRequest {
  return { ...request, object: withFacts(request.object, knownOf(needs, facts)) };
}

function storedTarget(
  inspected: Inspected,
  { containers, linked = [], exec }: Reached,
  set: PolicySet,
  facts: Facts,
) {
  const object = fromInspect(inspected, defaults);
  const needs = neededOf(object, set, facts);
  return {
    kind: 'container' as const,
    id: inspected.id,
    name: inspected.name || ([...containers, ...linked][0] ?? exec ?? ''),
    object: needs ? withFacts(object, knownOf(needs, facts)) : object,
    unknown: inspected.unknown,
  };
}

function knownOf(needs: Needs, { image, volumes = {}, networks = {} }: Facts): Known {
  const images = image === undefined ? [] : needs.images;
  return {
    volumes: new Map<string, VolumeFacts>(Object.entries(volumes)),
    images: new Map(images.map((ref): [string, FoundImage | 'absent'] => [ref, image ?? 'absent'])),
    networks: new Map(
      needs.networks.flatMap((ref): [string, string][] => {
        const found = Object.entries(networks).find(
          ([name, { id }]) => name === ref || (id !== '' && id.startsWith(ref)),
        );
        return found ? [[ref, found[1].name || found[0]]] : [];
      }),
    ),
  };
}
