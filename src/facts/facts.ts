import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { quote } from '../model/printable.ts';
import type { RequestObject } from '../model/request.ts';
import {
  type DaemonDefaults,
  readContainer,
  readExec,
  readInfo,
  readNetworks,
  readVolume,
  type VolumeFacts,
} from '../normalize/answers.ts';
import { fromInspect, needsOf } from '../normalize/inspect.ts';
import { joinedBy, type Reached } from '../normalize/reached.ts';
import { LookUps } from './lookUps.ts';

/** A container as the daemon has stored it. */
export interface StoredContainer {
  readonly id: string;
  readonly name: string;
  readonly object: RequestObject;
  /** Fields with a value that no description knows, by path. */
  readonly unknown: readonly string[];
}

/** How long the daemon's own defaults are remembered, in milliseconds: they change with its configuration alone. */
const defaultsHold = 60_000;

/** Look-ups of one start that are under way at once: volumes may be many. */
const atOnce = 20;

/** More containers than honest ones take part in each other. */
const mostReached = 50;

/** What must be asked of the daemon. */
export class Facts {
  readonly #lookUps: LookUps;
  #defaults: { readonly value: DaemonDefaults; readonly until: number } | undefined;

  /** @param socket path of the daemon's unix socket */
  constructor(socket: string) {
    this.#lookUps = new LookUps(socket);
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
   * joins one that joins a stronger one is as strong.
   *
   * @param until by when, on `performance.now()`
   * @throws Refusal `facts-...`
   */
  async reached({ containers, exec }: Reached, until: number): Promise<readonly StoredContainer[]> {
    const found = new Map<string, StoredContainer>();
    const asked = new Set<string>();
    let next = exec === undefined ? containers : [await this.#containerOf(exec, until)];
    while (next.length > 0) {
      for (const ref of next) asked.add(ref);
      if (asked.size > mostReached) {
        throw new Refusal('facts-too-many', `more than ${mostReached} containers take part in each other.`);
      }
      const stored = await Promise.all(next.map((ref) => this.container(ref, until)));
      for (const one of stored) found.set(one.id, one);
      const joined = new Set(
        stored.flatMap(({ object: { container } }) => (container ? joinedBy(container) : [])),
      );
      next = [...joined].filter((ref) => !asked.has(ref) && !found.has(ref));
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
   * steps: inspect, and beside it once a minute the daemon's defaults; then, all at once, what the container names: its
   * volumes, and its networks where it has them by id. An inspect waits while its container
   * is being started (E: 7 s).
   *
   * @param until by when, on `performance.now()`
   * @throws Refusal `facts-...`
   */
  async container(ref: string, until: number): Promise<StoredContainer> {
    const path = `/containers/${encodeURIComponent(ref)}/json`;
    const [answer, defaults] = await Promise.all([
      this.#lookUps.get(path, until),
      this.#daemonDefaults(until),
    ]);
    if (answer === undefined) {
      throw new Refusal('facts-not-found', `the daemon knows of no container ${quote(ref)}.`);
    }
    const inspected = readContainer(answer);
    const needs = needsOf(inspected);
    const [networks, volumes] = await Promise.all([
      needs.networks ? this.#networks(until) : new Map<string, string>(),
      this.#volumes(needs.volumes, until),
    ]);
    const object = fromInspect(inspected, { defaults, networks, volumes });
    return { id: inspected.id, name: inspected.name, object, unknown: inspected.unknown };
  }

  async #daemonDefaults(until: number): Promise<DaemonDefaults> {
    const known = this.#defaults;
    if (known !== undefined && performance.now() < known.until) return known.value;
    const value = readInfo(await this.#must('/info', until));
    this.#defaults = { value, until: performance.now() + defaultsHold };
    return value;
  }

  async #networks(until: number): Promise<ReadonlyMap<string, string>> {
    return readNetworks(await this.#must('/networks', until));
  }

  /** One that is gone is left out: the daemon makes it anew, as a plain one. */
  async #volumes(names: readonly string[], until: number): Promise<ReadonlyMap<string, VolumeFacts>> {
    const found = new Map<string, VolumeFacts>();
    for (let from = 0; from < names.length; from += atOnce) {
      const answers = names.slice(from, from + atOnce).map(async (name) => {
        const answer = await this.#lookUps.get(`/volumes/${encodeURIComponent(name)}`, until);
        if (answer !== undefined) found.set(name, readVolume(answer));
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
