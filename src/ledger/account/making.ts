import { ownedBy } from '../../model/obligation.ts';
import { imageName } from '../imageName.ts';
import type { DecisionRecord, SettledRecord } from '../record.ts';
import type { Made } from './tally.ts';

/** A thing that was made. */
export interface Thing {
  /** Docker's word. */
  readonly kind: string;
  /** The daemon's; of a volume its name, of an image its reference in full. */
  readonly id: string;
  /** As asked for; absent: the daemon chose it, or it has none. */
  readonly name?: string | undefined;
}

interface Making {
  readonly counts: readonly Made[];
  /** Of the thing with the new id. */
  readonly kind?: string;
  /** The daemon answers with a stream, of whose success dockerd says nothing: what is not known to have failed counts. */
  readonly streams?: true;
}

/** What comes of an action. Volumes with a name are not here: only the request phase knows which are new, and says so by an obligation. */
const makings: ReadonlyMap<string, Making> = new Map<string, Making>([
  ['container.create', { counts: ['containers'], kind: 'container' }],
  ['network.create', { counts: ['networks'], kind: 'network' }],
  ['exec.create', { counts: ['execs'], kind: 'exec' }],
  ['service.create', { counts: ['services'], kind: 'service' }],
  ['secret.create', { counts: ['secrets'], kind: 'secret' }],
  ['config.create', { counts: ['configs'], kind: 'config' }],
  ['container.commit', { counts: ['images'] }],
  ['image.pull', { counts: ['images'], streams: true }],
  ['image.load', { counts: ['images'], streams: true }],
  ['image.import', { counts: ['images'], streams: true }],
  ['build', { counts: ['builds', 'images'], streams: true }],
]);

/** Actions that make images. */
export const imageActions = [...makings]
  .filter(([, { counts }]) => counts.includes('images'))
  .map(([action]) => action);

/** The parts that an image plays where the request makes it. */
const roles = new Set(['pull', 'import', 'build', 'commit']);

/** What was made by a request that was answered so: how it is counted, and which things it is. */
export function madeBy(
  { action, obligations = [], resource, object }: DecisionRecord,
  { outcome, newId }: Pick<SettledRecord, 'outcome' | 'newId'>,
): { readonly counts: readonly Made[]; readonly things: readonly Thing[] } {
  const { counts = [], kind, streams } = makingOf(action, resource) ?? {};
  if (outcome !== 'done' && (outcome === 'failed' || streams === undefined))
    return { counts: [], things: [] };
  const volumes = ownedBy(obligations)
    .filter((own) => own.kind === 'volume')
    .map(({ kind, name }) => ({ kind, id: name, name }));
  const thing = kind === undefined || newId === undefined ? [] : [{ kind, id: newId, name: resource?.ref }];
  const images = counts.includes('images') ? imagesIn(object) : [];
  return {
    counts: [...counts, ...volumes.map(() => 'volumes' as const)],
    things: [...thing, ...volumes, ...images.map((id) => ({ kind: 'image', id, name: id }))],
  };
}

/** A volume whose name the daemon chose is certainly new. */
const unnamedVolume: Making = { counts: ['volumes'], kind: 'volume' };

function makingOf(action: string, resource: DecisionRecord['resource']): Making | undefined {
  return action === 'volume.create' && resource?.ref === undefined ? unnamedVolume : makings.get(action);
}

function imagesIn(object: DecisionRecord['object']): readonly string[] {
  const images = object?.['images'];
  if (!Array.isArray(images)) return [];
  return images.flatMap(({ role, ref }) =>
    roles.has(role) && typeof ref === 'string' ? [imageName(ref)] : [],
  );
}
