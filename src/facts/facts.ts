import { Refusal } from '../model/error.ts';
import type { Fact } from '../model/fact.ts';
import type { Message } from '../model/message.ts';
import { quote } from '../model/printable.ts';
import type { RequestObject } from '../model/request.ts';
import {
  type DaemonDefaults,
  readContainer,
  readExec,
  readImage,
  readInfo,
  readNetwork,
  readService,
  readVolume,
} from '../normalize/answers.ts';
import { fromInspect } from '../normalize/inspect.ts';
import { type Known, type Needs, needsOf, withFacts } from '../normalize/needs.ts';
import { joinedBy, type Reached } from '../normalize/reached.ts';
import { fromService } from '../normalize/service.ts';
import { newestMinor } from '../normalize/target.ts';
import { Execs } from './execs.ts';
import { Guard, type Hold } from './guard.ts';
import type { LookUps } from './lookUps.ts';

/** A container or a service as the daemon has stored it. */
export interface Stored {
  readonly kind: 'container' | 'service';
  readonly id: string;
  readonly name: string;
  readonly object: RequestObject;
  /** Fields with a value that no description knows, by path. */
  readonly unknown: readonly string[];
}

/** How long the daemon's own defaults are remembered, in milliseconds: they change with its configuration alone. */
const defaultsHold = 60_000;

/** Look-ups of one kind for one thing that are under way at once: volumes may be many. */
const atOnce = 20;

/** Networks whose names are remembered. */
const mostNetworks = 1000;

/** What none of the policies needs to know of a stored container. */
const noDefaults: DaemonDefaults = { runtime: '', logDriver: '' };

/** More containers than honest ones take part in each other. */
const mostReached = 50;

/** What must be asked of the daemon. */
export class Facts {
  readonly guard = new Guard();
  readonly execs = new Execs();
  readonly #lookUps: Pick<LookUps, 'get' | 'isOwn'>;
  /** A network keeps its name and its id for life. */
  readonly #networkNames = new Map<string, string>();
  #ownId: string | undefined;
  #defaults: { readonly value: DaemonDefaults; readonly until: number } | undefined;

  /** @param lookUps how the daemon is asked, and its answers known to have come through this Bulwark */
  constructor(lookUps: Pick<LookUps, 'get' | 'isOwn'>) {
    this.#lookUps = lookUps;
  }

  /** The id of the container in which Bulwark runs, once it was found: Bulwark ends with that container. */
  get ownId(): string | undefined {
    return this.#ownId;
  }

  /**
   * Finds the container in which Bulwark runs; if there is none of that name, it stays unknown.
   *
   * @param until by when, on `performance.now()`
   * @throws Refusal `facts-...`
   */
  async findOwn(name: string, until: number): Promise<void> {
    const answer = await this.#lookUps.get(`/containers/${encodeURIComponent(name)}/json`, until);
    if (answer !== undefined) this.#ownId = readContainer(answer).id;
  }

  /** Whether a message is a look-up of Bulwark's own, which passes without a record. */
  isOwn(message: Message): boolean {
    return this.#lookUps.isOwn(message);
  }

  /**
   * Returns if the daemon answers and asks this Bulwark about it.
   *
   * @param until by when, on `performance.now()`
   * @throws Refusal `facts-...`
   */
  async probe(until: number): Promise<void> {
    await this.#must('/_ping', until);
  }

