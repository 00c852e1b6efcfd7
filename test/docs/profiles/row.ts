/** One item of a standard, and what Bulwark does about it. */
export interface Row {
  /** As the standard calls or numbers it. */
  readonly item: string;
  /** What it asks for, in our words. */
  readonly asks: string;
  /** The controls that speak of it; none: it is not covered. */
  readonly controls: readonly string[];
  /** Requests that go against it: whether a profile denies them is what the page says of the profile. */
  readonly against?: readonly Against[];
  /** What to add to `restricted`, as under `controls`, where the profile leaves it to the administrator. */
  readonly add?: Readonly<Record<string, unknown>>;
  /** What differs and why; where it is not covered, why not. */
  readonly differs: string;
}

/** What stands otherwise in the create of a container that passes `restricted`, or another request. */
export type Against =
  | { readonly config?: object; readonly host?: object }
  | { readonly uri: string; readonly body?: object };
