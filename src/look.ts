import type { Facts, Stored } from './facts/facts.ts';
import type { Hold } from './facts/guard.ts';
import type { HostFiles } from './facts/hostFiles.ts';
import { both, judge, judgeStored } from './judge.ts';
import type { Judged } from './ledger/draft.ts';
import { Refusal } from './model/error.ts';
import { owning } from './model/obligation.ts';
import type { Protect } from './model/protect.ts';
import type { AdmissionRequest, RequestObject } from './model/request.ts';
import type { Subject } from './model/subject.ts';
import { type Known, type Needs, needsOf, withFacts } from './normalize/needs.ts';
import { nameGivenBy, type Reached, reachedBy } from './normalize/reached.ts';
import type { PolicySet } from './policy/compile.ts';
import { dependsOnTarget, evaluate, type Verdict } from './policy/evaluate.ts';
import { hostPathsOf } from './policy/hostMounts.ts';
import type { Around } from './policy/match.ts';

/** Where Bulwark can look beside the request. */
export interface World {
  readonly protect: Protect;
  /** The name of this host; absent: no policy that names hosts means it. */
  readonly host?: string;
  /** Absent: nothing is asked of the daemon, and there is no second gate. */
  readonly facts?: Pick<Facts, 'isOwn' | 'reached' | 'known' | 'guard' | 'execs' | 'ownId' | 'findOwn'>;
  /** Absent: links on the host are not followed. */
  readonly hostFiles?: Pick<HostFiles, 'leads'>;
}

/** For whom and by what a request is judged. */
export interface Judging {
  readonly subject: Subject;
  readonly set: PolicySet;
}

/** What must be seen to before a request may pass that has nothing against it as it is written; at least one of these. */
export interface Look {
  /** Things that it names. */
  readonly needs?: Needs;
  /** What is there and what it acts on: the second gate. */
  readonly reached?: Reached;
  /** A name that a container gets by it. */
  readonly gives?: string;
  /** The container in which Bulwark runs, whose id is not known yet and may stand in the request. */
  readonly own?: string;
  /** The container that it is about, where policies speak of images or labels that only that tells. */
  readonly target?: string;
  /** It binds paths of the host. */
  readonly follows?: true;
  /** Volumes that are the caller's if there are none of these names; among the `needs`. */
  readonly makes?: readonly string[];
}

/** @param makes names of volumes that become the caller's where they are new */
export function lookFor(
  request: AdmissionRequest,
  judging: Judging,
  world: World,
  makes: readonly string[] = [],
): Look | undefined {
  // For policies that judge nothing, nothing is asked.
  const look = judging.set.judges ? lookForPolicies(request, judging, world) : {};
  if (makes.length > 0 && world.facts !== undefined)
    return { ...look, makes, needs: andVolumes(look.needs, makes) };
  for (const _ in look) return look;
  return undefined;
}

function lookForPolicies(request: AdmissionRequest, judging: Judging, world: World): Look {
  return {
    ...(world.facts && lookAtDaemon(request, judging, world.facts, world.protect)),
    ...(mayFollow(judging.set, world) && hostPathsOf(request.object).length > 0 && { follows: true }),
  };
}

function andVolumes({ volumes, images, networks }: Needs = noNeeds, makes: readonly string[]): Needs {
  return { volumes: [...new Set([...volumes, ...makes])], images, networks };
}

const noNeeds: Needs = { volumes: [], images: [], networks: [] };

function lookAtDaemon(
  request: AdmissionRequest,
  judging: Judging,
  facts: NonNullable<World['facts']>,
  { container: own }: Protect,
): Look {
  const needs = needsOf(request.object, judging.set.needs);
  const reached = reachedBy(request);
  const isKnown =
    reached?.exec !== undefined &&
    facts.execs.passes(reached.exec, ownerOf(judging)) &&
    !dependsOnTarget(judging.set, judging.subject, request);
  const gives = nameGivenBy(request);
  const target = reached === undefined ? targetOf(request, judging) : undefined;
  return {
    ...(needs && { needs }),
    ...(reached && !isKnown && { reached }),
    ...(gives !== undefined && { gives }),
    ...(target !== undefined && { target }),
    ...(own !== undefined && facts.ownId === undefined && namesContainer(request) && { own }),
  };
}

/** The container that a request does not reach into and is about all the same, where it matters which that is. */
function targetOf(request: AdmissionRequest, { set, subject }: Judging): string | undefined {
  const { operation, resource } = request;
  if (resource.kind !== 'container' || operation === 'CREATE') return undefined;
  return dependsOnTarget(set, subject, request) ? resource.ref : undefined;
}

function namesContainer({ resource, object }: AdmissionRequest): boolean {
  return resource.ref !== undefined || object.container !== undefined || object.build !== undefined;
}

function mayFollow({ needs }: PolicySet, { hostFiles }: World): boolean {
  return hostFiles !== undefined && needs.has('hostFiles');
}

/** For what a control is told beside the request. */
export function contextOf(subject: Subject, { protect, host, facts }: World, look?: Look): Around {
  return {
    subject,
    protect: facts?.ownId === undefined ? protect : { ...protect, containerId: facts.ownId },
    now: Date.now(),
    ...(host !== undefined && { host }),
    factsToCome: look?.needs !== undefined,
    targetToCome: look?.target !== undefined || look?.reached !== undefined,
  };
}

