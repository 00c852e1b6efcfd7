import { z } from 'zod';
import type { Present } from './ledger/entry.ts';
import { imageName } from './ledger/imageName.ts';

export interface InventoryOptions {
  /** Asks the daemon, by the time `until` (`performance.now()`); undefined: it knows of no such thing. */
  get(path: string, until: number): Promise<Buffer | undefined>;
  /** Told of all that the daemon has of a kind. */
  present(all: Present): void;
  /** Milliseconds between two looks: at most, and at least. */
  readonly every?: number;
  readonly atLeast?: number;
}

type Things = Present['things'];

interface Listing {
  readonly of: string;
  readonly path: string;
  readonly things: z.ZodType<Things>;
}

const named = z
  .object({ Id: z.string(), Name: z.string() })
  .transform(({ Id, Name }) => ({ id: Id, name: Name }));

/** Of a swarm; a daemon that is in none answers with 503. */
const inSwarm = z
  .object({ ID: z.string(), Spec: z.object({ Name: z.string() }) })
  .transform(({ ID, Spec }) => ({ id: ID, name: Spec.Name }));

const orNone = <T extends z.ZodType>(one: T) =>
  z
    .array(one)
    .nullish()
    .transform((all) => all ?? []);

/** How each kind of thing that somebody can own is listed, by its id in the account (20.10 to 29.7). */
const listings: readonly Listing[] = [
  {
    of: 'container',
    path: '/containers/json?all=1',
    things: orNone(
      z.object({ Id: z.string(), Names: orNone(z.string()) }).transform(({ Id, Names: [name] }) => ({
        id: Id,
        ...(name !== undefined && { name: name.replace(/^\//, '') }),
      })),
    ),
  },
  {
    of: 'volume',
    path: '/volumes',
    things: z
      .object({ Volumes: orNone(z.object({ Name: z.string() })) })
      .transform(({ Volumes }) => Volumes.map(({ Name }) => ({ id: Name }))),
  },
  { of: 'network', path: '/networks', things: orNone(named) },
  {
    of: 'image',
    path: '/images/json',
    things: orNone(z.object({ RepoTags: orNone(z.string()) })).transform((images) =>
      images
        .flatMap(({ RepoTags }) => RepoTags)
        .filter((name) => !name.startsWith('<none>'))
        .map((name) => ({ id: imageName(name) })),
    ),
  },
  { of: 'service', path: '/services', things: orNone(inSwarm) },
  { of: 'secret', path: '/secrets', things: orNone(inSwarm) },
  { of: 'config', path: '/configs', things: orNone(inSwarm) },
];

/** How long the daemon may take to list one kind, in milliseconds: nobody waits. */
const patience = 10_000;

/**
 * Looks now and then what the daemon still has. Most of what goes away does so without a request that names it: by
 * `--rm`, by a prune, with a stack.
 */
export class Inventory {
  readonly #options: InventoryOptions;
  readonly #every: number;
  readonly #atLeast: number;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #looked = Number.NEGATIVE_INFINITY;
  #looking = false;
  /** Something may have gone while it looked. */
  #again = false;
  #stopped = false;

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.#every = options.every ?? 60_000;
    this.#atLeast = options.atLeast ?? 10_000;
  }

  /** Begins, after what is under way has been done; it keeps no process alive. */
  start(): void {
    this.#schedule(0);
  }

  /** Something may have gone. */
  soon(): void {
    if (this.#looking) this.#again = true;
    else this.#schedule(this.#looked + this.#atLeast - performance.now());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The earliest of what is wanted counts. */
  #schedule(delay: number): void {
    const wait = Math.max(0, delay);
    const due = performance.now() + wait;
    if (this.#stopped || due >= this.#due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), wait).unref();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#again = false;
    for (const listing of listings) {
      const asked = Date.now();
      const things = await this.#list(listing);
      if (things !== undefined && !this.#stopped) this.#options.present({ of: listing.of, things, asked });
    }
    this.#looking = false;
    this.#looked = performance.now();
    this.#due = Number.POSITIVE_INFINITY;
    this.#schedule(this.#again ? this.#atLeast : this.#every);
  }

  /** Undefined where the daemon does not say: then nothing is known to be gone. */
  async #list({ path, things }: Listing): Promise<Things | undefined> {
    try {
      const answer = await this.#options.get(path, performance.now() + patience);
      return answer && things.parse(JSON.parse(answer.toString()));
    } catch {
      return undefined;
    }
  }
}
