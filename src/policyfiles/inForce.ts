import { diskState } from './diskState.ts';
import type { FileError } from './fileerror.ts';
import type { LoadResult } from './load.ts';
import { loadSteady, restless, type SteadyResult } from './loadSteady.ts';
import { repeat } from './repeat.ts';

/** Policies that were read whole. */
export type Loaded = Extract<LoadResult, { ok: true }>;

/** How a reload ended. Unchanged: what was read is in force already. Broken: the last good set stays. */
export const outcomes = ['replaced', 'unchanged', 'broken'] as const;

export type Outcome = (typeof outcomes)[number];

/** The policies that decide at present. */
export interface InForce extends Loaded {
  readonly since: Date;
  /** Why the last reload changed nothing: what was read then is broken. Empty: it is in force. */
  readonly problems: readonly FileError[];
  /** Since when the last good set stays in place of something broken. Undefined: what was read last is in force. */
  readonly brokenSince: Date | undefined;
  /** When it was last looked whether the files have changed. Undefined: nobody looks. */
  readonly looked: Date | undefined;
  /** When the files were last read. */
  readonly read: Date;
  /** How many reloads ended so. */
  readonly reloads: Readonly<Record<Outcome, number>>;
}

/** Told how a reload ended, where that was asked for or is news. */
export interface ReloadEvents {
  replaced(loaded: Loaded): void;
  /** What was read is in force already, and has been all along. */
  unchanged(loaded: Loaded): void;
  /** The last good set stays. */
  broken(errors: readonly FileError[]): void;
}

/** Milliseconds from the end of a look at the disk to the next one. */
const pace = 1000;

// In looks:
/** For so long files must have been as they are to be read. */
const still = 2;
/** And for so long where they may be half of what is being written. */
const stillForHalf = 10;
/** What changes for longer is a problem that somebody must hear of. */
const longestChange = 30;
/** What is broken is read again though it has not changed: the disk may have been at fault. */
const nextTry = 10;

/** The policies in force, and how newer ones take their place: all of them between two requests, or none. */
export class Policies {
  readonly #paths: readonly string[];
  readonly #events: ReloadEvents;
  #current: InForce;
  /** The disk as it was read last; undefined: in no state in particular. */
  #disk: string | undefined;
  /** The disk with what may be half of something, which was read and put aside. */
  #aside: string | undefined;
  #sight: Sight = { disk: '', still: 0, changing: 0 };
  /** One after the other, so that the last one asked for is the last one in force. */
  #loading = Promise.resolve();
  #watch: { stop(): void } | undefined;
  #closed = false;

  constructor(
    paths: readonly string[],
    { disk, ...loaded }: Loaded & Partial<Pick<SteadyResult, 'disk'>>,
    events: ReloadEvents,
  ) {
    this.#paths = paths;
    this.#events = events;
    this.#disk = disk;
    const now = new Date();
    const reloads = { replaced: 0, unchanged: 0, broken: 0 };
    const fine = { problems: [], brokenSince: undefined };
    this.#current = { ...loaded, ...fine, since: now, looked: undefined, read: now, reloads };
  }

  get current(): InForce {
    return this.#current;
  }

  /** Looks again and again whether the files have changed, until `close`. It keeps no process alive. */
  watch(every = pace): void {
    this.#current = { ...this.#current, looked: new Date() };
    this.#watch ??= repeat(() => this.look(), every);
  }

  /** Nothing is put into force or told from now on. */
  close(): void {
    this.#closed = true;
    this.#watch?.stop();
  }

  /** Reads the files at once, as they are. */
  reload(): Promise<void> {
    return this.#queue(async () => this.#take(await loadSteady(this.#paths), true));
  }

  /** Looks at the disk once, as `watch` does, and reads what has changed there and is still again. */
  async look(): Promise<void> {
    const disk = await diskState(this.#paths);
    if (this.#closed) return;
    this.#current = { ...this.#current, looked: new Date() };
    const sight = nextSight(this.#sight, disk, disk === this.#disk);
    this.#sight = sight;
    if (sight.changing === longestChange) this.#take(restless(this.#paths, 'changes all the time'), false);
    if (!this.#isDue(sight)) return;
    await this.#queue(async () => {
      // It may have been read meanwhile, for somebody who asked.
      if (this.#isDue(sight)) this.#takeSeen(await loadSteady(this.#paths), sight);
    });
  }

  #isDue(sight: Sight): boolean {
    if (sight.still < still) return false;
    if (sight.disk === this.#disk) return this.#current.problems.length > 0 && sight.still % nextTry === 0;
    return sight.disk !== this.#aside || sight.still >= stillForHalf;
  }

  #queue(load: () => Promise<void>): Promise<void> {
    this.#loading = this.#loading.then(load, load);
    return this.#loading;
  }

  /** Takes what nobody asked for: it may be half of something. */
  #takeSeen(next: SteadyResult, sight: Sight): void {
    if (next.ok && sight.still < stillForHalf && mayBeHalf(next, this.#current)) this.#aside = next.disk;
    else this.#take(next, false);
  }

  #take({ disk, ...next }: SteadyResult, asked: boolean): void {
    if (this.#closed) return;
    this.#disk = disk;
    if (next.ok) this.#takeWhole(next, asked);
    else this.#refuse(next.errors, asked);
  }

  #takeWhole(next: Loaded, asked: boolean): void {
    const { problems } = this.#current;
    const fine = { problems: [], brokenSince: undefined };
    if (isSame(next, this.#current)) {
      this.#end('unchanged', fine);
      if (asked || problems.length > 0) this.#events.unchanged(next);
    } else {
      this.#end('replaced', { ...next, ...fine, since: new Date() });
      this.#events.replaced(next);
    }
  }

  #refuse(errors: readonly FileError[], asked: boolean): void {
    const { problems, brokenSince = new Date() } = this.#current;
    if (!asked && JSON.stringify(errors) === JSON.stringify(problems)) {
      this.#current = { ...this.#current, read: new Date() };
      return;
    }
    this.#end('broken', { problems: errors, brokenSince });
    this.#events.broken(errors);
  }

  #end(outcome: Outcome, change: Partial<InForce>): void {
    const { reloads } = this.#current;
    const counted = { ...reloads, [outcome]: reloads[outcome] + 1 };
    this.#current = { ...this.#current, ...change, read: new Date(), reloads: counted };
  }
}

/** What looks at the disk have found. */
interface Sight {
  readonly disk: string;
  /** How many looks in a row have found the same as the one before. */
  readonly still: number;
  /** How many looks there were since it was last still, or as it was read. */
  readonly changing: number;
}

function nextSight(before: Sight, disk: string, wasRead: boolean): Sight {
  const same = disk === before.disk ? before.still + 1 : 0;
  return { disk, still: same, changing: wasRead || same >= still ? 0 : before.changing + 1 };
}

/** Where the same texts have other names, people would be shown places that are not there. */
function isSame({ set, texts }: Loaded, before: Loaded): boolean {
  return set.digest === before.set.digest && texts.every(({ file }, at) => file === before.texts[at]?.file);
}

/**
 * Whether a set is what somebody would see who looks while it is being written: a file is gone, or the one that is new
 * there ends within a line, as an empty one does.
 */
function mayBeHalf({ texts }: Loaded, before: Loaded): boolean {
  const now = new Map(texts.map(({ file, text }) => [file, text]));
  const known = new Map(before.texts.map(({ file, text }) => [file, text]));
  const isGone = before.texts.some(({ file }) => !now.has(file));
  return isGone || texts.some(({ file, text }) => !text.endsWith('\n') && text !== known.get(file));
}
