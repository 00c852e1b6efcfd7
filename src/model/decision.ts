import type { Subject } from './subject.ts';

/** Where in a policy file something stands. */
export interface Source {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Why a rule that is broken did not deny: its policy's mode, or it is of the set that is only tried. */
export type Watching = 'audit' | 'warn' | 'shadow';

/** A rule that a request breaks, or the reason why a request could not be read. */
export interface Violation {
  /** `policy/control` or `policy/control.part`; for a refusal to read or to answer, its stable code (`docs/errors.md`). */
  readonly rule: string;
  /** What is wrong and why it matters: plain words, from the client's input only what `quote` has made harmless. */
  readonly message: string;
  /** A way out that works, as the user would type it. */
  readonly fix: string;
  /** The offending value, as `quote` shows it. */
  readonly value?: string;
  /** Absent for a refusal: no policy file says it. */
  readonly source?: Source;
  /** Absent: it denies. */
  readonly mode?: Watching;
}

/**
 * The answer to one request. `allow` is true only where every step of the trip said so;
 * a denial has at least one violation.
 */
export interface Decision {
  /** A ULID: sorts by time. */
  readonly id: string;
  readonly allow: boolean;
  /** The action's name, or `unknown` where the request could not be read as far as that. */
  readonly action: string;
  readonly subject: Subject;
  /** What the caller showed to have a name was refused, so that `subject` is nobody. */
  readonly refusedName?: true;
  readonly violations: readonly Violation[];
  /** What it breaks of rules that only watch; absent: nothing. */
  readonly observed?: readonly Violation[];
  /** Names of the Exception documents that let it off rules; absent: none. */
  readonly exceptions?: readonly string[];
}