  /**
   * The containers that a request reaches, and those whose namespaces or mounts these take part in, however far: who
   * joins one that joins a stronger one is as strong. Links are looked at where they are made alone: they make nobody
   * stronger, and hand over an address and variables. `hold` holds the names by which they were asked for; an exec and
   * its container know each other by id.
   *
   * @param facts what must be known of each
   * @param until by when, on `performance.now()`
   * @throws Refusal `facts-...`, `busy`
   */
  async reached(
    { containers, linked = [], exec, service }: Reached,
    facts: ReadonlySet<Fact>,
    hold: Pick<Hold, 'take'>,
    until: number,
  ): Promise<readonly Stored[]> {
    if (service !== undefined) return this.#service(service, facts, until);
    const found = new Map<string, Stored>();
    const asked = new Set<string>();
    let next = exec === undefined ? containers : [await this.#containerOf(exec, until)];
    let links = linked;
    while (next.length + links.length > 0) {
      await hold.take('used', [...next, ...links], until);
      for (const ref of [...next, ...links]) asked.add(ref);
      if (asked.size > mostReached) {
        throw new Refusal('facts-too-many', `more than ${mostReached} containers take part in each other.`);
      }
      const [must, may] = await Promise.all([
        Promise.all(next.map((ref) => this.container(ref, facts, until))),
        Promise.all(links.map((ref) => this.#containerIfThere(ref, facts, until))),
      ]);
      const stored = [...must, ...may.filter((one) => one !== undefined)];
      for (const one of stored) found.set(one.id, one);
      const joined = new Set(stored.flatMap(({ object }) => joinedBy(object)));
      next = [...joined].filter((ref) => !asked.has(ref) && !found.has(ref));
      links = [];
    }
    return [...found.values()];
  }

  async #containerOf(exec: string, until: number): Promise<string> {
    const answer = await this.#lookUps.get(`/exec/${encodeURIComponent(exec)}/json`, until);
    if (answer === undefined)
      throw new Refusal('facts-not-found', `the daemon knows of no exec ${quote(exec)}.`);
    return readExec(answer);
  }

  /**
   * A container as it is stored, by name, id or a unique beginning of one, as the daemon finds it now. It takes two
   * steps: inspect, and beside it once a minute the daemon's defaults; then, all at once, what the container names. An
   * inspect waits while its container is being started (E: 7 s).
   *
   * @param until by when, on `performance.now()`
   * @throws Refusal `facts-...`
   */
  async container(ref: string, facts: ReadonlySet<Fact>, until: number): Promise<Stored> {
    const stored = await this.#containerIfThere(ref, facts, until);
    if (stored === undefined) {
      throw new Refusal('facts-not-found', `the daemon knows of no container ${quote(ref)}.`);
    }
    return stored;
  }

  async #containerIfThere(ref: string, facts: ReadonlySet<Fact>, until: number): Promise<Stored | undefined> {
    const path = `/containers/${encodeURIComponent(ref)}/json`;
    const [answer, defaults] = await Promise.all([
      this.#lookUps.get(path, until),
      facts.has('defaults') ? this.#daemonDefaults(until) : noDefaults,
    ]);
    if (answer === undefined) return undefined;
    const inspected = readContainer(answer);
    const object = await this.#withFacts(fromInspect(inspected, defaults), facts, until);
    return { kind: 'container', id: inspected.id, name: inspected.name, object, unknown: inspected.unknown };
  }

  /**
   * What is there under names, all at once. A volume that is gone the daemon makes anew, as a plain one; a network that
   * is gone it does not find either.
   *
   * @param until by when, on `performance.now()`
   * @throws Refusal `facts-...`
   */
  async known({ volumes, images, networks }: Needs, until: number): Promise<Known> {
    const [foundVolumes, foundImages, foundNetworks] = await Promise.all([
      this.#each(volumes, (name) => `/volumes/${name}`, readVolume, until),
      this.#each(images, (name) => `/images/${name}/json`, readImage, until),
      this.#networks(networks, until),
    ]);
    const image = (name: string) => foundImages.get(name) ?? 'absent';
    return {
      volumes: foundVolumes,
      images: new Map(images.map((name) => [name, image(name)])),
      networks: foundNetworks,
    };
  }

  /** What a service is and what it was: by the time of the act either may be the one to which it goes back. */
  async #service(ref: string, facts: ReadonlySet<Fact>, until: number): Promise<readonly Stored[]> {
    const answer = await this.#lookUps.get(`/services/${encodeURIComponent(ref)}`, until);
    if (answer === undefined)
      throw new Refusal('facts-not-found', `the daemon knows of no service ${quote(ref)}.`);
    const { name, specs, unknown } = readService(answer);
    return Promise.all(
      specs.map(async (spec) => {
        const object = await this.#withFacts(fromService(spec, newestMinor), facts, until);
        return { kind: 'service', id: '', name, object, unknown } as const;
      }),
    );
  }

  async #withFacts(object: RequestObject, facts: ReadonlySet<Fact>, until: number): Promise<RequestObject> {
    const needs = needsOf(object, facts);
    return needs === undefined ? object : withFacts(object, await this.known(needs, until));
  }

  async #daemonDefaults(until: number): Promise<DaemonDefaults> {
    const known = this.#defaults;
    if (known !== undefined && performance.now() < known.until) return known.value;
    const value = readInfo(await this.#must('/info', until));
    this.#defaults = { value, until: performance.now() + defaultsHold };
    return value;
  }

  async #networks(refs: readonly string[], until: number): Promise<ReadonlyMap<string, string>> {
    const ids = refs.filter((ref) => !this.#networkNames.has(ref));
    const found = await this.#each(ids, (ref) => `/networks/${ref}`, readNetwork, until);
    for (const [ref, { id, name }] of found) {
      // A name, or the beginning of an id, may stand for another one tomorrow.
      if (ref !== id) continue;
      if (this.#networkNames.size >= mostNetworks) this.#networkNames.clear();
      this.#networkNames.set(id, name);
    }
    const nameOf = (ref: string) => this.#networkNames.get(ref) ?? found.get(ref)?.name ?? ref;
    return new Map(refs.map((ref) => [ref, nameOf(ref)]));
  }

  /** What is there of some things, by name; what is not there is left out. */
  async #each<T>(
    names: readonly string[],
    path: (name: string) => string,
    read: (answer: Buffer) => T,
    until: number,
  ): Promise<ReadonlyMap<string, T>> {
    const found = new Map<string, T>();
    for (let from = 0; from < names.length; from += atOnce) {
      const answers = names.slice(from, from + atOnce).map(async (name) => {
        const answer = await this.#lookUps.get(path(encodeURIComponent(name)), until);
        if (answer !== undefined) found.set(name, read(answer));
      });
      await Promise.all(answers);
    }
    return found;
  }

  /** What every daemon has. */
  async #must(path: string, until: number): Promise<Buffer> {
    const answer = await this.#lookUps.get(path, until);
    if (answer !== undefined) return answer;
    throw new Refusal('facts-refused', `the daemon does not know ${quote(path)}.`);
  }
}
