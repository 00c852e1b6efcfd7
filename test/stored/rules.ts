import type { AdmissionRequest } from '../../src/model/request.ts';
import { anonymous } from '../../src/model/subject.ts';
import { readContainer, readVolume } from '../../src/normalize/answers.ts';
import { fromInspect } from '../../src/normalize/inspect.ts';
import { type Known, withFacts } from '../../src/normalize/needs.ts';
import type { PolicySet } from '../../src/policy/compile.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Around } from '../../src/policy/match.ts';

export const context: Around = {
  now: 0,
  subject: anonymous,
  protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
};

/** What stands beside the stored container: volumes by name, as `GET /volumes/{name}` has them but in lower case. */
export interface Beside {
  readonly volumes?: Readonly<Record<string, { readonly driver?: string; readonly options?: object }>>;
}

/** The rules that the container of an inspect answer breaks, on a daemon with its own defaults. */
export function rulesOfStored(set: PolicySet, answer: Uint8Array, { volumes = {} }: Beside = {}): string[] {
  const inspected = readContainer(answer);
  const known: Known = {
    images: new Map(),
    networks: new Map(),
    volumes: new Map(
      Object.entries(volumes).map(([name, { driver = 'local', options = {} }]) => [
        name,
        readVolume(Buffer.from(JSON.stringify({ Driver: driver, Options: options }))),
      ]),
    ),
  };
  const stored = fromInspect(inspected, { runtime: 'runc', logDriver: 'json-file' });
  const object = withFacts(stored, known);
  const request: AdmissionRequest = {
    action: 'container.start',
    operation: 'UPDATE',
    resource: { kind: 'container', ref: inspected.name },
    minor: undefined,
    query: new Map(),
    object,
    unknown: inspected.unknown,
  };
  return evaluate(set, request, context).violations.map(({ rule }) => rule);
}
