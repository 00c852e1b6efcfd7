/** A query parameter. */
interface Key {
  /** It may come more than once and every value counts; of other parameters the daemon takes the first. */
  readonly many?: true;
  /** Why no policy needs to judge it. Absent: a control judges it. */
  readonly harmless?: string;
}

export interface QueryDescription {
  /** Tells its parameters from those of other actions: `BuildQuery.networkmode`. */
  readonly name: string;
  readonly keys: Readonly<Record<string, Key>>;
}

/** The query parameters of every action that has some. */
export const queries: Readonly<Record<string, QueryDescription>> = {
  'container.create': {
    name: 'CreateQuery',
    keys: {
      name: { harmless: 'a name; names that are protected are looked for in every action' },
      platform: { harmless: 'which variant of the image' },
    },
  },
};
