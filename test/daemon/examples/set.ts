/** One of the sets below `policies/examples`, and what somebody who is not identified does under it on a real daemon. */
export interface ExampleSet {
  /** The folder. */
  readonly name: string;
  /** What an administrator edits first, as a comment of the files says: texts that are there, and what replaces them. */
  readonly edits?: readonly (readonly [from: string, to: string])[];
  readonly rows: readonly Row[];
}

/** A line or more of shell, after the prelude of `examples.test.ts`. Rows go on where the last one stopped. */
export interface Row {
  readonly does: string;
  readonly run: string;
  /** Something in stdout or stderr. */
  readonly prints?: RegExp;
  /** Rules, all of which the one denial names. Everywhere else no denial may be logged. */
  readonly denied?: readonly string[];
}
