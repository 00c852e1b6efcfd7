import type { z } from 'zod';
import type { Fact } from '../model/fact.ts';
import type { Protect } from '../model/protect.ts';
import type { AdmissionRequest, RequestObject } from '../model/request.ts';
import type { Subject } from '../model/subject.ts';

/** Profiles after the Pod Security Standards; `privileged` has no controls. */
export type Profile = 'baseline' | 'restricted';

/** What a control may look at beside the request. */
export interface Context {
  readonly subject: Subject;
  readonly protect: Protect;
  /**
   * The request is judged once more when the facts that it needs are known: what they can mend, as an image's USER the
   * lack of a --user, is not held against it before.
   */
  readonly factsToCome?: boolean;
}

/** What a control finds; the engine adds the rule's name and its place in the file. */
export interface Finding {
  /** The part of the rule id behind the control's name: `network` in `house/hostNamespaces.network`. */
  readonly part?: string;
  /**
   * What is wrong and why it matters, in one or two plain sentences; begins with the flag as the user
   * typed it. Words of the client stand in it only through `quote` or `printable`.
   */
  readonly message: string;
  /** A way out that works, without a full stop's need of explanation: what to type or whom to ask. */
  readonly fix: string;
  /** The offending value, through `printable`. */
  readonly value?: string;
}

/** A docker command line and what the control says of it under given parameters; run by the tests and shown in the docs. */
export interface Example<P> {
  /** As typed: `docker run --privileged alpine`. Or the request itself where no command makes it. */
  readonly docker?: string;
  readonly request?: { readonly method: string; readonly uri: string; readonly body?: unknown };
  /** Absent: the baseline's. */
  readonly with?: P;
  /** Absent: it passes. Otherwise the parts that break; `''` is the control itself. */
  readonly breaks?: readonly string[];
}

/** A part of a request's object. */
export type Part = keyof RequestObject;

/** A request as a control sees it: nothing of its object but the parts that the control reads. */
export type Seen<R extends Part> = Omit<AdmissionRequest, 'object'> & {
  readonly object: Pick<RequestObject, R>;
};

/**
 * A control: one typed check, and all that Bulwark knows about it. The engine takes its behaviour from
 * here, the JSON Schema its completion, `docs/controls.md` its page and the tests their tables.
 */
export interface Control<P = unknown, R extends Part = Part> {
  /** After the `docker run` flag it speaks of. */
  readonly name: string;
  readonly flags: readonly string[];
  /** What it is about and why it matters: one or two sentences for the reference. */
  readonly about: string;
  /** The parts of a request that it reads; it is asked only where there is one of them. */
  readonly reads: readonly R[] | 'every request';
  /** The described fields that it judges, `HostConfig.Privileged` or `BuildQuery.networkmode`; `Struct.*` for all of a struct. */
  readonly fields: readonly string[];
  /** Parameters beside `mode`, strict, each with a description. */
  readonly parameters: z.ZodObject & z.ZodType<P>;
  /** What it must know of the daemon to judge rightly, under given parameters; absent: nothing. */
  needs?(parameters: P): readonly Fact[];
  /** Its parameters in each profile that has it. */
  readonly profiles: { readonly [name in Profile]?: P };
  /** Pure and total: what the request breaks under these parameters. Never throws; if it does, the request is denied. */
  check(request: Seen<R>, parameters: P, context: Context): readonly Finding[];
  readonly examples: readonly Example<P>[];
}

/** A control whose parameters are known to it alone: only what its own schema gave back may go into `check`. */
export interface AnyControl extends Omit<Control<never>, 'parameters' | 'profiles' | 'examples'> {
  readonly parameters: z.ZodObject;
  readonly profiles: { readonly [name in Profile]?: unknown };
  readonly examples: readonly Example<unknown>[];
}

/** States a control with its parameter type inferred from the schema. */
export function control<P, const R extends Part>(definition: Control<P, R>): Control<P, R> {
  return definition;
}