/** What a look has found, for the decision and its record. */
export interface Seen extends Pick<Judged, 'facts' | 'gate' | 'resourceId' | 'obligations'> {
  /** The request once more with what is behind its names and paths, or as it was judged before. */
  readonly verdict: Verdict;
  /** Where host paths of the request lead, if any leads elsewhere. */
  readonly leads?: RequestObject['leads'];
}

/**
 * Looks at what a request names and reaches, and holds that against the policies. What cannot be looked at does not pass.
 *
 * @param written what was said of the request as it is written
 * @param hold takes the names by which containers are looked up
 * @param until by when, on `performance.now()`
 */
export async function lookAt(
  request: AdmissionRequest,
  written: Verdict,
  look: Look,
  judging: Judging,
  world: World,
  hold: Pick<Hold, 'take' | 'claim'> | undefined,
  until: number,
): Promise<Seen> {
  // Before it is looked whether they are there: of two who ask for the same only the first can have made it.
  const claimed = (look.makes ?? []).filter((name) => hold?.claim(name));
  const asks = [look.needs, look.reached, look.own, look.target].some((part) => part !== undefined);
  const { facts } = world;
  try {
    const [{ object, known: there }, stored, about] = await Promise.all([
      objectWith(request, look, judging, world, until),
      facts && hold && look.reached ? storedBy(look.reached, judging, world, facts, hold, until) : undefined,
      facts && hold && look.target !== undefined
        ? facts.reached({ containers: [], linked: [look.target] }, judging.set.needs, hold, until)
        : undefined,
    ]);
    const known = { ...request, object };
    const { subject, set } = judging;
    const { needs, ...open } = look;
    const made = claimed.filter((name) => there?.volumes.has(name) === false);
    const isNews = needs !== undefined || look.own !== undefined || look.follows !== undefined;
    const context = contextOf(subject, world);
    const verdicts = [
      isNews ? judge(known, set, contextOf(subject, world, open)) : written,
      ...(stored ?? []).map((one) => judgeStored(known, one, set, context)),
      ...(about ? [evaluate(set, known, { ...context, ...(about[0] && { target: about[0].object }) })] : []),
      // Where nothing is there after all, what the request says of itself must do.
      ...(stored?.length === 0 && set.asksForTargets ? [evaluate(set, known, context)] : []),
    ];
    return {
      verdict: verdicts.reduce(both),
      ...(object.leads && { leads: object.leads }),
      ...(asks && { facts: 'asked' as const }),
      ...(stored && { gate: 'stored' as const, ...idOf(request, stored) }),
      ...(made.length > 0 && { obligations: made.map((name) => owning({ kind: 'volume', name })) }),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const verdict = { violations: [error.toViolation()], exceptions: [] };
    return { verdict, ...(asks && { facts: 'failed' as const }) };
  }
}

/** What a request speaks of, with what is behind the names and paths in it. */
async function objectWith(
  { object }: AdmissionRequest,
  { needs, own, follows }: Look,
  { set }: Judging,
  world: World,
  until: number,
): Promise<{ readonly object: RequestObject; readonly known?: Known | undefined }> {
  if (needs === undefined && own === undefined && follows === undefined) return { object };
  const { facts } = world;
  const [known] = await Promise.all([
    needs && facts?.known(needs, until),
    own === undefined ? undefined : facts?.findOwn(own, until),
  ]);
  const found = known === undefined ? object : withFacts(object, known);
  return { object: await withLeads(found, set, world, until), known };
}

/** For the second gate: what a request reaches, as the daemon has it. */
async function storedBy(
  reached: Reached,
  { set }: Judging,
  world: World,
  facts: NonNullable<World['facts']>,
  hold: Pick<Hold, 'take'>,
  until: number,
): Promise<readonly Stored[]> {
  const found = await facts.reached(reached, set.needs, hold, until);
  return Promise.all(
    found.map(async (stored) => ({ ...stored, object: await withLeads(stored.object, set, world, until) })),
  );
}

/** An object with where its host paths lead, if any leads elsewhere. */
async function withLeads(
  object: RequestObject,
  set: PolicySet,
  world: World,
  until: number,
): Promise<RequestObject> {
  const paths = mayFollow(set, world) ? hostPathsOf(object) : [];
  if (paths.length === 0 || world.hostFiles === undefined) return object;
  const leads = await world.hostFiles.leads(paths, until);
  return leads.size === 0 ? object : { ...object, leads };
}

/** For whom, and by which policies, an exec was judged. */
export function ownerOf({ set, subject: { name, groups, method } }: Judging): string {
  return JSON.stringify([set.digest, method, name, groups]);
}

/** The id of the container that the request names, which is looked up before those that it takes part in. */
function idOf({ operation, resource }: AdmissionRequest, [first]: readonly Stored[]) {
  const named = resource.kind === 'container' && operation !== 'CREATE';
  return named && first !== undefined ? { resourceId: first.id } : {};
}
