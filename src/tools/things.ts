import { randomBytes } from 'node:crypto';

/** A container that was created on the fake daemon: what the CLI asks of it again. */
export interface MadeContainer {
  readonly id: string;
  readonly name: string;
  /** The body of its creation, as the client sent it. */
  readonly body: Readonly<Record<string, unknown>>;
  running: boolean;
}

export interface MadeThing {
  readonly id: string;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * What the fake daemon remembers, so that it answers as one that did what it was asked: ids that it made up and
 * what was created. Whatever a command names without creating it counts as there, but for networks and volumes
 * of compose, which creates what is missing.
 */
export class Things {
  readonly containers: MadeContainer[] = [];
  readonly networks: MadeThing[] = [];
  readonly volumes: MadeThing[] = [];
  /** Names for which a client looked in a list: compose then asks for an external network by its name. */
  readonly lookedFor = new Set<string>();
  /** A client looked for the parts of a stack: it deploys one, or takes it away. */
  deploysStack = false;
  readonly #ids = new Set<string>();

  /** 64 hexadecimal digits, which are no other thing's. */
  newId(): string {
    const id = randomBytes(32).toString('hex');
    this.#ids.add(id);
    return id;
  }

  /** Whether a text is an id that was made up here, with or without `sha256:`. */
  isOwnId(text: string): boolean {
    return this.#ids.has(text.trim().replace(/^sha256:/, ''));
  }

  container(ref: string): MadeContainer | undefined {
    return found(this.containers, ref);
  }

  network(ref: string): MadeThing | undefined {
    return found(this.networks, ref);
  }
}

/** The latest of its name, or the one whose id begins so. */
function found<T extends MadeThing>(made: readonly T[], ref: string): T | undefined {
  return (
    made.findLast(({ name, id }) => name === ref || id === ref) ??
    made.findLast(({ id }) => ref.length >= 12 && id.startsWith(ref))
  );
}
